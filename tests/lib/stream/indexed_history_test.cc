// The history of a large repository, read by way of GitHub's search.

#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/stream/resume_token.h"
#include "tests/lib/stream/streams_fixture.h"

namespace mentiond {
namespace {

using Ids = std::vector<int64_t>;
using Found = std::multiset<std::pair<Source, int64_t>>;

class IndexedHistoryTest : public StreamsFixture {
 protected:
  // 250 pull requests of which the third of each hundred mentions the user in
  // every kind of text.
  IndexedHistoryTest() {
    for (int i = 0; i < 250; ++i) {
      clock_.Advance(absl::Seconds(100));
      const bool mentions = i % 100 == 3;
      const std::string body = mentions ? "for @octocat" : "hello";
      const int64_t pull = repo_.AddPull("mona", body);
      const int64_t comment = repo_.AddIssueComment(pull, "hubot", body);
      const int64_t on_diff = repo_.AddReviewComment(pull, "hubot", body);
      const int64_t review = repo_.AddReview(pull, "hubot", body);
      if (!mentions) continue;
      pulls_.push_back(pull);
      expected_.emplace(Source::SOURCE_PULL_REQUEST_COMMENT, comment);
      expected_.emplace(Source::SOURCE_REVIEW_COMMENT, on_diff);
      expected_.emplace(Source::SOURCE_REVIEW, review);
    }
    clock_.Advance(absl::Hours(24));
  }

  // Descriptions by the number of their pull request, as ids are not told.
  Found Drained(OpenStream& stream, std::vector<int64_t>* pulls = nullptr) {
    Found found;
    for (const EventQueue::Event& event : Drain(*stream.queue)) {
      if (!event.has_mention()) continue;
      if (event.mention().source() == Source::SOURCE_PULL_REQUEST) {
        if (pulls != nullptr) pulls->push_back(event.mention().pull_request());
      } else {
        found.emplace(event.mention().source(), event.mention().id());
      }
    }
    return found;
  }

  // Descriptions by the number of their pull request, as in pulls_.
  static std::pair<Source, int64_t> KeyOf(
      const mentions::v1::Mention& mention) {
    const bool is_pull = mention.source() == Source::SOURCE_PULL_REQUEST;
    return {mention.source(), is_pull ? mention.pull_request() : mention.id()};
  }

  static bool UsedSearch(const std::vector<std::string>& asked) {
    return CountOf(asked, "/search/issues?") > 0;
  }

