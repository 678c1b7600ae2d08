// GitHub's REST and GraphQL APIs as this service uses them: pages of listings,
// and queries for pull requests. It is a considerate client: equal requests in
// flight at the same time cost one; cached pages are requested conditionally;
// the requests of one token take turns within its rate limits; failed requests
// are retried after a delay that all callers share; redirects are followed only
// within the API's own origin.

#ifndef MENTIOND_LIB_GITHUB_GITHUB_CLIENT_H_
#define MENTIOND_LIB_GITHUB_GITHUB_CLIENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/coalescer.h"
#include "lib/base/log_limit.h"
#include "lib/base/repo_name.h"
#include "lib/base/secret.h"
#include "lib/github/failure_memory.h"
#include "lib/github/page_cache.h"
#include "lib/github/pull_query.h"
#include "lib/github/quota.h"
#include "lib/github/token_gate.h"
#include "lib/github/types.h"
#include "lib/http/http.h"
#include "lib/metrics/metrics.h"

namespace mentiond {

struct GitHubClientOptions {
  // Without a trailing slash; Enterprise Server's is https://HOST/api/v3.
  std::string api_url = "https://api.github.com";
  // GitHub refuses requests without one.
  std::string user_agent = "mentiond";
  // GitHub wants a user's requests one after another.
  int requests_at_once_per_token = 1;
  // Of a token for which LimitByMinute() was called; see TokenGate.
  int requests_per_minute = 900;
  // Of all tokens. Each may need a connection; further requests wait.
  int requests_at_once = 1000;
  // For decoded listing pages. GraphQL results may take an eighth of it.
  size_t cache_bytes = 256 << 20;
  // Between attempts of a request that failed.
  BackoffPolicy retry = {.initial = absl::Seconds(1), .cap = absl::Minutes(1)};
  UniformRandom random = &RealUniformRandom;
  Metrics* metrics = &Metrics::Unused();
};

struct PageQuery {
  Listing listing = Listing::kIssues;
  std::string url;
  Secret token;
  Priority priority = Priority::kLive;
  // The repository's API URL, which `url` begins with; Page::moved_to is set
  // only where it is given.
  std::string repo_url = {};
  // A cached page serves as well if it was requested or confirmed at or after
  // this time; by default every call sends a request.
  absl::Time good_since = absl::InfiniteFuture();
  // But only if nothing can be added to that page any more: it was not the last
  // one, and its latest item was minutes old.
  bool only_if_settled = false;
  // Of the page only Page::latest is wanted, not its items.
  bool latest_only = false;
};

struct PullQuery {
  RepoName repo;
  // What to read: 1 to kMaxPartsPerQuery parts, or a search.
  std::variant<std::vector<PullRequestPart>, PullSearch> what;
  Secret token;  // not empty: there is no anonymous GraphQL
  Priority priority = Priority::kLive;
  // As PageQuery's.
  absl::Time good_since = absl::InfiniteFuture();
};

// Loop thread only.
class GitHubClient {
 public:
  using PagePtr = std::shared_ptr<const Page>;
  using PageResult = absl::StatusOr<PagePtr>;
  using PullResult = absl::StatusOr<std::shared_ptr<const PullPage>>;

  // `transport` and `clock` outlive the client.
  GitHubClient(const asio::any_io_executor& executor, HttpTransport& transport,
               Clock& clock, GitHubClientOptions options = {});

  const std::string& api_url() const { return options_.api_url; }

  // Fetches one page. Permanent errors are as StatusOfResponse says. CANCELLED
  // when the awaiting coroutine is cancelled, which ends its wait at once, and
  // the request when no other caller waits for it. All other errors are
  // transient (see IsTransient) and have the Delay attached after which to
  // retry.
  asio::awaitable<PageResult> FetchPage(PageQuery query);

  // Sends a GraphQL query. Errors likewise, and as DecodeParts says.
  asio::awaitable<PullResult> FetchPulls(PullQuery query);

