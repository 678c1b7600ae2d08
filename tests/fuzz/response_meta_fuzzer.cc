// Parses any lines as the headers of a GitHub response. The result must keep
// to its documented bounds, must have been said by a header, and must be fit to
// go into the next request.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "glog/logging.h"

#include "lib/base/strings.h"
#include "lib/github/link_header.h"
#include "lib/github/response_meta.h"
#include "lib/github/urls.h"
#include "lib/http/http.h"
#include "tests/fuzz/text_checks.h"

namespace mentiond {
namespace {

absl::Time Now() {
  return absl::FromCivil(absl::CivilSecond(2026, 1, 2, 3, 4, 5),
                         absl::UTCTimeZone());
}

// `Name: value` in each line; a line without a colon is a name.
HttpHeaders HeadersOf(std::string_view text) {
  HttpHeaders headers;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    headers.Add(line.substr(0, colon), value);
  }
  return headers;
}

// Whether a header of that name holds `text` (`whole`: and nothing else).
bool IsSaid(const HttpHeaders& headers, std::string_view name,
            std::string_view text, bool whole) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& field) {
    const auto& [field_name, value] = field;
    return absl::EqualsIgnoreCase(ToAbsl(field_name), ToAbsl(name)) &&
           (whole ? value == text : value.find(text) != std::string::npos);
  });
}

// A URL that passes for one of `api`'s must be that by its bytes: the client
// sends it the token.
void CheckOrigin(std::string_view url) {
  constexpr std::string_view kApi = "https://api.github.com";
  if (OriginOf(url) != OriginOf(kApi)) return;
  const std::string lower =
      absl::AsciiStrToLower(absl::string_view(url.data(), url.size()));
  std::string_view rest = lower;
  CHECK(rest.starts_with(kApi)) << url;
  rest.remove_prefix(kApi.size());
  if (rest.starts_with(":443")) rest.remove_prefix(4);
  CHECK(rest.empty() || rest.front() == '/') << url;
}

void CheckLinks(const HttpHeaders& headers) {
  for (const auto& [name, value] : headers) {
    for (const char* rel : {"next", "last", "prev", ""}) {
      const std::string_view target = LinkTarget(value, rel);
      if (target.empty()) continue;
      CHECK_GE(target.data(), value.data());
      CHECK_LE(target.data() + target.size(), value.data() + value.size());
      CHECK(IsVisible(target)) << target;
      CHECK(target.find_first_of("<>\"") == std::string_view::npos) << target;
      const std::string link =
          absl::StrCat("<", absl::string_view(target.data(), target.size()),
                       ">; rel=\"", rel, "\"");
      CHECK_EQ(LinkTarget(link, rel), target);
    }
  }
}

void CheckMeta(const HttpHeaders& headers, const ResponseMeta& meta) {
  CHECK(IsVisible(meta.next_url)) << meta.next_url;
  CHECK(IsSaid(headers, "link", meta.next_url, /*whole=*/false) ||
        meta.next_url.empty());
  CheckOrigin(meta.next_url);
  CHECK(IsVisible(NextPageUrl(meta.next_url)));
  CHECK_LE(meta.last_page, 1'000'000U);

  CHECK_LE(meta.etag.size(), 256U);
  CHECK(IsVisible(meta.etag)) << meta.etag;
  CHECK(IsSaid(headers, "etag", meta.etag, /*whole=*/true) ||
        meta.etag.empty());

  CHECK_LE(meta.location.size(), 4096U);
  CHECK(IsVisible(meta.location)) << meta.location;
  CHECK(IsSaid(headers, "location", meta.location, /*whole=*/true) ||
        meta.location.empty());
  CheckOrigin(meta.location);

  if (meta.rate_limit) {
    CHECK_GT(meta.rate_limit->limit, 0);
    CHECK_LE(meta.rate_limit->limit, 1'000'000);
    CHECK_GE(meta.rate_limit->remaining, 0);
    CHECK_LE(meta.rate_limit->remaining, meta.rate_limit->limit);
    CHECK(meta.rate_limit->reset >= Now()) << meta.rate_limit->reset;
    CHECK(meta.rate_limit->reset <= Now() + absl::Hours(24))
        << meta.rate_limit->reset;
    CHECK_EQ(meta.exhausted, meta.rate_limit->remaining == 0);
  }
  if (meta.retry_after) {
    CHECK(*meta.retry_after >= absl::ZeroDuration()) << *meta.retry_after;
    CHECK(*meta.retry_after <= absl::Hours(24)) << *meta.retry_after;
  }
}

void CheckSame(const ResponseMeta& a, const ResponseMeta& b) {
  CHECK_EQ(a.next_url, b.next_url);
  CHECK_EQ(a.last_page, b.last_page);
  CHECK_EQ(a.etag, b.etag);
  CHECK_EQ(a.location, b.location);
  CHECK_EQ(a.rate_limit.has_value(), b.rate_limit.has_value());
  if (a.rate_limit) {
    CHECK_EQ(a.rate_limit->limit, b.rate_limit->limit);
    CHECK_EQ(a.rate_limit->remaining, b.rate_limit->remaining);
    CHECK_EQ(a.rate_limit->reset, b.rate_limit->reset);
  }
  CHECK_EQ(a.exhausted, b.exhausted);
  CHECK(a.retry_after == b.retry_after);
}

// HTTP/1.1 servers write `ETag`, HTTP/2 has `etag`; and of headers that come
// more than once the first counts.
void CheckNamesAndRepeats(const HttpHeaders& headers,
                          const ResponseMeta& meta) {
  HttpHeaders shouted;
  for (const auto& [name, value] : headers) {
    shouted.Add(absl::AsciiStrToUpper(ToAbsl(name)), value);
  }
  for (const auto& [name, value] : headers) {
    if (!absl::EqualsIgnoreCase(ToAbsl(name), "link")) shouted.Add(name, "0");
  }
  CheckSame(ParseResponseMeta(shouted, Now()), meta);
}

}  // namespace
}  // namespace mentiond

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const mentiond::HttpHeaders headers = mentiond::HeadersOf(
      std::string_view(reinterpret_cast<const char*>(data), size));
  const mentiond::ResponseMeta meta =
      mentiond::ParseResponseMeta(headers, mentiond::Now());
  mentiond::CheckLinks(headers);
  mentiond::CheckMeta(headers, meta);
  mentiond::CheckNamesAndRepeats(headers, meta);
  return 0;
}
