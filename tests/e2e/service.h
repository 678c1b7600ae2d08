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

inline absl::Time Deadline() { return absl::Now() + kPatience; }

// Without a token GitHub allows 60 requests an hour.
inline constexpr char kToken[] = "ghp_test";

mentions::v1::SubscribeRequest Request(const std::string& repo = kRepo,
                                       const std::string& user = "octocat",
                                       const std::string& token = kToken);

// How mentiond is started, where that is not as usual.
struct Launch {
  // Empty: the stand-in itself.
  std::string github_api;
  // Polls every 100 ms unless they say otherwise, so that tests need not wait
  // for what comes next.
  std::vector<std::string> flags;
  std::map<std::string, std::string> env;
};

// Constructed it runs; a failure to start ends the test program.
class Service {
 public:
  explicit Service(std::vector<std::string> flags = {});

  // `plan` is called when the stand-in listens and mentiond does not run yet.
  explicit Service(const std::function<Launch(FakeGitHub&)>& plan);

  FakeGitHub& github() { return github_; }
  Subprocess& server() { return *server_; }
  // ADDR:PORT of mentiond.
  const std::string& address() const { return address_; }

  // Opens a stream from within the test, on a connection that all share.
  std::unique_ptr<Stream> Subscribe(const std::string& repo = kRepo,
                                    const std::string& user = "octocat");
  std::unique_ptr<Stream> Subscribe(
      const mentions::v1::SubscribeRequest& request);

  // Ends the server by that signal and starts it again at the same address.
  void RestartServer(int signal);
  // Waits for the end after that signal.
  ExitStatus StopServer(int signal);

  // Runs the sample client with these arguments besides --server, its output
  // appended to a file if one is given.
  std::unique_ptr<Subprocess> RunClient(std::vector<std::string> arguments,
                                        const std::string& output_file = "");

  // The next line of the server's log that has these words. It is read once: a
  // second call waits for the next one.
  std::string WaitForLog(std::string_view words);
  // The same for what says that no stream is left.
  std::string WaitUntilNoStreamIsOpen() { return WaitForLog("; 0 open"); }
  // "http://ADDR:PORT" of the next such line.
  std::string UrlInLog(std::string_view words);
  // All that is left of the log, whose program has ended or will.
  std::string RestOfLog();

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
