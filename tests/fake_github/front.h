// The layer in front of GitHub's endpoints: authentication, rate limits,
// conditional requests (ETags), and scripted faults.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_FRONT_H_
#define MENTIOND_TESTS_FAKE_GITHUB_FRONT_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "tests/fake_github/api.h"
#include "tests/fake_github/api_request.h"
#include "tests/fake_github/faults.h"
#include "tests/fake_github/graphql_api.h"
#include "tests/fake_github/rate_limits.h"
#include "tests/fake_github/request_log.h"
#include "tests/fake_github/secondary_limits.h"
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

  // `api` and `graphql` must outlive this object.
  Front(const Api& api, const GraphQlApi& graphql,
        std::shared_ptr<World> world);

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

  // Tokens whose user is known. Others are somebody each, called "octocat",
  // unless tokens are restricted: then they are "Bad credentials" (401).
  void AddToken(std::string_view token, std::string_view login);
  void RevokeToken(std::string_view token);
  void SetTokensRestricted(bool restricted);

  // How many points the user of `token` ("" is anonymous) has left until the
  // window ends.
  void SetRemaining(std::string_view token, RateResource resource,
                    int64_t remaining);

  RateLimits& rate_limits() { return rate_limits_; }
  SecondaryLimits& secondary_limits() { return secondary_limits_; }
  FaultScript& faults() { return faults_; }
  RequestLog& log() { return log_; }
  const RequestLog& log() const { return log_; }

 private:
  struct Caller {
    bool bad_credentials = false;
    // Whom the rate limit is counted for; "" is anonymous.
    std::string account;
    std::string login;
  };

  Caller CallerOf(const std::string& token) const;
  // The response of a fault or an endpoint; fills in the record.
  Delivery Decide(const ApiRequest& request, int socket, RequestRecord& record);
  ApiAnswer RefuseConcurrent(const ApiRequest& request, RequestRecord& record);
  ApiAnswer AnswerWithinLimits(const ApiRequest& request,
                               RequestRecord& record);
  ApiAnswer AnswerGraphQl(const ApiRequest& request, const Caller& caller,
                          RequestRecord& record);
  ApiAnswer RateLimitOverview(const std::string& account, int64_t now);
  void Run(const std::vector<Hook>& hooks, const RequestRecord& record);
  std::vector<Hook> Hooks(bool answered) const;

  const Api& api_;
  const GraphQlApi& graphql_;
  const std::shared_ptr<World> world_;
  RateLimits rate_limits_;
  SecondaryLimits secondary_limits_;
  FaultScript faults_;
  RequestLog log_;

  mutable absl::Mutex mu_;
  std::vector<Hook> before_ ABSL_GUARDED_BY(mu_);
  std::vector<Hook> after_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::string, std::less<>> logins_ ABSL_GUARDED_BY(mu_);
  bool tokens_restricted_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_FRONT_H_
