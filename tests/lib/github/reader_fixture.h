// What the tests of the listing reader share: a client whose GitHub is a
// model, to which things happen between two requests.

#ifndef MENTIOND_TESTS_LIB_GITHUB_READER_FIXTURE_H_
#define MENTIOND_TESTS_LIB_GITHUB_READER_FIXTURE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/io_context.hpp"
#include "gtest/gtest.h"

#include "lib/base/secret.h"
#include "lib/github/github_client.h"
#include "lib/github/listing_reader.h"
#include "lib/github/repository.h"
#include "lib/github/types.h"
#include "lib/http/http.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"
#include "tests/fakes/run_loop.h"
#include "tests/lib/github/listing_model.h"

namespace mentiond {

// A reading of a model from its beginning to its end.
class ModelReading {
 public:
  // Called after the model's n-th response (from 1).
  using Between = std::function<void(size_t n)>;

  explicit ModelReading(ListingModel& model, Between between = {},
                        std::optional<absl::Time> since = std::nullopt)
      : model_(model),
        between_(std::move(between)),
        transport_([this](const HttpRequest& request) { return Get(request); }),
        client_(loop_.get_executor(), transport_, clock_),
        repository_(client_, name_, token_),
        reader_(repository_,
                {.listing = Listing::kIssueComments, .since = since}) {}
  ~ModelReading() { RunReady(loop_); }

  absl::StatusOr<std::shared_ptr<const Page>> Next() {
    auto page = RunUntilDone(loop_, reader_.Next());
    if (page.ok() && *page != nullptr) Note(**page);
    if (!page.ok()) clock_.Advance(absl::Minutes(2));  // a retry is due then
    return page;
  }

  // Lets the n-th request (from 1) fail.
  void FailAt(size_t n) { failing_ = n; }

  // Reads on to the end.
  absl::Status Finish() {
    while (true) {
      const auto page = Next();
      if (!page.ok()) return page.status();
      if (*page == nullptr) return absl::OkStatus();
    }
  }

  // The ids that pages have held.
  const std::set<int64_t>& ids() const { return ids_; }
  bool Has(int64_t id) const { return ids_.contains(id); }
  // The latest update that a page has held, in seconds; 0: none.
  int64_t latest() const { return latest_; }
  size_t requests() const { return transport_.requests().size(); }
  const FakeTransport& transport() const { return transport_; }
  const ListingReader& reader() const { return reader_; }

 private:
  absl::StatusOr<HttpResponse> Get(const HttpRequest& request) {
    if (transport_.requests().size() == failing_) {
      return Answer(502, R"({"message":"Server Error"})");
    }
    HttpResponse response = model_.Answer(request);
    if (between_) between_(transport_.requests().size());
    return response;
  }

  void Note(const Page& page) {
    EXPECT_EQ(page.skipped, 0U);
    int64_t previous = 0;
    for (const Item& item : page.items) {
      const int64_t updated = absl::ToUnixSeconds(item.updated_at);
      EXPECT_GE(updated, previous) << "in order within a page";
      previous = updated;
      latest_ = std::max(latest_, updated);
      ids_.insert(item.id);
    }
  }

  ListingModel& model_;
  Between between_;
  asio::io_context loop_;
  FakeClock clock_;
  FakeTransport transport_;
  GitHubClient client_;
  const RepoName name_ = *RepoName::Parse("o/r", "github.com");
  const Secret token_{"token"};
  Repository repository_;
  ListingReader reader_;
  size_t failing_ = 0;
  std::set<int64_t> ids_;
  int64_t latest_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_GITHUB_READER_FIXTURE_H_
