// What the tests of the listing reader share: a reading of a listing, which may
// be a model to which things happen between two requests.

#ifndef MENTIOND_TESTS_LIB_GITHUB_READER_FIXTURE_H_
#define MENTIOND_TESTS_LIB_GITHUB_READER_FIXTURE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/io_context.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/github/github_client.h"
#include "lib/github/listing_reader.h"
#include "lib/github/repository.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"
#include "tests/fakes/run_loop.h"
#include "tests/lib/github/listing_model.h"

namespace mentiond {

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
        repository_(client_, name_, token_),
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
  const FakeTransport& transport() const { return transport_; }
  const ListingReader& reader() const { return reader_; }

 private:
  asio::io_context loop_;
  FakeClock clock_;
  FakeTransport transport_;
  GitHubClient client_;
  const RepoName name_ = *RepoName::Parse("o/r", "github.com");
  const Secret token_{"token"};
  Repository repository_;
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
