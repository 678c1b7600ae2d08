// What a stream delivers of a repository, by the way in which its history is
// read and by what GitHub shows.

#include "lib/sync/repo_sync.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/fakes/captured_log.h"
#include "tests/lib/stream/streams_fixture.h"

namespace mentiond {
namespace {

using mentions::v1::Gap;
using mentions::v1::Mention;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RepoSyncTest : public StreamsFixture {
 protected:
  RepoSyncTest() {
    github_.SetLimit(1'000'000, 1'000'000);
    pull_ = repo_.AddPull("mona", "For @octocat");
    clock_.Advance(absl::Hours(1));
  }

  static Subscription With(
      const std::function<void(mentions::v1::SubscribeRequest&)>& change) {
    mentions::v1::SubscribeRequest request;
    request.set_repo("octo/demo");
    request.set_user("octocat");
    request.set_token("ghp_test");
    change(request);
    return *ParseSubscription(request, "", "github.test");
  }
  static Subscription With(mentions::v1::History history) {
    return With([&](auto& request) { request.set_history(history); });
  }

  // The bodies of the mentions delivered since the last call; the gaps go to
  // gaps_ when the history is complete.
  std::vector<std::string> Bodies(OpenStream& stream) {
    std::vector<std::string> bodies;
    for (EventQueue::Event& event : Drain(*stream.queue)) {
      if (event.has_mention()) {
        bodies.push_back(event.mention().body());
        last_ = event.mention();
      }
      if (!event.has_synced()) continue;
      synced_ = true;
      for (const int gap : event.synced().gaps()) {
        gaps_.push_back(static_cast<Gap>(gap));
      }
    }
    return bodies;
  }
  std::vector<std::string> BodiesAfter(OpenStream& stream, int polls) {
    for (; polls > 0; --polls) Poll();
    return Bodies(stream);
  }

  static int64_t SecondsOf(const google::protobuf::Timestamp& time) {
    return time.seconds();
  }

  int64_t pull_ = 0;
  Mention last_;
  bool synced_ = false;
  std::vector<Gap> gaps_;
};

TEST_F(RepoSyncTest, AnEditedDescriptionIsDeliveredAgainAndNothingElseIs) {
  const auto stream = Start();
  EXPECT_THAT(Bodies(*stream), ElementsAre("For @octocat"));
  const int64_t created = SecondsOf(last_.created_at());
  EXPECT_EQ(SecondsOf(last_.updated_at()), created) << "when it appeared";

  // A label, a comment and a new title update the pull request.
  repo_.AddIssueComment(pull_, "hubot", "nobody");
  clock_.Advance(absl::Hours(1));
  repo_.EditPull(pull_, "For @octocat and mona");
  const int64_t edited = absl::ToUnixSeconds(clock_.Now());
  EXPECT_THAT(BodiesAfter(*stream, 5), ElementsAre("For @octocat and mona"));
  EXPECT_EQ(SecondsOf(last_.updated_at()), edited);
  EXPECT_EQ(SecondsOf(last_.created_at()), created);

  repo_.AddIssueComment(pull_, "hubot", "nobody again");
  EXPECT_THAT(BodiesAfter(*stream, 5), IsEmpty());
}

TEST_F(RepoSyncTest, AnEditedReviewIsSeenWhenItsPullRequestIsUpdated) {
  const int64_t review = repo_.AddReview(pull_, "hubot", "looks fine");
  clock_.Advance(absl::Hours(1));
  const auto stream = Start();
  Bodies(*stream);

  // When an edit adds the mention, which GitHub's listings do not show
  clock_.Advance(absl::Hours(2));
  repo_.EditReview(review, "looks fine, @octocat");
  const int64_t edited = absl::ToUnixSeconds(clock_.Now());
  EXPECT_THAT(BodiesAfter(*stream, 15), IsEmpty());

  // then it is delivered with the next update of its pull request.
  repo_.AddIssueComment(pull_, "hubot", "nobody");
  EXPECT_THAT(BodiesAfter(*stream, 3), ElementsAre("looks fine, @octocat"));
  EXPECT_EQ(SecondsOf(last_.updated_at()), edited);
}

TEST_F(RepoSyncTest, AnEditedReviewIsSeenByTheNextFullReadAtTheLatest) {
  const int64_t review = repo_.AddReview(pull_, "hubot", "looks fine");
  clock_.Advance(absl::Hours(1));
  environment_.full_read_interval = absl::Hours(24);
  const auto stream = Start();
  Bodies(*stream);
  repo_.EditReview(review, "looks fine, @octocat");
  std::vector<std::string> bodies;
  int polls = 0;
  while (bodies.empty() && polls < 2000) {
    bodies = BodiesAfter(*stream, 1);
    ++polls;
  }
  EXPECT_THAT(bodies, ElementsAre("looks fine, @octocat"));
  EXPECT_LE(polls, 24 * 60);
  EXPECT_THAT(BodiesAfter(*stream, 2 * 24 * 60), IsEmpty()) << "only once";
}

TEST_F(RepoSyncTest, AFullReadOfManyPagesEndsThoughItIsInterrupted) {
  // Given more pages than a poll reads, nearly all of issues
  for (int i = 0; i < 1500; ++i) {
    clock_.Advance(absl::Seconds(1));
    repo_.AddIssue("mona", "nobody");
  }
  const int64_t late = repo_.AddPull("mona", "nobody");
  const int64_t review = repo_.AddReview(late, "hubot", "looks fine");
  clock_.Advance(absl::Hours(1));
  environment_.full_read_interval = absl::Minutes(30);
  auto stream = Start();
  Bodies(*stream);
  repo_.EditReview(review, "looks fine, @octocat");
  std::vector<std::string> bodies;
  std::string token;
  for (int poll = 0; poll < 40; ++poll) {
    Poll();
    for (const EventQueue::Event& event : Drain(*stream->queue)) {
      token = event.resume_token();
      if (event.has_mention()) bodies.push_back(event.mention().body());
    }
    // When the stream is resumed elsewhere after each poll
    Cancel(*stream);
    stream =
        Start(With([&](auto& request) { request.set_resume_token(token); }));
  }
  EXPECT_THAT(bodies, ElementsAre("looks fine, @octocat"));
}

TEST_F(RepoSyncTest, SinceLeavesOutWhatWasNotChangedAfterIt) {
  repo_.AddReview(pull_, "hubot", "@octocat, old");
  clock_.Advance(absl::Hours(1));
  const absl::Time since = clock_.Now();
  repo_.AddReview(pull_, "hubot", "@octocat, new");
  clock_.Advance(absl::Hours(1));
  const auto stream = Start(With([&](auto& request) {
    request.mutable_since()->set_seconds(absl::ToUnixSeconds(since));
  }));
  EXPECT_THAT(Bodies(*stream), ElementsAre("@octocat, new"));
  EXPECT_THAT(BodiesAfter(*stream, 5), IsEmpty());
}

TEST_F(RepoSyncTest, IssuesAreReadWhereTheyAreWanted) {
  const int64_t issue = repo_.AddIssue("mona", "An issue for @octocat");
  repo_.AddIssueComment(issue, "hubot", "me too, @octocat");
  const auto stream = Start(With([&](auto& request) {
    request.add_sources(Source::SOURCE_ISSUE);
    request.add_sources(Source::SOURCE_ISSUE_COMMENT);
  }));
  EXPECT_THAT(Bodies(*stream),
              ElementsAre("An issue for @octocat", "me too, @octocat"));
  clock_.Advance(absl::Hours(1));
  repo_.EditPull(issue, "An edited issue for @octocat");
  EXPECT_THAT(BodiesAfter(*stream, 2),
              ElementsAre("An edited issue for @octocat"));
}

TEST_F(RepoSyncTest, NoHistoryMeansFromNowOn) {
  repo_.AddIssueComment(pull_, "hubot", "@octocat, just now");
  repo_.AddReview(pull_, "hubot", "@octocat, just now");
  const auto stream = Start(With(mentions::v1::HISTORY_NONE));
  EXPECT_THAT(Bodies(*stream), IsEmpty());
  EXPECT_TRUE(synced_);
  EXPECT_THAT(gaps_, IsEmpty());
  EXPECT_THAT(BodiesAfter(*stream, 3), IsEmpty());

  repo_.AddIssueComment(pull_, "hubot", "@octocat, next");
  repo_.AddReview(pull_, "hubot", "@octocat, next too");
  repo_.EditPull(pull_, "Edited for @octocat");
  EXPECT_THAT(BodiesAfter(*stream, 2),
              UnorderedElementsAre("@octocat, next", "@octocat, next too",
                                   "Edited for @octocat"));
  EXPECT_THAT(BodiesAfter(*stream, 3 * 24 * 60), IsEmpty());
}

TEST_F(RepoSyncTest, ASearchFindsTheHistoryAndSaysSo) {
  const int64_t quiet = repo_.AddPull("mona", "Nobody");
  repo_.AddReviewComment(pull_, "hubot", "@octocat, on a line");
  repo_.AddIssueComment(pull_, "hubot", "@octocat, in the conversation");
  repo_.AddReview(pull_, "hubot", "@octocat, in a review");
  repo_.AddReview(quiet, "hubot", "nobody");
  clock_.Advance(absl::Hours(1));
  const auto stream = Start(With(mentions::v1::HISTORY_SEARCH));
  EXPECT_THAT(Bodies(*stream),
              UnorderedElementsAre("For @octocat", "@octocat, on a line",
                                   "@octocat, in the conversation",
                                   "@octocat, in a review"));
  EXPECT_THAT(gaps_, ElementsAre(mentions::v1::GAP_SEARCH_INDEX));
  repo_.AddReview(quiet, "hubot", "@octocat, now");
  EXPECT_THAT(BodiesAfter(*stream, 3), ElementsAre("@octocat, now"));
}

TEST_F(RepoSyncTest, ASearchThatMayBeIncompleteIsNotUsed) {
  for (int i = 0; i < 60; ++i) {
    clock_.Advance(absl::Minutes(1));
    repo_.AddPull("mona", absl::StrCat("@octocat ", i));
  }
  clock_.Advance(absl::Hours(1));
  const std::string failing =
      R"({"data":{"search":{"issueCount":61,"pageInfo":{"hasNextPage":false,)"
      R"("endCursor":null},"nodes":[]}},"errors":[{"message":"oops"}]})";
  const std::string too_many =
      R"({"data":{"search":{"issueCount":1001,"pageInfo":{"hasNextPage":true,)"
      R"("endCursor":"abc"},"nodes":[]}}})";
  const std::vector<std::function<void()>> troubles = {
      [&] { github_.SetGraphQlFaults({.search_shows = 50}); },
      [&] {
        github_.SetGraphQlFaults({.pulls = {{pull_, {.field = "reviews"}}}});
      },
      [&] {
        Fault fault = Fault::Answer("/graphql", 200, failing);
        fault.body_contains = "search(";
        github_.AddFault(fault);
      },
      [&] {
        Fault fault = Fault::Answer("/graphql", 200, too_many);
        fault.body_contains = "search(";
        github_.AddFault(fault);
      },
  };
  int number = 0;
  for (const auto& trouble : troubles) {
    trouble();
    gaps_.clear();
    Subscription subscription = With(mentions::v1::HISTORY_SEARCH);
    subscription.token = Secret(absl::StrCat("ghp_", ++number));
    const auto stream = Start(subscription);
    std::vector<std::string> bodies = Bodies(*stream);
    // A pull request that fails for the search fails for the complete way, too,
    // until it can be read.
    github_.SetGraphQlFaults({});
    for (const std::string& body : BodiesAfter(*stream, 12)) {
      bodies.push_back(body);
    }
    EXPECT_EQ(bodies.size(), 61U) << number;
    EXPECT_THAT(gaps_, IsEmpty()) << number;
    Cancel(*stream);
  }
}

TEST_F(RepoSyncTest, WithoutATokenReviewsAndEditsAreMissingAndReportedAsAGap) {
  repo_.AddReview(pull_, "hubot", "@octocat, a review");
  repo_.AddIssueComment(pull_, "hubot", "@octocat, a comment");
  repo_.EditPull(pull_, "Edited for @octocat");
  clock_.Advance(absl::Hours(1));
  const auto stream = Start(With([](auto& request) { request.clear_token(); }));
  EXPECT_THAT(Bodies(*stream),
              ElementsAre("Edited for @octocat", "@octocat, a comment"));
  EXPECT_THAT(gaps_, ElementsAre(mentions::v1::GAP_ANONYMOUS));
  EXPECT_EQ(github_.stats().graphql_requests, 0);

  repo_.AddPull("mona", "Another for @octocat");
  repo_.EditPull(pull_, "Edited again for @octocat");
  EXPECT_THAT(BodiesAfter(*stream, 12), ElementsAre("Another for @octocat"));
}

TEST_F(RepoSyncTest, WithoutGraphQlTheHistoryHasAGap) {
  GraphQlFaults forbidden;
  forbidden.forbidden = true;
  GraphQlFaults absent;
  absent.absent = true;
  for (const GraphQlFaults& faults : {forbidden, absent}) {
    github_.SetGraphQlFaults(faults);
    gaps_.clear();
    const auto stream = Start();
    std::vector<std::string> bodies = Bodies(*stream);
    for (const std::string& body : BodiesAfter(*stream, 2)) {
      bodies.push_back(body);
    }
    EXPECT_THAT(bodies, ElementsAre("For @octocat"));
    EXPECT_THAT(gaps_, ElementsAre(mentions::v1::GAP_NO_GRAPHQL));
    EXPECT_FALSE(stream->poller.ended().has_value());
    Cancel(*stream);
  }
}

TEST_F(RepoSyncTest, ATokenThatLosesGraphQlIsReportedAndCommentsStillCome) {
  const auto stream = Start();
  Bodies(*stream);
  GraphQlFaults faults;
  faults.forbidden = true;
  github_.SetGraphQlFaults(faults);
  repo_.AddReview(pull_, "hubot", "@octocat, a review");
  repo_.AddIssueComment(pull_, "hubot", "@octocat, a comment");
  std::vector<std::string> bodies;
  bool delayed = false;
  for (int attempt = 0; attempt < 15; ++attempt) {
    Poll();
    for (const EventQueue::Event& event : Drain(*stream->queue)) {
      if (event.has_mention()) bodies.push_back(event.mention().body());
      if (!event.has_delayed()) continue;
      delayed = true;
      EXPECT_THAT(event.delayed().detail(), HasSubstr("not accessible"));
    }
  }
  EXPECT_THAT(bodies, ElementsAre("@octocat, a comment"));
  EXPECT_TRUE(delayed);

  github_.SetGraphQlFaults({});
  EXPECT_THAT(BodiesAfter(*stream, 2), ElementsAre("@octocat, a review"));
}

TEST_F(RepoSyncTest, TheLogNamesTheStreamThatMissesSomething) {
  const std::string stream_is =
      absl::StrCat("stream ", RunningPoller::kId.ToString(), ": ");
  const CapturedLog log;
  // Given a search that is incomplete,
  github_.SetGraphQlFaults({.search_shows = 0});
  Cancel(*Start(With(mentions::v1::HISTORY_SEARCH)));
  EXPECT_EQ(
      log.With(stream_is + "reading the complete history of octo/demo").size(),
      1U);
  // a token that may not use GraphQL,
  github_.SetGraphQlFaults({.forbidden = true});
  Cancel(*Start(With([](auto& request) { request.set_token("ghp_two"); })));
  EXPECT_EQ(log.With(stream_is + "reviews and edits of descriptions in "
                                 "octo/demo cannot be read")
                .size(),
            1U);
  // and a pull request, of two, that cannot be read.
  github_.SetGraphQlFaults({});
  repo_.AddPull("mona", "Another for @octocat");
  Fault fault = Fault::HtmlBadGateway("/graphql");
  fault.body_contains = "pullRequest(number:2)";
  fault.times = std::nullopt;
  github_.AddFault(fault);
  const auto stream =
      Start(With([](auto& request) { request.set_token("ghp_three"); }));
  for (int i = 0; i < 20; ++i) Poll();
  EXPECT_GE(log.With(stream_is + "#2 of octo/demo cannot be read").size(), 1U);
}

}  // namespace
}  // namespace mentiond
