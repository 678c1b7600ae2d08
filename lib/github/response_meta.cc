#include "lib/github/response_meta.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "lib/base/strings.h"

namespace mentiond {
namespace {

// GitHub's are a few hundred bytes.
constexpr size_t kMaxLinkBytes = 16 << 10;

// Whether the parameters behind a target (`; rel="next"; type="..."`) name
// `rel`. A rel may hold several names with spaces between them.
bool HasRel(std::string_view parameters, std::string_view rel) {
  absl::string_view rest = absl::StripAsciiWhitespace(ToAbsl(parameters));
  absl::ConsumeSuffix(&rest, ",");
  for (absl::string_view parameter :
       absl::StrSplit(rest, ';', absl::SkipWhitespace())) {
    parameter = absl::StripAsciiWhitespace(parameter);
    const auto [name, value] = std::pair<absl::string_view, absl::string_view>(
        absl::StrSplit(parameter, absl::MaxSplits('=', 1)));
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(name), "rel")) {
      continue;
    }
    absl::string_view names = absl::StripAsciiWhitespace(value);
    absl::ConsumePrefix(&names, "\"");
    absl::ConsumeSuffix(&names, "\"");
    for (const absl::string_view one :
         absl::StrSplit(names, ' ', absl::SkipEmpty())) {
      if (absl::EqualsIgnoreCase(one, ToAbsl(rel))) return true;
    }
  }
  return false;
}

uint32_t PageOf(std::string_view url) {
  const size_t query = url.find('?');
  if (query == std::string_view::npos) return 0;
  for (absl::string_view parameter :
       absl::StrSplit(ToAbsl(url.substr(query + 1)), '&')) {
    uint32_t page = 0;
    if (absl::ConsumePrefix(&parameter, "page=") &&
        absl::SimpleAtoi(parameter, &page)) {
      return page;
    }
  }
  return 0;
}

}  // namespace

std::string_view LinkTarget(std::string_view link, std::string_view rel) {
  // A target may hold commas and semicolons, so it is the angle brackets that
  // part the entries.
  while (true) {
    const size_t open = link.find('<');
    if (open == std::string_view::npos) return {};
    const size_t close = link.find('>', open);
    if (close == std::string_view::npos) return {};
    const std::string_view target = link.substr(open + 1, close - open - 1);
    link.remove_prefix(close + 1);
    if (HasRel(link.substr(0, link.find('<')), rel)) return target;
  }
}

ResponseMeta ParseResponseMeta(const HttpHeaders& headers) {
  ResponseMeta meta;
  const std::string_view link = headers.Get("link").value_or("");
  if (link.size() <= kMaxLinkBytes) {
    meta.next_url = LinkTarget(link, "next");
    meta.last_page = PageOf(LinkTarget(link, "last"));
  }
  return meta;
}

}  // namespace mentiond
