#include "lib/github/github_client.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glog/logging.h"

#include "lib/base/status_reason.h"
#include "lib/base/strings.h"
#include "lib/github/decode.h"
#include "lib/github/delay.h"
#include "lib/github/pull_decode.h"
#include "lib/github/response_meta.h"
#include "lib/github/response_status.h"
#include "lib/github/urls.h"

namespace mentiond {
namespace {

constexpr int kMaxRedirects = 5;

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 307 || status == 308;
}
bool IsPermanent(int status) { return status == 301 || status == 308; }

// Items become visible late and clocks differ, but by less.
constexpr absl::Duration kSettled = absl::Minutes(10);

bool IsSettled(const PageCache<Page>::Cached& cached) {
  const std::optional<absl::Time>& latest = cached.page->latest;
  return !cached.page->next_url.empty() && latest &&
         *latest + kSettled < cached.requested_at;
}

// The repository's URL after a page below it that was requested at `requested`
// was found at `found`: the part before what both have in common.
std::string NewRepoUrl(std::string_view repo_url, std::string_view requested,
                       std::string_view found) {
  if (repo_url.empty() ||
      !absl::StartsWith(ToAbsl(requested), ToAbsl(repo_url))) {
    return "";
  }
  absl::string_view base = ToAbsl(found);
  return absl::ConsumeSuffix(&base, ToAbsl(requested.substr(repo_url.size())))
             ? std::string(base)
             : "";
}

// By which GitHub's clock may be ahead of ours: a token that is refused so
// shortly before it expires has expired.
constexpr absl::Duration kClockDifference = absl::Minutes(1);

// A body without an `@`, or a character reference that may stand for one,
// mentions nobody: what a mention would say would only take up the cache. Most
// are of this kind.
void DropBodiesWithoutMentions(std::vector<Item>& items) {
  for (Item& item : items) {
    if (item.body.find_first_of("@&") != std::string::npos) continue;
    for (std::string* text :
         {&item.author, &item.body, &item.url, &item.title}) {
      std::string().swap(*text);  // frees it; an assignment does not
    }
  }
}

// Whether a page has nothing but the time at which it came: the only page of a
// listing without items.
bool IsEmpty(const Page& page) {
  return page.items.empty() && page.skipped == 0 && !page.latest &&
         page.next_url.empty() && page.last_page == 0 && page.moved_to.empty();
}

// The status of a GraphQL response whose HTTP status is not 200. Servers and
// proxies without a GraphQL API say so in different ways.
absl::Status StatusOfGraphQl(const HttpResponse& response) {
  if (response.status == 405 || response.status == 501) {
    return absl::UnimplementedError(absl::StrCat(
        "GitHub's GraphQL API is not available: status ", response.status));
  }
  return StatusOfResponse(response);
}

}  // namespace

GitHubClient::GitHubClient(const asio::any_io_executor& executor,
                           HttpTransport& transport, Clock& clock,
                           GitHubClientOptions options)
    : transport_(transport),
      clock_(clock),
      options_(std::move(options)),
      origin_(OriginOf(options_.api_url)),
      gates_(clock, options_.requests_at_once_per_token,
             options_.requests_per_minute),
      turns_(options_.requests_at_once),
      pages_(options_.cache_bytes),
      pulls_(options_.cache_bytes / 8),
      failures_(options_.retry, options_.random),
      pull_requests_(executor),
      page_requests_(executor) {}

void GitHubClient::Join(std::function<void()> joined) {
  page_requests_.Join([this, joined = std::move(joined)]() mutable {
    pull_requests_.Join(std::move(joined));
  });
}

