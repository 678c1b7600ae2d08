#include "lib/github/response_meta.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "lib/base/strings.h"
#include "lib/github/link_header.h"

namespace mentiond {
namespace {

// GitHub's are a few hundred bytes.
constexpr size_t kMaxLinkBytes = 16 << 10;
constexpr size_t kMaxLocationBytes = 4 << 10;
constexpr size_t kMaxETagBytes = 256;

// A listing of more pages has a hundred million items.
constexpr uint32_t kMaxPages = 1'000'000;

// The largest documented limit is 15,000.
constexpr int64_t kMaxLimit = 1'000'000;
// GitHub's windows are an hour. What lies further off is no second but a
// millisecond of the epoch, or nonsense.
constexpr absl::Duration kMaxReset = absl::Hours(24);
constexpr absl::Duration kMaxRetryAfter = absl::Hours(24);

uint32_t PageOf(std::string_view url) {
  const size_t query = url.find('?');
  if (query == std::string_view::npos) return 0;
  for (absl::string_view parameter :
       absl::StrSplit(ToAbsl(url.substr(query + 1)), '&')) {
    uint32_t page = 0;
    if (absl::ConsumePrefix(&parameter, "page=") &&
        absl::SimpleAtoi(parameter, &page) && page <= kMaxPages) {
      return page;
    }
  }
  return 0;
}

// A number without sign; SimpleAtoi alone would take blanks and signs.
std::optional<int64_t> Count(std::optional<std::string_view> text) {
  int64_t count = 0;
  if (!text || text->empty() ||
      text->find_first_not_of("0123456789") != std::string_view::npos ||
      !absl::SimpleAtoi(ToAbsl(*text), &count)) {
    return std::nullopt;
  }
  return count;
}

// RFC 9110, section 5.6.7; the two obsolete forms are not GitHub's.
std::optional<absl::Time> HttpDate(std::optional<std::string_view> text) {
  absl::Time time;
  if (!text || text->size() > 40 ||
      !absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", ToAbsl(*text), &time,
                       nullptr)) {
    return std::nullopt;
  }
  return time;
}

bool IsVisible(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~'; });
}

std::string ETagOf(const HttpHeaders& headers) {
  const auto etag = headers.Get("etag");
  // It goes back into a request as it is.
  if (!etag || etag->size() > kMaxETagBytes || !IsVisible(*etag)) return "";
  return std::string(*etag);
}

std::string LocationOf(const HttpHeaders& headers) {
  const auto location = headers.Get("location");
  if (!location || location->size() > kMaxLocationBytes ||
      !IsVisible(*location)) {
    return "";
  }
  return std::string(*location);
}

std::optional<RateLimit> RateLimitOf(const HttpHeaders& headers,
                                     absl::Time github_now, absl::Time now) {
  const auto limit = Count(headers.Get("x-ratelimit-limit"));
  const auto remaining = Count(headers.Get("x-ratelimit-remaining"));
  const auto reset = Count(headers.Get("x-ratelimit-reset"));
  if (!limit || !remaining || !reset || *limit == 0 || *limit > kMaxLimit ||
      *remaining > *limit) {
    return std::nullopt;
  }
  const absl::Duration until = absl::FromUnixSeconds(*reset) - github_now;
  if (until > kMaxReset) return std::nullopt;
  return RateLimit{
      .limit = *limit,
      .remaining = *remaining,
      .reset = now + std::max(until, absl::ZeroDuration()),
  };
}

// RFC 9110, section 10.2.3: seconds, or a date.
std::optional<absl::Duration> RetryAfterOf(const HttpHeaders& headers,
                                           absl::Time github_now) {
  const auto value = headers.Get("retry-after");
  absl::Duration wait;
  if (const auto seconds = Count(value)) {
    wait = absl::Seconds(*seconds);
  } else if (const auto date = HttpDate(value)) {
    wait = std::max(*date - github_now, absl::ZeroDuration());
  } else {
    return std::nullopt;
  }
  if (wait > kMaxRetryAfter) return std::nullopt;
  return wait;
}

}  // namespace

ResponseMeta ParseResponseMeta(const HttpHeaders& headers, absl::Time now) {
  ResponseMeta meta;
  for (const auto& [name, value] : headers) {
    if (!absl::EqualsIgnoreCase(name, "link") || value.size() > kMaxLinkBytes) {
      continue;
    }
    if (meta.next_url.empty()) meta.next_url = LinkTarget(value, "next");
    if (meta.last_page == 0) meta.last_page = PageOf(LinkTarget(value, "last"));
  }
  const absl::Time github_now = HttpDate(headers.Get("date")).value_or(now);
  meta.etag = ETagOf(headers);
  meta.location = LocationOf(headers);
  meta.rate_limit = RateLimitOf(headers, github_now, now);
  meta.exhausted = Count(headers.Get("x-ratelimit-remaining")) == 0;
  meta.retry_after = RetryAfterOf(headers, github_now);
  return meta;
}

}  // namespace mentiond