  TokenInfo InfoOf(const Secret& token) const {
    return gates_.InfoOf(token.Fingerprint());
  }

  // Has a token keep within the limits per minute, or not any more: one that
  // sends many requests. Others cannot come near them, as their requests follow
  // one another.
  void LimitByMinute(const TokenHash& token, bool limit) {
    gates_.For(token)->LimitByMinute(limit);
  }

  struct Load {
    size_t in_progress = 0;  // requests
    size_t waiting = 0;      // for their turn
    // By Resource: how many tokens have so many tenths left of their quota;
    // the last element: nine to ten.
    std::array<std::array<size_t, 10>, 2> tokens_by_quota = {};
  };
  Load load() const;

  // Calls `joined` when the last request has ended. To be called after all
  // callers are gone, and before the client is destroyed.
  void Join(std::function<void()> joined);

 private:
  // A response that is neither a redirect nor a refusal for a rate limit.
  struct Exchange {
    HttpResponse response;
    ResponseMeta meta;
    absl::Time requested_at;
    std::string moved_to;  // the final URL after permanent redirects; or empty
  };

  // `attempt` sends the request that `key` stands for: it is called with the
  // key and the token's gate, and returns an asio::awaitable<Result>.
  template <typename Result, typename Attempt>
  asio::awaitable<Result> Share(Coalescer<RequestKey, Result>& requests,
                                RequestKey key, Resource resource,
                                Priority priority, Attempt attempt);
  // `key` outlives the call, here and below.
  template <typename Result, typename Attempt>
  asio::awaitable<Result> Try(const RequestKey& key, Resource resource,
                              Priority priority, Attempt attempt);
  asio::awaitable<PageResult> RequestPage(const RequestKey& key,
                                          PageQuery query, TokenGate& gate);
  asio::awaitable<PullResult> RequestPulls(const RequestKey& key,
                                           PullQuery query, TokenGate& gate);
  asio::awaitable<absl::StatusOr<Exchange>> Send(HttpRequest request,
                                                 TokenGate& gate,
                                                 Resource resource,
                                                 Priority priority);
  HttpRequest MakeRequest(std::string url, const Secret& token) const;
  absl::StatusOr<std::string> FollowTo(const ResponseMeta& meta);
  PageResult Keep(const RequestKey& key, const PageQuery& query,
                  Exchange exchange);
  PullResult KeepPulls(const RequestKey& key, const PullQuery& query,
                       Exchange exchange, Quota& quota);
  absl::Status NoteOutcome(const RequestKey& key, Resource resource,
                           const absl::Status& status);
  // `where`: a URL or a repository.
  void LogMalformed(size_t items, const std::string& where);

  HttpTransport& transport_;
  Clock& clock_;
  const GitHubClientOptions options_;
  const std::string origin_;  // scheme://host[:port]/

  TokenGates gates_;
  Turns turns_;
  PageCache<Page> pages_;
  PageCache<PullPage> pulls_;
  FailureMemory failures_;
  // In the place of all that are empty: many repositories lack comments.
  const PagePtr empty_page_ = std::make_shared<Page>(Page{.version = 1});
  uint64_t last_version_ = 1;
  // After a request for which no connection could be made others fail as well,
  // without an attempt: one a second finds out when GitHub is back.
  absl::Status unreachable_;
  absl::Time unreachable_until_ = absl::InfinitePast();
  // Each can come with every request, of ten thousand tokens.
  struct LogLimits {
    LogLimit failures;
    LogLimit rest_limits;
    LogLimit graphql_limits;
    LogLimit foreign_redirects;
    LogLimit foreign_pages;
    LogLimit malformed_items;
  };
  LogLimits log_limits_;

  // The last members: their tasks use all of the above.
  Coalescer<RequestKey, PullResult> pull_requests_;
  Coalescer<RequestKey, PageResult> page_requests_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_GITHUB_CLIENT_H_