asio::awaitable<GitHubClient::PageResult> GitHubClient::FetchPage(
    PageQuery query) {
  // It can come out of a Link header, and the token is sent there.
  if (!absl::StartsWith(query.url, origin_) && OriginOf(query.url) != origin_) {
    const auto left_out = log_limits_.foreign_pages.Admit(clock_.Now());
    if (left_out) {
      LOG(WARNING) << "GitHub's next page is not on the API's own origin"
                   << *left_out;
    }
    co_return absl::UnavailableError(
        "GitHub's next page is not on the API's own origin: not followed");
  }
  RequestKey key{query.token.Fingerprint(), std::move(query.url)};
  const PageCache<Page>::Cached* cached = pages_.Find(key);
  if (cached != nullptr && cached->requested_at >= query.good_since &&
      (!query.only_if_settled || IsSettled(*cached))) {
    options_.metrics->CacheHit(/*graphql=*/false);
    co_return cached->page;
  }
  const Priority priority = query.priority;
  auto attempt = [this, query = std::move(query)](const RequestKey& sent,
                                                  TokenGate& gate) mutable {
    return RequestPage(sent, std::move(query), gate);
  };
  co_return co_await Share(page_requests_, std::move(key), Resource::kRest,
                           priority, std::move(attempt));
}

asio::awaitable<GitHubClient::PullResult> GitHubClient::FetchPulls(
    PullQuery query) {
  const auto* parts = std::get_if<std::vector<PullRequestPart>>(&query.what);
  RequestKey key{
      query.token.Fingerprint(),
      parts != nullptr
          ? PartsQuery(query.repo, *parts)
          : SearchQuery(query.repo, std::get<PullSearch>(query.what))};
  const PageCache<PullPage>::Cached* cached = pulls_.Find(key);
  if (cached != nullptr && cached->requested_at >= query.good_since) {
    options_.metrics->CacheHit(/*graphql=*/true);
    co_return cached->page;
  }
  const Priority priority = query.priority;
  auto attempt = [this, query = std::move(query)](const RequestKey& sent,
                                                  TokenGate& gate) mutable {
    return RequestPulls(sent, std::move(query), gate);
  };
  co_return co_await Share(pull_requests_, std::move(key), Resource::kGraphQl,
                           priority, std::move(attempt));
}

// Joins the equal request in flight, or starts `attempt`: not before the delay
// after the last failure is over, and when it is the token's turn.
template <typename Result, typename Attempt>
asio::awaitable<Result> GitHubClient::Share(
    Coalescer<RequestKey, Result>& requests, RequestKey key, Resource resource,
    Priority priority, Attempt attempt) {
  bool sent = false;
  auto result =
      co_await requests.Get(std::move(key), [&](const RequestKey& in_flight) {
        sent = true;
        return Try<Result>(in_flight, resource, priority, std::move(attempt));
      });
  if (!sent) options_.metrics->Coalesced(resource == Resource::kGraphQl);
  if (!result) co_return absl::CancelledError("the request was cancelled");
  co_return *std::move(result);
}

template <typename Result, typename Attempt>
asio::awaitable<Result> GitHubClient::Try(const RequestKey& key,
                                          Resource resource, Priority priority,
                                          Attempt attempt) {
  if (absl::Status failure = failures_.Check(key, clock_.Now());
      !failure.ok()) {
    co_return failure;
  }
  if (clock_.Now() < unreachable_until_) {
    co_return NoteOutcome(key, resource, unreachable_);
  }
  const std::shared_ptr<TokenGate> gate = gates_.For(key.token);
  Rejections& rejections = gate->rejections(resource);
  if (absl::Status rejected = rejections.Check(clock_.Now()); !rejected.ok()) {
    co_return rejected;
  }
  const auto pass = co_await gate->Enter(resource, priority);
  if (!pass.ok()) co_return pass.status();
  // After the token's turn, which costs nothing: so nobody who has to wait for
  // that, or for a limit, keeps others from sending, and tokens take turns.
  auto turn = turns_.TryTake();
  if (!turn) turn = co_await turns_.Take(priority);
  if (!turn) co_return absl::CancelledError("the request was cancelled");
  // While this waited, others may have found out.
  if (absl::Status rejected = rejections.Check(clock_.Now()); !rejected.ok()) {
    co_return rejected;
  }
  Result result = co_await attempt(key, *gate);
  if (absl::IsUnauthenticated(result.status())) {
    if (gate->expires_at() <= clock_.Now() + kClockDifference) {
      absl::Status expired =
          WithReason(absl::UnauthenticatedError("the GitHub token has expired"),
                     "GITHUB_TOKEN_EXPIRED");
      rejections.NoteFinal(expired, clock_.Now());
      co_return expired;
    }
    if (key.token != Secret().Fingerprint()) {
      co_return rejections.Note(result.status(), clock_.Now());
    }
  } else if (result.ok() || !IsTransient(result.status())) {
    rejections.NoteAccepted();
  }
  if (IsWithoutConnection(result.status())) {
    unreachable_ = result.status();
    unreachable_until_ = clock_.Now() + options_.retry.initial;
  }
  absl::Status status = NoteOutcome(key, resource, result.status());
  if (!status.ok()) co_return status;
  co_return result;
}

