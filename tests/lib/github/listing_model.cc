#include "tests/lib/github/listing_model.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

#include "tests/fakes/fake_transport.h"
#include "tests/lib/github/decode_samples.h"

namespace mentiond {
namespace {

constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%SZ";

// A parameter of the URL's query; empty: it has none of that name.
std::string Parameter(const std::string& url, const std::string& name) {
  for (absl::string_view part : absl::StrSplit(url, absl::ByAnyChar("?&"))) {
    if (absl::ConsumePrefix(&part, name + "=")) return std::string(part);
  }
  return "";
}

size_t NumberOr(const std::string& text, size_t otherwise) {
  size_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : otherwise;
}

}  // namespace

void ListingModel::AddMany(int64_t first_id, size_t count, int64_t updated,
                           int64_t step) {
  for (size_t i = 0; i < count; ++i) {
    const auto nth = static_cast<int64_t>(i);
    Touch(first_id + nth, updated + nth * step);
  }
}

HttpResponse ListingModel::Answer(const HttpRequest& request) const {
  const std::string& url = request.url;
  if (Parameter(url, "sort") != "updated" ||
      Parameter(url, "direction") != "asc") {
    return mentiond::Answer(422, R"({"message":"not this model's order"})");
  }
  const std::string since = Parameter(url, "since");
  absl::Time begin_at = absl::UnixEpoch();
  if (!since.empty() &&
      !absl::ParseTime(kTimeFormat, since, &begin_at, nullptr)) {
    return mentiond::Answer(422, R"({"message":"since is no time"})");
  }
  const size_t per_page =
      std::min(NumberOr(Parameter(url, "per_page"), 30), largest_page_);
  const size_t page = NumberOr(Parameter(url, "page"), 1);
  if (page * per_page > kDeepest) {
    return mentiond::Answer(422, R"({"message":"pagination is limited"})");
  }

  std::vector<std::pair<int64_t, int64_t>> entries;  // time and id
  for (const auto& [id, updated] : updated_) {
    if (updated >= absl::ToUnixSeconds(begin_at)) {
      entries.emplace_back(updated, id);
    }
  }
  std::sort(entries.begin(), entries.end());
  const size_t begin = std::min((page - 1) * per_page, entries.size());
  const size_t end = std::min(begin + per_page, entries.size());
  std::vector<std::string> items;
  for (size_t i = begin; i < end; ++i) {
    const auto& [updated, id] = entries[i];
    items.push_back(CommentAt(
        id, absl::FormatTime(kTimeFormat, absl::FromUnixSeconds(updated),
                             absl::UTCTimeZone())));
  }
  HttpResponse response = mentiond::Answer(200, List(items));
  const size_t pages = (entries.size() + per_page - 1) / per_page;
  const auto link = [&](size_t number, const char* rel) {
    return absl::StrCat(
        "<https://api.github.com/repositories/1/comments?sort=updated&"
        "direction=asc&per_page=",
        per_page, since.empty() ? "" : "&since=", since, "&page=", number,
        ">; rel=\"", rel, "\"");
  };
  if (page < pages) {
    response.headers.Add("Link", absl::StrCat(link(page + 1, "next"), ", ",
                                              link(pages, "last")));
  }
  return response;
}

}  // namespace mentiond
