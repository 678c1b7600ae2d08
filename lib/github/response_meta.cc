#include "lib/github/response_meta.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"

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
// 2100-01-01: no token lives longer.
constexpr int64_t kMaxUnixSeconds = 4'102'444'800;

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

constexpr absl::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

// `text` has the characters that `form` has, with digits for its zeros and
// letters for its x's.
bool HasForm(absl::string_view text, absl::string_view form) {
  if (text.size() != form.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool fits = form[i] == '0'   ? absl::ascii_isdigit(text[i])
                      : form[i] == 'x' ? absl::ascii_isalpha(text[i])
                                       : text[i] == form[i];
    if (!fits) return false;
  }
  return true;
}

// RFC 9110, section 5.6.7; the two obsolete forms are not GitHub's. Every
// response has one, and absl::ParseTime takes as long as all the rest of it.
std::optional<absl::Time> HttpDate(std::optional<std::string_view> text) {
  const absl::string_view date = ToAbsl(text.value_or(""));
  if (!HasForm(date, "xxx, 00 xxx 0000 00:00:00 GMT")) return std::nullopt;
  const auto number = [&](size_t begin, size_t digits) {
    int value = 0;
    for (const char c : date.substr(begin, digits))
      value = 10 * value + c - '0';
    return value;
  };
  const size_t month = kMonths.find(date.substr(8, 3));
  if (month == absl::string_view::npos || month % 3 != 0) return std::nullopt;
  const auto months = static_cast<int>(month / 3 + 1);
  const absl::CivilSecond second(number(12, 4), months, number(5, 2),
                                 number(17, 2), number(20, 2), number(23, 2));
  // One that is not in the calendar would be another.
  if (second.day() != number(5, 2) || second.hour() != number(17, 2) ||
      second.minute() != number(20, 2) || second.second() != number(23, 2)) {
    return std::nullopt;
  }
  return absl::FromCivil(second, absl::UTCTimeZone());
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

// "2024-05-13 19:47:28 UTC" or "2024-04-12 09:29:42 +0200".
std::optional<absl::Time> TokenExpiryOf(const HttpHeaders& headers) {
  const auto text = headers.Get("github-authentication-token-expiration");
  if (!text) return std::nullopt;
  absl::Time expires_at;
  const bool parsed = absl::ParseTime("%Y-%m-%d %H:%M:%S UTC", ToAbsl(*text),
                                      &expires_at, nullptr) ||
                      absl::ParseTime("%Y-%m-%d %H:%M:%S %z", ToAbsl(*text),
                                      &expires_at, nullptr);
  if (!parsed || absl::ToUnixSeconds(expires_at) > kMaxUnixSeconds) {
    return std::nullopt;
  }
  return expires_at;
}

}  // namespace

ResponseMeta ParseResponseMeta(const HttpHeaders& headers, absl::Time now) {
  ResponseMeta meta;
  for (const auto& [name, value] : headers) {
    if (!absl::EqualsIgnoreCase(ToAbsl(name), "link") ||
        value.size() > kMaxLinkBytes) {
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
  meta.token_expires_at = TokenExpiryOf(headers);
  return meta;
}

}  // namespace mentiond