GitHubClient::Load GitHubClient::load() const {
  Load load = {.in_progress = static_cast<size_t>(turns_.taken())};
  const size_t wanted = page_requests_.size() + pull_requests_.size();
  load.waiting = wanted - std::min(wanted, load.in_progress);
  gates_.ForEachQuota([&](Resource resource, const RateLimit& rate) {
    const int64_t tenths =
        rate.limit > 0 ? rate.remaining * 10 / rate.limit : 0;
    ++load.tokens_by_quota[static_cast<size_t>(resource)][static_cast<size_t>(
        std::clamp<int64_t>(tenths, 0, 9))];
  });
  return load;
}

// Remembers the outcome of an attempt; returns the status for the callers.
absl::Status GitHubClient::NoteOutcome(const RequestKey& key, Resource resource,
                                       const absl::Status& status) {
  if (status.ok() || !IsTransient(status)) {
    failures_.Succeeded(key);
    return status;
  }
  if (DelayOf(status)) return status;  // a limit: the gate remembers it
  absl::Status failure = failures_.Failed(key, status, clock_.Now());
  const std::optional<Delay> delay = DelayOf(failure);
  // When GitHub is down, all requests fail: one line a second says so.
  if (const auto left_out = log_limits_.failures.Admit(clock_.Now())) {
    LOG(WARNING) << "a request to "
                 << (resource == Resource::kRest ? key.request
                                                 : GraphQlUrl(options_.api_url))
                 << " failed, next attempt not before "
                 << (delay ? delay->retry_at : clock_.Now()) << ": " << status
                 << *left_out;
  }
  return failure;
}

// Sends a request within the token's limits, following redirects.
asio::awaitable<absl::StatusOr<GitHubClient::Exchange>> GitHubClient::Send(
    HttpRequest request, TokenGate& gate, Resource resource,
    Priority priority) {
  Quota& quota = gate.quota(resource);
  bool permanently = true;
  for (int hops = 0; hops <= kMaxRedirects; ++hops) {
    const absl::Time requested_at = clock_.Now();
    if (hops > 0) gate.NoteRequest(requested_at);
    absl::StatusOr<HttpResponse> response = co_await transport_.Send(request);
    options_.metrics->Responded(resource == Resource::kGraphQl,
                                response.ok() ? response->status : 0);
    if (!response.ok()) co_return response.status();
    ResponseMeta meta = ParseResponseMeta(response->headers, clock_.Now());
    if (meta.token_expires_at) gate.NoteExpiry(*meta.token_expires_at);
    if (const Limit limit = LimitOf(*response); limit != Limit::kNone) {
      quota.NoteRefusal(meta, limit == Limit::kSecondary, clock_.Now());
      if (const auto left_out = log_limits_.rest_limits.Admit(clock_.Now())) {
        LOG(WARNING) << "GitHub refuses requests for a rate limit: "
                     << StatusOfResponse(*response).message() << *left_out;
      }
      co_return quota.Admit(priority, clock_.Now());
    }
    if (!IsRedirect(response->status)) {
      co_return Exchange{
          .response = *std::move(response),
          .meta = std::move(meta),
          .requested_at = requested_at,
          .moved_to = hops > 0 && permanently ? request.url : std::string()};
    }
    quota.Note(meta.rate_limit, 1, clock_.Now());
    permanently = permanently && IsPermanent(response->status);
    auto next = FollowTo(meta);
    if (!next.ok()) co_return next.status();
    request.url = *std::move(next);
  }
  co_return absl::UnavailableError("GitHub's redirects have no end");
}

