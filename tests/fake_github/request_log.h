// The requests to the stand-in GitHub and their outcome, for tests to inspect
// and to wait for.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_REQUEST_LOG_H_
#define MENTIOND_TESTS_FAKE_GITHUB_REQUEST_LOG_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace mentiond::fake_github {

// The limit for which a request was refused.
enum class RefusedBy { kNone, kPrimary, kConcurrent };

// It holds no token.
struct RequestRecord {
  // Path and query as they were sent.
  std::string target;
  // Of a POST.
  std::string body;
  // Where the caller thinks it sends it: "http://127.0.0.1:PORT", or another
  // where it came through a proxy.
  std::string base_url;
  bool graphql = false;
  // Had an If-None-Match header.
  bool conditional = false;

  // From here on known only once it was answered.
  // 0: the connection was closed without a response, by a fault or because
  // the client went away while a fault kept it waiting.
  int status = 0;
  bool client_gone = false;
  bool faulted = false;
  // What it took of its rate limit.
  int64_t points = 0;
  RefusedBy refused_by = RefusedBy::kNone;
};

struct RequestStats {
  int64_t requests = 0;
  int64_t conditional = 0;
  int64_t points = 0;  // of REST
  int64_t graphql_requests = 0;
  int64_t graphql_points = 0;
  std::map<int, int64_t> by_status;
  // Those that were refused for a limit, by which; empty: none ever was.
  std::map<RefusedBy, int64_t> refused;
};

// Safe to use from any thread.
class RequestLog {
 public:
  using Predicate = std::function<bool(const RequestRecord&)>;

  void Add(RequestRecord record);

  // The records kept, oldest first: the last 100,000.
  std::vector<RequestRecord> Records() const;
  // Counted over all.
  RequestStats Stats() const;

  // Waits until `count` of the records kept are as wanted; DeadlineExceeded
  // says how many there were. `predicate` is called with a lock held.
  absl::Status WaitFor(const Predicate& predicate, int64_t count,
                       absl::Duration timeout) const;

  // Forgets records and counts.
  void Clear();

 private:
  mutable absl::Mutex mu_;
  std::deque<RequestRecord> records_ ABSL_GUARDED_BY(mu_);
  RequestStats stats_ ABSL_GUARDED_BY(mu_);
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_REQUEST_LOG_H_
