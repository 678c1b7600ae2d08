// What is left of a token in the server's memory when its streams have ended.

#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

// How often `text` is in the writable memory of a process; -1: it cannot be
// read.
int CountInMemory(pid_t pid, const std::string& text) {
  std::ifstream maps(absl::StrCat("/proc/", pid, "/maps"));
  std::ifstream memory(absl::StrCat("/proc/", pid, "/mem"), std::ios::binary);
  if (!memory) return -1;
  int count = 0;
  for (std::string line; std::getline(maps, line);) {
    uint64_t begin = 0;
    uint64_t end = 0;
    char dash = 0;
    std::string permissions;
    std::istringstream(line) >> std::hex >> begin >> dash >> end >> permissions;
    if (!absl::StartsWith(permissions, "rw")) continue;
    std::string region(end - begin, '\0');
    memory.clear();
    memory.seekg(static_cast<std::streamoff>(begin));
    if (!memory.read(region.data(),
                     static_cast<std::streamsize>(region.size())))
      continue;
    for (size_t at = region.find(text); at != std::string::npos;
         at = region.find(text, at + 1)) {
      ++count;
    }
  }
  return count;
}

TEST(TokenMemoryTest, LittleIsLeftOfATokenWhenItsStreamsHaveEnded) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "AddressSanitizer keeps copies of what is freed";
#endif
  Service service;
  service.github().repo(kRepo).AddPull("mona", "Hello @octocat");
  const auto request =
      Request(kRepo, "octocat", "ghp_0123456789abcdefghijklmnopqrstuvwxyz");
  for (int i = 0; i < 10; ++i) {
    const auto stream = service.Subscribe(request);
    stream->ReadHistory();
    for (int event = 0; event < 2; ++event) stream->Next();
  }
  service.WaitUntilNoStreamIsOpen();
  const int count = CountInMemory(service.server().pid(), request.token());
  if (count < 0) GTEST_SKIP() << "the server's memory cannot be read here";
  std::cout << count << " copies left\n";
  // What gRPC and libcurl leave, see docs/security.md.
  EXPECT_LE(count, 8);
}

}  // namespace
}  // namespace mentiond