asio::awaitable<GitHubClient::PageResult> GitHubClient::RequestPage(
    const RequestKey& key, PageQuery query, TokenGate& gate) {
  Quota& quota = gate.quota(Resource::kRest);
  // A copy: the cache may evict its own meanwhile.
  const PageCache<Page>::Cached* found = pages_.Find(key);
  const PageCache<Page>::Cached cached =
      found == nullptr ? PageCache<Page>::Cached{} : *found;
  HttpRequest request = MakeRequest(key.request, query.token);
  if (!cached.etag.empty()) request.headers.Add("If-None-Match", cached.etag);
  auto exchange =
      co_await Send(std::move(request), gate, Resource::kRest, query.priority);
  if (!exchange.ok()) co_return exchange.status();
  const bool not_modified = exchange->response.status == 304;
  const bool is_free = not_modified && !query.token.empty();
  quota.Note(exchange->meta.rate_limit, is_free ? 0 : 1, clock_.Now());
  if (not_modified && cached.page != nullptr) {
    pages_.Confirm(key, exchange->requested_at);
    co_return cached.page;
  }
  if (absl::Status status = StatusOfResponse(exchange->response);
      !status.ok()) {
    co_return status;
  }
  co_return Keep(key, query, *std::move(exchange));
}

asio::awaitable<GitHubClient::PullResult> GitHubClient::RequestPulls(
    const RequestKey& key, PullQuery query, TokenGate& gate) {
  HttpRequest request = MakeRequest(GraphQlUrl(options_.api_url), query.token);
  request.headers.Add("Content-Type", "application/json");
  request.post_body = key.request;
  auto exchange = co_await Send(std::move(request), gate, Resource::kGraphQl,
                                query.priority);
  if (!exchange.ok()) co_return exchange.status();
  co_return KeepPulls(key, query, *std::move(exchange),
                      gate.quota(Resource::kGraphQl));
}

// Decodes the result of a query, once for all callers, and caches it.
GitHubClient::PullResult GitHubClient::KeepPulls(const RequestKey& key,
                                                 const PullQuery& query,
                                                 Exchange exchange,
                                                 Quota& quota) {
  const HttpResponse& response = exchange.response;
  ResponseMeta& meta = exchange.meta;
  if (response.status != 200) {
    quota.Note(meta.rate_limit, 1, clock_.Now());
    return StatusOfGraphQl(response);
  }
  const auto* parts = std::get_if<std::vector<PullRequestPart>>(&query.what);
  auto decoded = parts != nullptr ? DecodeParts(response.body, *parts)
                                  : DecodeSearch(response.body);
  if (absl::IsResourceExhausted(decoded.status())) {
    const std::string message(decoded.status().message());
    const bool secondary = HasSecondaryLimitWords(message);
    if (const auto left_out = log_limits_.graphql_limits.Admit(clock_.Now())) {
      LOG(WARNING) << "GitHub refuses queries for a rate limit: " << message
                   << *left_out;
    }
    meta.exhausted = !secondary;
    quota.NoteRefusal(meta, secondary, clock_.Now());
    return quota.Admit(query.priority, clock_.Now());
  }
  if (!decoded.ok()) {
    // Queries that GitHub has ended after its time limit cost points, too.
    quota.Note(meta.rate_limit, 1, clock_.Now());
    return decoded.status();
  }
  quota.Note(meta.rate_limit ? meta.rate_limit : decoded->rate_limit,
             decoded->cost, clock_.Now());
  if (decoded->page.skipped > 0) {
    LogMalformed(decoded->page.skipped, query.repo.ToString());
  }
  DropBodiesWithoutMentions(decoded->page.items);
  auto page = std::make_shared<const PullPage>(std::move(decoded->page));
  if (page->unread.empty()) {
    pulls_.Put(key, {page, "", exchange.requested_at});
  }
  return page;
}

