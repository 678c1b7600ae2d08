// GitHub's REST API as this service uses it: pages of listings by URL, asked
// for as its best citizen would. Equal questions asked at the same time cost
// one request; what was answered before is asked for conditionally; each
// token's requests take turns within its limits; what failed is asked again
// after a wait that all share; redirects are followed within the API's own
// origin.

#ifndef MENTIOND_LIB_GITHUB_GITHUB_CLIENT_H_
#define MENTIOND_LIB_GITHUB_GITHUB_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/coalescer.h"
#include "lib/base/secret.h"
#include "lib/github/failure_memory.h"
#include "lib/github/page_cache.h"
#include "lib/github/quota.h"
#include "lib/github/token_gate.h"
#include "lib/github/types.h"
#include "lib/http/http.h"

namespace mentiond {

struct GitHubClientOptions {
  // No slash at the end; Enterprise Server's is https://HOST/api/v3.
  std::string api_url = "https://api.github.com";
  // GitHub refuses requests that do not say who asks.
  std::string user_agent = "mentiond";
  // GitHub wants a user's requests one after another.
  int requests_at_once_per_token = 1;
  // Of decoded pages.
  size_t cache_bytes = 256 << 20;
  // Between attempts at a question that failed.
  BackoffPolicy retry = {.initial = absl::Seconds(1), .cap = absl::Minutes(1)};
  UniformRandom random = &RealUniformRandom;
};

struct PageQuery {
  Listing listing;
  std::string url;
  Secret token;
  Priority priority = Priority::kLive;
  // Where `url` is below, so that Page::moved_to can be told; empty: not asked.
  std::string repo_url = {};
  // An answer to the same question asked at or after this time will do as well;
  // by default GitHub is always asked.
  absl::Time good_since = absl::InfiniteFuture();
  // But only when nothing could come onto that page any more: it was not the
  // last one, and the latest of its items was minutes old.
  bool only_if_settled = false;
};

// Loop thread only.
class GitHubClient {
 public:
  using PageResult = absl::StatusOr<std::shared_ptr<const Page>>;

  // `transport` and `clock` outlive the client.
  GitHubClient(const asio::any_io_executor& executor, HttpTransport& transport,
               Clock& clock, GitHubClientOptions options = {});

  const std::string& api_url() const { return options_.api_url; }

  // One page. Lasting errors are as StatusOfAnswer says; CANCELLED when the
  // awaiting coroutine is cancelled, which ends its waiting at once and the
  // request when nobody else waits for it. Everything else passes (IsTransient)
  // and has the Delay attached after which to ask again.
  asio::awaitable<PageResult> FetchPage(PageQuery query);

  // What GitHub last said of the token's hourly limit; nullopt: nothing.
  std::optional<RateLimit> RateLimitOf(const Secret& token) const {
    return gates_.RateLimitOf(token.Fingerprint());
  }

  // Calls `joined` when the last request has ended, after all who asked are
  // gone. Before the client is destroyed.
  void Join(std::function<void()> joined) { requests_.Join(std::move(joined)); }

 private:
  asio::awaitable<PageResult> Ask(PageKey key, PageQuery query);
  asio::awaitable<PageResult> AskNow(PageKey key, PageQuery query,
                                     std::shared_ptr<TokenGate> gate);
  HttpRequest MakeRequest(std::string url, const PageQuery& query,
                          const std::string& etag) const;
  absl::StatusOr<std::string> FollowTo(const ResponseMeta& meta) const;
  PageResult Keep(const PageKey& key, const PageQuery& query,
                  const HttpResponse& response, ResponseMeta meta,
                  std::string moved_to, absl::Time asked_at);

  HttpTransport& transport_;
  Clock& clock_;
  const GitHubClientOptions options_;
  const std::string origin_;  // scheme://host[:port]/

  TokenGates gates_;
  PageCache cache_;
  FailureMemory failures_;
  uint64_t last_version_ = 0;

  // The last member: its tasks use all of the above.
  Coalescer<PageKey, PageResult> requests_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_GITHUB_CLIENT_H_
