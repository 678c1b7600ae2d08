#include "lib/github/github_client.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glog/logging.h"

#include "lib/base/strings.h"
#include "lib/github/answer_status.h"
#include "lib/github/decode.h"
#include "lib/github/delay.h"
#include "lib/github/response_meta.h"
#include "lib/github/urls.h"

namespace mentiond {
namespace {

constexpr int kMaxRedirects = 5;

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 307 || status == 308;
}
bool IsPermanent(int status) { return status == 301 || status == 308; }

Resource ResourceOf(Listing listing) {
  return listing == Listing::kSearch ? Resource::kSearch : Resource::kCore;
}

// Items become visible late and clocks differ, but by less.
constexpr absl::Duration kSettled = absl::Minutes(10);

bool IsSettled(const CachedPage& cached) {
  return !cached.page->next_url.empty() && cached.page->latest &&
         *cached.page->latest + kSettled < cached.asked_at;
}

// Where a repository is now, when a page of it that was asked for at `asked`
// was found at `found`: the part before what both have in common.
std::string NewRepoUrl(std::string_view repo_url, std::string_view asked,
                       std::string_view found) {
  if (repo_url.empty() || !absl::StartsWith(ToAbsl(asked), ToAbsl(repo_url))) {
    return "";
  }
  absl::string_view base = ToAbsl(found);
  return absl::ConsumeSuffix(&base, ToAbsl(asked.substr(repo_url.size())))
             ? std::string(base)
             : "";
}

}  // namespace

GitHubClient::GitHubClient(const asio::any_io_executor& executor,
                           HttpTransport& transport, Clock& clock,
                           GitHubClientOptions options)
    : transport_(transport),
      clock_(clock),
      options_(std::move(options)),
      origin_(OriginOf(options_.api_url)),
      gates_(clock, options_.requests_at_once_per_token),
      cache_(options_.cache_bytes),
      failures_(options_.retry, options_.random),
      requests_(executor) {}

asio::awaitable<GitHubClient::PageResult> GitHubClient::FetchPage(
    PageQuery query) {
  // It can come out of a Link header, and the token goes there.
  if (OriginOf(query.url) != origin_) {
    LOG(WARNING) << "GitHub's next page is not on the API's own origin";
    co_return absl::UnavailableError(
        "GitHub's next page is not on the API's own origin: not followed");
  }
  PageKey key{query.token.Fingerprint(), query.url};
  const CachedPage* cached = cache_.Find(key);
  if (cached != nullptr && cached->asked_at >= query.good_since &&
      (!query.only_if_settled || IsSettled(*cached))) {
    co_return cached->page;
  }
  Coalescer<PageKey, PageResult>::Task ask = [this, key, query] {
    return Ask(key, query);
  };
  auto result = co_await requests_.Get(std::move(key), std::move(ask));
  if (!result) co_return absl::CancelledError("the request was cancelled");
  co_return *std::move(result);
}

// What one question costs, whoever asks it.
asio::awaitable<GitHubClient::PageResult> GitHubClient::Ask(PageKey key,
                                                            PageQuery query) {
  if (absl::Status failure = failures_.Check(key, clock_.Now());
      !failure.ok()) {
    co_return failure;
  }
  const std::shared_ptr<TokenGate> gate = gates_.For(key.token);
  const auto pass =
      co_await gate->Enter(ResourceOf(query.listing), query.priority);
  if (!pass.ok()) co_return pass.status();

  PageResult page = co_await AskNow(key, query, gate);
  if (page.ok() || !IsTransient(page.status())) {
    failures_.Succeeded(key);
    co_return page;
  }
  if (DelayOf(page.status())) co_return page;  // a limit: the gate remembers
  const absl::Status failure =
      failures_.Failed(key, page.status(), clock_.Now());
  LOG(WARNING) << "asking GitHub for " << query.url << " failed, next attempt "
               << "not before " << DelayOf(failure)->retry_at << ": "
               << page.status();
  co_return failure;
}

