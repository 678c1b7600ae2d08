#include "tests/lib/github/listing_model.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

#include "tests/fakes/fake_transport.h"

namespace mentiond {
namespace {

constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%SZ";

using Query = std::map<std::string, std::string>;

Query QueryOf(const std::string& url) {
  const std::vector<std::string> parts =
      absl::StrSplit(url, absl::MaxSplits('?', 1));
  Query query;
  for (const absl::string_view parameter : absl::StrSplit(parts.at(1), '&')) {
    query.insert(std::pair<std::string, std::string>(
        absl::StrSplit(parameter, absl::MaxSplits('=', 1))));
  }
  return query;
}

size_t NumberOr(const Query& query, const char* name, size_t otherwise) {
  const auto found = query.find(name);
  size_t number = 0;
  return found != query.end() && absl::SimpleAtoi(found->second, &number)
             ? number
             : otherwise;
}

std::string ItemJson(int64_t id, int64_t updated) {
  const std::string time = absl::FormatTime(
      kTimeFormat, absl::FromUnixSeconds(updated), absl::UTCTimeZone());
  return absl::StrCat(
      R"({"id":)", id, R"(,"user":{"login":"alice"},"body":"hi @bob",)",
      R"("html_url":"https://github.com/o/r/pull/1#issuecomment-)", id,
      R"(","created_at":"2020-01-01T00:00:00Z","updated_at":")", time, R"("})");
}

}  // namespace

void ListingModel::Touch(int64_t id, int64_t updated) {
  updated_[id] = updated;
}

void ListingModel::AddMany(int64_t first_id, size_t count, int64_t updated,
                           int64_t step) {
  for (size_t i = 0; i < count; ++i) {
    const auto nth = static_cast<int64_t>(i);
    Touch(first_id + nth, updated + nth * step);
  }
}

void ListingModel::Delete(int64_t id) { updated_.erase(id); }

std::vector<ListingModel::Entry> ListingModel::Since(int64_t since) const {
  std::vector<Entry> entries;
  for (const auto& [id, updated] : updated_) {
    if (updated >= since) entries.push_back({updated, id});
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

HttpResponse ListingModel::Answer(const HttpRequest& request) const {
  Query query = QueryOf(request.url);
  if (query["sort"] != "updated" || query["direction"] != "asc") {
    return mentiond::Answer(422, R"({"message":"not this model's order"})");
  }
  absl::Time since = absl::UnixEpoch();
  if (query.contains("since") &&
      !absl::ParseTime(kTimeFormat, query["since"], &since, nullptr)) {
    return mentiond::Answer(422, R"({"message":"since is no time"})");
  }
  const size_t per_page =
      std::min(NumberOr(query, "per_page", 30), largest_page_);
  const size_t page = NumberOr(query, "page", 1);

  const std::vector<Entry> entries = Since(absl::ToUnixSeconds(since));
  const size_t begin = std::min((page - 1) * per_page, entries.size());
  const size_t end = std::min(begin + per_page, entries.size());
  std::vector<std::string> items;
  for (size_t i = begin; i < end; ++i) {
    items.push_back(ItemJson(entries[i].id, entries[i].updated));
  }
  HttpResponse response =
      mentiond::Answer(200, absl::StrCat("[", absl::StrJoin(items, ","), "]"));

  const size_t pages = (entries.size() + per_page - 1) / per_page;
  const auto link = [&](size_t number, const char* rel) {
    query["page"] = std::to_string(number);
    return absl::StrCat("<https://api.github.com/repositories/1/comments?",
                        absl::StrJoin(query, "&", absl::PairFormatter("=")),
                        ">; rel=\"", rel, "\"");
  };
  std::vector<std::string> links;
  if (page > 1) links.push_back(link(page - 1, "prev"));
  if (page < pages) {
    links.push_back(link(page + 1, "next"));
    links.push_back(link(pages, "last"));
  }
  if (!links.empty()) response.headers.Add("Link", absl::StrJoin(links, ", "));
  return response;
}

}  // namespace mentiond
