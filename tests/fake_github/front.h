// The layer in front of GitHub's endpoints: authentication, rate limits,
// conditional requests (ETags), and scripted faults.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_FRONT_H_
#define MENTIOND_TESTS_FAKE_GITHUB_FRONT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "tests/fake_github/api_request.h"
#include "tests/fake_github/faults.h"
#include "tests/fake_github/graphql_api.h"
#include "tests/fake_github/rate_limits.h"
#include "tests/fake_github/repositories.h"
#include "tests/fake_github/request_log.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {

// A response and how to deliver it.
struct Delivery {
  enum class Manner { kWhole, kTruncated, kConnectionClosed };
  Manner manner = Manner::kWhole;
  // Of kTruncated.
  size_t keep_bytes = 0;
  ApiAnswer answer;
};

// Safe to use from any thread.
class Front {
 public:
  using Hook = std::function<void(const RequestRecord&)>;

  // `repositories` must outlive this object.
  Front(const Repositories& repositories, std::shared_ptr<World> world)
      : graphql(repositories),
        repositories_(repositories),
        world_(std::move(world)) {}

  // `socket` is the caller's connection: a hanging request ends early when
  // that closes.
  Delivery Handle(const ApiRequest& request, int socket);

  // Run in the order in which they were added, without a lock held, on the
  // thread of the request. OnRequest: before anything is looked up for the
  // response. OnAnswered: when the response is fixed and before its first byte
  // is sent, so that what the hook changes is not in this response and is sure
  // to be in the client's next one. A hook may add hooks and items.
  void OnRequest(Hook hook);
  void OnAnswered(Hook hook);

  // Tokens whose user is known, and whose points are the user's. Others are
  // somebody each, unless tokens are restricted: then they are "Bad
  // credentials" (401).
  void AddToken(const std::string& token, const std::string& login);
  void SetTokensRestricted(bool restricted);

  // How many points the user of `token` ("" is anonymous) has left until the
  // window ends.
  void SetRemaining(const std::string& token, RateResource resource,
                    int64_t remaining);

  // How many requests of one caller may be under way at a time: GitHub's
  // secondary limit, whose number is 100. 0, the default: any number.
  void SetConcurrentLimit(int64_t limit) { concurrent_limit_ = limit; }

  GraphQlApi graphql;
  RateLimits rate_limits;
  FaultScript faults;
  RequestLog log;

 private:
  struct Caller {
    bool bad_credentials = false;
    // Whom the limits are counted for; "" is anonymous.
    std::string account;
  };
  class UnderWay;

  Caller CallerOf(const std::string& token) const;
  // The response of a fault or an endpoint; fills in the record.
  Delivery Decide(const ApiRequest& request, int socket, RequestRecord& record);
  ApiAnswer AnswerWithinLimits(const ApiRequest& request,
                               RequestRecord& record);
  // Adds the headers of the rate limit after `points` more.
  void Charge(const Caller& caller, RequestRecord& record, int64_t points,
              ApiAnswer& answer);
  std::vector<Hook> Hooks(bool answered) const;

  const Repositories& repositories_;
  const std::shared_ptr<World> world_;
  std::atomic<int64_t> concurrent_limit_ = 0;
  std::atomic<int64_t> last_request_id_ = 0;

  mutable absl::Mutex mu_;
  std::vector<Hook> before_ ABSL_GUARDED_BY(mu_);
  std::vector<Hook> after_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::string> logins_ ABSL_GUARDED_BY(mu_);
  bool tokens_restricted_ ABSL_GUARDED_BY(mu_) = false;
  // Requests by account.
  std::map<std::string, int64_t> under_way_ ABSL_GUARDED_BY(mu_);
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_FRONT_H_