asio::awaitable<GitHubClient::PageResult> GitHubClient::AskNow(
    PageKey key, PageQuery query, std::shared_ptr<TokenGate> gate) {
  Quota& quota = gate->quota(ResourceOf(query.listing));
  // A copy: while this waits, the cache may drop its own.
  const CachedPage* found = cache_.Find(key);
  const CachedPage cached = found == nullptr ? CachedPage{} : *found;

  std::string url = query.url;
  bool permanently = true;
  for (int hops = 0; hops <= kMaxRedirects; ++hops) {
    const absl::Time asked_at = clock_.Now();
    absl::StatusOr<HttpResponse> response =
        co_await transport_.Get(MakeRequest(url, query, cached.etag));
    if (!response.ok()) co_return response.status();
    ResponseMeta meta = ParseResponseMeta(response->headers, clock_.Now());

    if (const Limit limit = LimitOf(*response); limit != Limit::kNone) {
      quota.NoteRefusal(meta, limit == Limit::kSecondary, clock_.Now());
      LOG(WARNING) << "GitHub refuses for a limit: "
                   << StatusOfAnswer(*response).message();
      co_return quota.Admit(query.priority, clock_.Now());
    }
    const bool not_modified = response->status == 304;
    quota.Note(meta, /*free=*/not_modified && !query.token.empty(),
               clock_.Now());

    if (IsRedirect(response->status)) {
      permanently = permanently && IsPermanent(response->status);
      auto next = FollowTo(meta);
      if (!next.ok()) co_return next.status();
      url = *std::move(next);
      continue;
    }
    if (not_modified && cached.page != nullptr) {
      cache_.Confirm(key, asked_at);
      co_return cached.page;
    }
    if (absl::Status status = StatusOfAnswer(*response); !status.ok()) {
      co_return status;
    }
    co_return Keep(key, query, *response, std::move(meta),
                   hops > 0 && permanently
                       ? NewRepoUrl(query.repo_url, query.url, url)
                       : "",
                   asked_at);
  }
  co_return absl::UnavailableError("GitHub's redirects have no end");
}

HttpRequest GitHubClient::MakeRequest(std::string url, const PageQuery& query,
                                      const std::string& etag) const {
  HttpRequest request;
  request.url = std::move(url);
  request.headers.Add("Accept", "application/vnd.github+json");
  request.headers.Add("User-Agent", options_.user_agent);
  request.headers.Add("X-GitHub-Api-Version", "2022-11-28");
  if (!etag.empty()) request.headers.Add("If-None-Match", etag);
  request.bearer = query.token;
  return request;
}

// The token goes nowhere but to the API's own origin.
absl::StatusOr<std::string> GitHubClient::FollowTo(
    const ResponseMeta& meta) const {
  std::string target = meta.location;
  if (absl::StartsWith(target, "/") && !absl::StartsWith(target, "//")) {
    target = absl::StrCat(origin_, target.substr(1));
  }
  if (OriginOf(target) != origin_) {
    LOG(WARNING) << "GitHub redirects away from the API's own origin";
    return absl::UnavailableError(
        "GitHub redirects away from the API's own origin: not followed");
  }
  return target;
}

// An answer that is a page: decoded once, for all who ask the same later.
GitHubClient::PageResult GitHubClient::Keep(
    const PageKey& key, const PageQuery& query, const HttpResponse& response,
    ResponseMeta meta, std::string moved_to, absl::Time asked_at) {
  absl::StatusOr<DecodedItems> decoded =
      DecodeListing(query.listing, response.body);
  if (!decoded.ok()) return decoded.status();
  auto page = std::make_shared<Page>();
  page->items = std::move(decoded->items);
  page->skipped = decoded->skipped;
  page->found = decoded->found;
  page->next_url = std::move(meta.next_url);
  if (page->next_url.empty() && query.listing != Listing::kSearch &&
      decoded->elements >= PerPageOf(query.url)) {
    // A full page without a next: what comes next leaves this page as it is,
    // so that GitHub may go on answering 304 to it, without a word of the new
    // page.
    page->next_url = NextPageUrl(query.url);
  }
  page->last_page = meta.last_page;
  page->moved_to = std::move(moved_to);
  page->version = ++last_version_;
  for (const Item& item : page->items) {
    page->latest =
        std::max(page->latest.value_or(item.updated_at), item.updated_at);
  }
  if (page->skipped > 0) {
    LOG(WARNING) << "left out " << page->skipped << " malformed items of "
                 << query.url;
  }
  if (!meta.etag.empty()) {
    cache_.Put(key, {page, std::move(meta.etag), asked_at});
  }
  return page;
}

}  // namespace mentiond