void GitHubClient::LogMalformed(size_t items, const std::string& where) {
  if (const auto left_out = log_limits_.malformed_items.Admit(clock_.Now())) {
    LOG(WARNING) << "left out " << items << " malformed items of " << where
                 << *left_out;
  }
}

HttpRequest GitHubClient::MakeRequest(std::string url,
                                      const Secret& token) const {
  HttpRequest request;
  request.url = std::move(url);
  request.headers.Add("Accept", "application/vnd.github+json");
  request.headers.Add("User-Agent", options_.user_agent);
  request.headers.Add("X-GitHub-Api-Version", "2022-11-28");
  request.bearer = token;
  return request;
}

// The token is sent nowhere but to the API's own origin.
absl::StatusOr<std::string> GitHubClient::FollowTo(const ResponseMeta& meta) {
  std::string target = meta.location;
  if (absl::StartsWith(target, "/") && !absl::StartsWith(target, "//")) {
    target = absl::StrCat(origin_, target.substr(1));
  }
  if (OriginOf(target) != origin_) {
    const auto left_out = log_limits_.foreign_redirects.Admit(clock_.Now());
    if (left_out) {
      LOG(WARNING) << "a redirect leads away from the API's own origin"
                   << *left_out;
    }
    return absl::UnavailableError(
        "GitHub redirects away from the API's own origin: not followed");
  }
  return target;
}

// Decodes a page, once for all callers, and caches it.
GitHubClient::PageResult GitHubClient::Keep(const RequestKey& key,
                                            const PageQuery& query,
                                            Exchange exchange) {
  const absl::Time received_at = clock_.Now();
  absl::StatusOr<DecodedItems> decoded =
      DecodeListing(query.listing, exchange.response.body);
  if (!decoded.ok()) return decoded.status();
  const std::string& url = key.request;
  auto page = std::make_shared<Page>();
  page->items = std::move(decoded->items);
  DropBodiesWithoutMentions(page->items);
  page->skipped = decoded->skipped;
  page->next_url = std::move(exchange.meta.next_url);
  if (page->next_url.empty() && decoded->elements >= PerPageOf(url)) {
    // A full page without a next link: the next item leaves this page
    // unchanged, so GitHub may answer 304 to it forever, without a link to the
    // new page.
    page->next_url = NextPageUrl(url);
  }
  page->last_page = exchange.meta.last_page;
  if (!exchange.moved_to.empty()) {
    page->moved_to = NewRepoUrl(query.repo_url, url, exchange.moved_to);
  }
  page->received_at = received_at;
  page->version = ++last_version_;
  for (const Item& item : page->items) {
    page->latest =
        std::max(page->latest.value_or(item.updated_at), item.updated_at);
  }
  if (page->skipped > 0) {
    LogMalformed(page->skipped, url);
  }
  if (query.latest_only) std::vector<Item>().swap(page->items);
  PagePtr kept = IsEmpty(*page) ? empty_page_ : PagePtr(std::move(page));
  if (!exchange.meta.etag.empty()) {
    pages_.Put(key,
               {kept, std::move(exchange.meta.etag), exchange.requested_at});
  }
  return kept;
}

}  // namespace mentiond
