// The whole service for a test: the stand-in GitHub in this process, the real
// mentiond program in another, both on free ports of loopback.

#ifndef MENTIOND_TESTS_E2E_SERVICE_H_
#define MENTIOND_TESTS_E2E_SERVICE_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

#include "tests/e2e/stream.h"
#include "tests/fake_github/fake_github.h"
#include "tests/subprocess.h"

namespace mentiond {

// The repository that most tests subscribe to.
inline constexpr char kRepo[] = "octo/demo";

inline bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// How long a test waits for something that should come at once: long enough
// for a loaded machine under a sanitizer.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

// Without a token GitHub allows 60 requests an hour.
inline constexpr char kToken[] = "ghp_test";

inline absl::Time Deadline() { return absl::Now() + kPatience; }

// How mentiond is started, where that is not as usual.
struct Launch {
  // Empty: the stand-in itself.
  std::string github_api;
  std::vector<std::string> flags = {"--poll_interval=100ms"};
  std::map<std::string, std::string> env;
};

// Constructed it runs; a failure to start ends the test program.
class Service {
 public:
  // Polls fast, so that tests need not wait for what comes next.
  explicit Service(std::vector<std::string> flags = {"--poll_interval=100ms"});

  // `plan` is called when the stand-in listens and mentiond does not run yet.
  explicit Service(const std::function<Launch(FakeGitHub&)>& plan);

  FakeGitHub& github() { return github_; }
  Subprocess& server() { return *server_; }
  // ADDR:PORT of mentiond.
  const std::string& address() const { return address_; }

  // Opens a stream from within the test, with kToken where the request is made
  // here.
  std::unique_ptr<Stream> Subscribe(const std::string& repo,
                                    const std::string& user);
  std::unique_ptr<Stream> Subscribe(
      const mentions::v1::SubscribeRequest& request);

  // Ends the server by that signal and starts it again at the same address.
  void RestartServer(int signal);

  // Runs the sample client with these arguments besides --server.
  std::unique_ptr<Subprocess> RunClient(std::vector<std::string> arguments);
  // The same with its output appended to a file.
  std::unique_ptr<Subprocess> RunClient(std::vector<std::string> arguments,
                                        const std::string& output_file);

  // Waits until the server has said that no stream is left, and returns that
  // line of its log. It is read once: a second call waits for the next one.
  std::string WaitUntilNoStreamIsOpen();

  // Descriptors that the server has open.
  size_t OpenDescriptors() const;

 private:
  void StartServer(const std::string& listen);

  FakeGitHub github_;
  Launch launch_;
  std::unique_ptr<Subprocess> server_;
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_E2E_SERVICE_H_