  std::vector<int64_t> pulls_;
  Found expected_;
};

TEST_F(IndexedHistoryTest, ReadsOnlyThePullRequestsThatMentionTheUser) {
  const auto stream = Start();
  const auto asked = Asked();
  EXPECT_TRUE(UsedSearch(asked));
  EXPECT_LT(asked.size(), 40U) << "instead of more than 250";
  EXPECT_LE(CountOf(asked, "/reviews"), static_cast<int>(pulls_.size()) + 2)
      << "and of those that moved lately";

  std::vector<int64_t> pulls;
  EXPECT_EQ(Drained(*stream, &pulls), expected_);
  EXPECT_EQ(pulls, pulls_) << "oldest first";
  std::cout << asked.size() << " requests for a history of 250 pull requests\n";

  // Nothing of it comes again, and what is new does.
  for (int poll = 0; poll < 12; ++poll) Poll();
  EXPECT_TRUE(Drained(*stream, &pulls).empty());
  EXPECT_EQ(pulls, pulls_);
  const int64_t comment = repo_.AddIssueComment(pulls_[0], "hubot", "@octocat");
  Poll();
  EXPECT_EQ(Drained(*stream),
            Found({{Source::SOURCE_PULL_REQUEST_COMMENT, comment}}));
}

TEST_F(IndexedHistoryTest, ToldInProgressThatEndsAtItsTotal) {
  const auto stream = Start();
  uint32_t done = 0;
  uint32_t total = 0;
  for (const EventQueue::Event& event : Drain(*stream->queue)) {
    if (!event.has_sync_progress()) continue;
    EXPECT_GE(event.sync_progress().pages_done(), done);
    done = event.sync_progress().pages_done();
    total = event.sync_progress().pages_total();
  }
  EXPECT_GT(done, 10U);
  EXPECT_EQ(done, total);
}

TEST_F(IndexedHistoryTest, WhatTheIndexDoesNotKnowYetIsFoundInTheListings) {
  // Given comments of the last minutes, which the search does not show
  clock_.Advance(-absl::Minutes(5));
  const int64_t fresh = repo_.AddIssueComment(7, "hubot", "@octocat");
  const int64_t review = repo_.AddReview(8, "hubot", "@octocat");
  clock_.Advance(absl::Minutes(5));
  // and a later one, so that the listings have moved on
  repo_.AddIssueComment(9, "hubot", "nobody");
  repo_.AddReviewComment(9, "hubot", "nobody");
  Fault old_index = Fault::Answer(
      "/search/issues", 200,
      R"({"total_count":0,"incomplete_results":false,"items":[]})");
  github_.AddFault(old_index);

  const auto stream = Start();
  EXPECT_TRUE(UsedSearch(Asked()));
  EXPECT_EQ(Drained(*stream),
            Found({{Source::SOURCE_PULL_REQUEST_COMMENT, fresh},
                   {Source::SOURCE_REVIEW, review}}));
}

TEST_F(IndexedHistoryTest, AFaultOnTheWayLosesAndRepeatsNothing) {
  for (const char* target : {"/comments?per_page", "/reviews", "per_page=1"}) {
    Fault fault = Fault::HtmlBadGateway(target);
    fault.skip = 2;
    fault.times = 3;
    github_.AddFault(fault);
    const auto stream = Start();
    for (int attempt = 0; attempt < 6; ++attempt) Poll();
    std::vector<int64_t> pulls;
    EXPECT_EQ(Drained(*stream, &pulls), expected_) << target;
    EXPECT_EQ(pulls, pulls_);
    Cancel(*stream);
    github_.ClearFaults();
  }
}

TEST_F(IndexedHistoryTest, BrokenOffAnywhereItGoesOnThere) {
  // Given all responses of a history, of four lists one after another
  const auto whole = Drain(*Start()->queue);
  Found all = expected_;
  for (const int64_t pull : pulls_) {
    all.emplace(Source::SOURCE_PULL_REQUEST, pull);
  }
  Found before;
  for (const EventQueue::Event& last : whole) {
    if (last.has_mention()) before.insert(KeyOf(last.mention()));
    // When a stream breaks off after one of them and goes on elsewhere,
    Subscription subscription = MakeSubscription();
    auto point =
        DecodeResumeToken(last.resume_token(),
                          SubscriptionHash(subscription.repo, subscription.user,
                                           subscription.sources));
    ASSERT_TRUE(point.ok()) << point.status();
    subscription.resume = *std::move(point);
    const auto resumed = Start(subscription);
    Poll();
    // then what came before and what comes now is all, once.
    Found delivered = before;
    for (const EventQueue::Event& event : Drain(*resumed->queue)) {
      if (event.has_mention()) delivered.insert(KeyOf(event.mention()));
    }
    ASSERT_EQ(delivered, all) << "after " << last.ShortDebugString();
    Cancel(*resumed);
  }
}

TEST_F(IndexedHistoryTest, WhereSearchCannotTellTheListingsAreRead) {
  const std::vector<Fault> faults = {
      Fault::Answer("/search", 422, R"({"message":"Validation Failed"})"),
      Fault::Answer("/search", 404, "{}"),
      Fault::Answer("/search", 403, "", {{"Retry-After", "60"}}),
      Fault::Answer("/search", 200, "[]"),
      Fault::Answer("/search", 200,
                    R"({"total_count":1001,"incomplete_results":false,)"
                    R"("items":[]})"),
      Fault::Answer("/search", 200,
                    R"({"total_count":1,"incomplete_results":true,)"
                    R"("items":[]})"),
      // So many that the listings are as cheap.
      Fault::Answer("/search", 200,
                    R"({"total_count":250,"incomplete_results":false,)"
                    R"("items":[]})"),
      Fault::Close("/search"),
  };
  for (const Fault& fault : faults) {
    github_.AddFault(fault);
    const auto stream = Start();
    std::vector<int64_t> pulls;
    EXPECT_EQ(Drained(*stream, &pulls), expected_) << fault.body;
    EXPECT_EQ(pulls, pulls_);
    Cancel(*stream);
    github_.ClearFaults();
    clock_.Advance(absl::Hours(1));
  }
}

TEST_F(IndexedHistoryTest, SmallRepositoriesAndIssuesAreReadFromTheListings) {
  mentions::v1::SubscribeRequest request;
  request.set_repo("octo/demo");
  request.set_user("octocat");
  request.set_token("ghp_test");
  request.add_sources(Source::SOURCE_PULL_REQUEST);
  request.add_sources(Source::SOURCE_ISSUE);
  request.add_sources(Source::SOURCE_REVIEW);
  const auto issues = Start(*ParseSubscription(request, "", "github.test"));
  EXPECT_FALSE(UsedSearch(Asked()));

  request.set_repo("octo/small");
  request.clear_sources();
  github_.repo("octo/small").AddPull("mona", "@octocat");
  const auto small = Start(*ParseSubscription(request, "", "github.test"));
  EXPECT_FALSE(UsedSearch(Asked()));
}

}  // namespace
}  // namespace mentiond
