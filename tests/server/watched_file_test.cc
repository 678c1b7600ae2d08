// Reading a whole file, and what is left of it in memory.

#include "server/watched_file.h"

#include <sys/stat.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/base/secret.h"
#include "server/certificates.h"
#include "tests/authority.h"
#include "tests/fakes/fake_clock.h"
#include "tests/subprocess.h"
#include "tests/temp_directory.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

TEST(WatchedFileTest, ReadsFilesUpToAMegabyteOrSaysWhyNot) {
  const TempDirectory directory;
  const std::string path = directory / "file";
  for (const size_t size : {0UL, 1UL, 4096UL, 5000UL, kMaxFileBytes}) {
    const std::string text(size, 'x');
    std::ofstream(path) << text;
    EXPECT_EQ(ReadWholeFile(path).value(), text) << size;
  }
  std::ofstream(path) << std::string(kMaxFileBytes + 1, 'x');
  for (const auto& [wrong, why] : {std::pair(path, "file is too large"),
                                   // Nor one that does not say how large it is.
                                   {"/dev/zero", "/dev/zero is too large"},
                                   {directory / "none", "none: No such file"},
                                   {directory.path(), "Is a directory"}}) {
    const absl::Status status = ReadWholeFile(wrong).status();
    EXPECT_TRUE(absl::IsNotFound(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(wrong));
    EXPECT_THAT(std::string(status.message()), HasSubstr(why));
  }
}

// The marked text: many of these. Another program writes it, so that this one
// has it only if it reads it.
constexpr char kMark = '~';

void Write(const std::string& command) {
  const auto shell = Subprocess::Start({"/bin/sh", "-c", command});
  ASSERT_TRUE(shell.ok());
  ASSERT_EQ((*shell)->Wait(absl::Now() + absl::Seconds(60))->code, 0);
}
std::string Marks(int count) {
  return absl::StrCat("head -c ", count, " /dev/zero | tr '\\0' '~'");
}

// How many stretches of a marked text are in this process's memory.
int CountMarks() {
  constexpr int kStretch = 64;
  std::ifstream maps("/proc/self/maps");
  int count = 0;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t at = 0;
    uintptr_t end = 0;
    char dash = 0;
    std::string permissions;
    std::istringstream(line) >> std::hex >> at >> dash >> end >> permissions;
    if (!absl::StartsWith(permissions, "rw")) continue;
    for (int length = 0; at < end; ++at) {
      const bool is_mark = *reinterpret_cast<const volatile char*>(at) == kMark;
      length = is_mark ? length + 1 : 0;
      if (length == kStretch) ++count;
    }
  }
  return count;
}

TEST(WatchedFileTest, NothingIsLeftInMemoryOfWhatWasReadAndReplaced) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizers' own memory is too large to look through";
#endif
  if (const std::string why_not = Authority::WhyNot(); !why_not.empty()) {
    GTEST_SKIP() << why_not;
  }
  const TempDirectory directory;
  const std::string key = directory / "key";
  Write(absl::StrCat(Marks(5000), " > ", key));
  // A pipe does not say its size: the buffer grows.
  const std::string pipe = directory / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto writer = Subprocess::Start(
      {"/bin/sh", "-c", absl::StrCat(Marks(50'000), " > ", pipe)});
  ASSERT_TRUE(writer.ok());
  for (const std::string& path : {key, pipe}) {
    ASSERT_EQ(CountMarks(), 0) << path;
    auto text = ReadWholeFile(path);
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(CountMarks(), 1) << "the text is the only copy: " << path;
    Wipe(*text);
    EXPECT_EQ(CountMarks(), 0) << path;
  }
  // Given a key whose file has more text, which OpenSSL does not look at,
  FakeClock clock;
  const Authority::Pair pair = Authority().Issue("DNS:localhost");
  std::ofstream(directory / "certificate") << pair.certificate;
  std::ofstream(key) << pair.key;
  Write(absl::StrCat(Marks(3000), " >> ", key));
  const auto certificates = Certificates::Load(
      {.certificate = directory / "certificate", .key = key, .client_ca = ""},
      clock);
  ASSERT_TRUE(certificates.ok()) << certificates.status();
  EXPECT_FALSE((*certificates)->TakeChange());
  EXPECT_EQ(CountMarks(), 1);
  // when another one is used, then that is gone.
  std::ofstream(key) << pair.key;
  clock.Advance(absl::Seconds(1));
  EXPECT_TRUE((*certificates)->TakeChange());
  EXPECT_EQ(CountMarks(), 0);
  // Nor does one that is refused leave anything.
  Write(absl::StrCat(Marks(3000), " > ", key));
  clock.Advance(absl::Seconds(1));
  EXPECT_FALSE((*certificates)->TakeChange());
  EXPECT_EQ(CountMarks(), 0);
}

}  // namespace
}  // namespace mentiond
