// What the tests of the listing reader share: a listing of comments as a small
// model, and readings of it, between whose requests things happen.

#ifndef MENTIOND_TESTS_LIB_GITHUB_READER_FIXTURE_H_
#define MENTIOND_TESTS_LIB_GITHUB_READER_FIXTURE_H_

#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "asio/io_context.hpp"
#include "gmock/gmock.h"

#include "lib/github/listing_reader.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"
#include "tests/fakes/run_loop.h"
#include "tests/lib/github/decode_samples.h"

namespace mentiond {

// A time, in seconds since 1970, at which listings begin.
inline constexpr int64_t kStart = 1'700'000'000;

// Honest about `since` (inclusive), the order of last updates, `per_page`, Link
// and the end of deep paging; pages are cut at the moment they are requested,
// so that items move between them.
class ListingModel {
 public:
  // GitHub refuses pages behind this many items.
  static constexpr size_t kDeepest = 10'000;

  // `largest_page` bounds `per_page`: GitHub's own is 100.
  explicit ListingModel(size_t largest_page = 100)
      : largest_page_(largest_page) {}

  // Times are whole seconds since the epoch.

  // Adds an item, or gives one that is there a new update (an edit).
  void Touch(int64_t id, int64_t updated) { updated_[id] = updated; }
  // New items with ids from `first_id` and times from `updated`, each `step`
  // seconds after the one before.
  ListingModel& AddMany(int64_t first_id, size_t count, int64_t updated,
                        int64_t step) {
    for (; count > 0; --count, updated += step) Touch(first_id++, updated);
    return *this;
  }
  void Delete(int64_t id) { updated_.erase(id); }

  const std::map<int64_t, int64_t>& updates() const { return updated_; }

  HttpResponse Answer(const HttpRequest& request) const {
    EXPECT_THAT(request.url, testing::HasSubstr("sort=updated&direction=asc"));
    std::string since;
    size_t per_page = 30, page = 1;
    for (absl::string_view part :
         absl::StrSplit(request.url, absl::ByAnyChar("?&"))) {
      if (absl::ConsumePrefix(&part, "since=")) since = std::string(part);
      if (absl::ConsumePrefix(&part, "per_page=")) {
        EXPECT_TRUE(absl::SimpleAtoi(part, &per_page));
      }
      if (absl::ConsumePrefix(&part, "page=")) {
        EXPECT_TRUE(absl::SimpleAtoi(part, &page));
      }
    }
    per_page = std::min(per_page, largest_page_);
    if (page * per_page > kDeepest) {
      return mentiond::Answer(422, R"({"message":"pagination is limited"})");
    }

    absl::Time begin = absl::UnixEpoch();
    EXPECT_TRUE(since.empty() ||
                absl::ParseTime(kTimeFormat, since, &begin, nullptr));
    std::vector<std::pair<int64_t, int64_t>> entries;  // time and id
    for (const auto& [id, updated] : updated_) {
      if (updated >= absl::ToUnixSeconds(begin)) {
        entries.emplace_back(updated, id);
      }
    }
    std::sort(entries.begin(), entries.end());
    std::vector<std::string> items;
    for (size_t i = (page - 1) * per_page;
         i < std::min(page * per_page, entries.size()); ++i) {
      const absl::Time updated = absl::FromUnixSeconds(entries[i].first);
      items.push_back(CommentAt(
          entries[i].second,
          absl::FormatTime(kTimeFormat, updated, absl::UTCTimeZone())));
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

 private:
  static constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%SZ";

  size_t largest_page_;
  std::map<int64_t, int64_t> updated_;  // by id
};

// A reading of a listing from its beginning, or from `since`, to its end.
class Reading {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  // Called after the n-th response (from 1).
  using Between = std::function<void(size_t n)>;

  explicit Reading(Handler handler,
                   std::optional<absl::Time> since = std::nullopt)
      : transport_(std::move(handler)),
        client_(loop_.get_executor(), transport_, clock_),
        reader_(repository_,
                {.listing = Listing::kIssueComments, .since = since}) {}
  explicit Reading(ListingModel& model, Between between = {},
                   std::optional<absl::Time> since = std::nullopt)
      : Reading(
            [this, &model,
             between = std::move(between)](const HttpRequest& request) {
              HttpResponse response = model.Answer(request);
              if (between) between(requests());
              return response;
            },
            since) {}
  ~Reading() { RunReady(loop_); }

  absl::StatusOr<std::shared_ptr<const Page>> Next() {
    auto page = RunUntilDone(loop_, reader_.Next());
    if (page.ok() && *page != nullptr) {
      for (const Item& item : (*page)->items) {
        latest_ = std::max(latest_, absl::ToUnixSeconds(item.updated_at));
        ids_.insert(item.id);
      }
    }
    if (!page.ok()) clock_.Advance(absl::Minutes(2));  // a retry is due then
    return page;
  }

  // Reads on to the end, or to an error.
  absl::Status Finish() {
    while (requests() < 3000) {
      const auto page = Next();
      if (!page.ok()) return page.status();
      if (*page == nullptr) return absl::OkStatus();
    }
    return absl::InternalError("it goes on and on");
  }

  // The ids that pages have held.
  const std::set<int64_t>& ids() const { return ids_; }
  // The latest update that a page has held, in seconds; 0: none.
  int64_t latest() const { return latest_; }
  size_t requests() const { return transport_.requests().size(); }
  const HttpRequest& request(size_t i) const {
    return transport_.requests()[i];
  }
  const ListingReader& reader() const { return reader_; }

 private:
  asio::io_context loop_;
  FakeClock clock_;
  FakeTransport transport_;
  GitHubClient client_;
  const RepoName name_ = *RepoName::Parse("o/r", "github.com");
  const Secret token_{"token"};
  Repository repository_{client_, name_, token_};
  ListingReader reader_;
  std::set<int64_t> ids_;
  int64_t latest_ = 0;
};

// Expects that a reading of `model`, while `between` happens, has every item
// that the model has in the end; returns how many requests it took.
inline size_t ReadAll(ListingModel& model, Reading::Between between = {},
                      std::optional<absl::Time> since = std::nullopt) {
  Reading reading(model, std::move(between), since);
  const absl::Status status = reading.Finish();
  EXPECT_TRUE(status.ok()) << status;
  for (const auto& [id, updated] : model.updates()) {
    EXPECT_TRUE(reading.ids().contains(id))
        << "item " << id << " of second " << updated << " is missed";
  }
  return reading.requests();
}

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_GITHUB_READER_FIXTURE_H_
