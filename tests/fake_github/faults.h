// Scripted misbehaviour: which requests go wrong, how, and how often.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_FAULTS_H_
#define MENTIOND_TESTS_FAKE_GITHUB_FAULTS_H_

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace mentiond::fake_github {

// A gate that hanging requests wait at. Opened once, for all. It is a file
// descriptor, so that a request can wait for it and for its client's going
// away at the same time.
class Gate {
 public:
  Gate();
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void Open();

  // Waits for Open or for `timeout`; false once the peer of `socket` has
  // closed.
  bool Wait(int socket, absl::Duration timeout) const;

 private:
  const int event_;
};

struct Fault {
  enum class Action {
    kAnswer,    // `status`, `headers` and `body` instead of the real response
    kHang,      // keeps the caller waiting up to `hang`, then responds as usual
    kClose,     // closes the connection without a response
    kTruncate,  // promises the whole body, sends `keep_bytes` of it, closes
  };
  Action action = Action::kAnswer;
  // In the path and query of the requests meant; "" is in all.
  std::string target_contains;
  // In their bodies, for GraphQL queries.
  std::string body_contains = {};
  // Lets so many matching requests pass first.
  int skip = 0;
  // How many requests it hits; nullopt: all from then on.
  std::optional<int> times = 1;

  int status = 502;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::string content_type = "application/json; charset=utf-8";
  absl::Duration hang = absl::Seconds(60);
  size_t keep_bytes = 10;

  static Fault Answer(
      std::string target_contains, int status, std::string body = "",
      std::vector<std::pair<std::string, std::string>> headers = {});
  // 502 with an HTML page, as GitHub's front end responds when its back end
  // does not.
  static Fault HtmlBadGateway(std::string target_contains);
  static Fault Hang(std::string target_contains,
                    absl::Duration at_most = absl::Seconds(60));
  static Fault Close(std::string target_contains);
  static Fault Truncate(std::string target_contains, size_t keep_bytes);
};

// The faults that wait for their requests, in the order in which they were
// added. Safe to use from any thread.
class FaultScript {
 public:
  // A hit, with the gate to wait at where it is a hang.
  struct Hit {
    Fault fault;
    std::shared_ptr<const Gate> gate;
  };

  void Add(Fault fault);

  // The first fault that this request hits, which is used up by it. Each
  // fault counts what it skips by itself.
  std::optional<Hit> Take(const std::string& target, const std::string& body);

  // Forgets all faults and releases hanging requests.
  void Clear();

 private:
  absl::Mutex mu_;
  std::list<Fault> faults_ ABSL_GUARDED_BY(mu_);
  // Of all that hang until the next Clear().
  std::shared_ptr<Gate> gate_ ABSL_GUARDED_BY(mu_) = std::make_shared<Gate>();
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_FAULTS_H_
