// What a stream delivers of a repository, by the way in which its history is
// read and by what GitHub shows.

#include "lib/sync/repo_sync.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

#include "tests/fakes/captured_log.h"
#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

using mentions::v1::Gap;
using mentions::v1::Mention;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class RepoSyncTest : public StreamFixture {
 protected:
  RepoSyncTest() { clock_.Advance(absl::Hours(1)); }

  static Subscription With(mentions::v1::History history) {
    return SubscriptionWith(
        [&](auto& request) { request.set_history(history); });
  }

  // The bodies of the mentions delivered since the last call, after so many
  // polls; the gaps go to gaps_ when the history is complete.
  std::vector<std::string> Bodies(OpenStream& stream, int polls = 0) {
    std::vector<std::string> bodies;
    Poll(polls);
    for (const EventQueue::Event& event : Drain(*stream.queue)) {
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

  const int64_t pull_ = repo_.AddPull("mona", "For @octocat");
  Mention last_;
  bool synced_ = false;
  std::vector<Gap> gaps_;
};

TEST_F(RepoSyncTest, AnEditedDescriptionIsDeliveredAgainAndNothingElseIs) {
  const auto stream = Start();
  EXPECT_THAT(Bodies(*stream), ElementsAre("For @octocat"));
  const int64_t created = last_.created_at().seconds();
  EXPECT_EQ(last_.updated_at().seconds(), created) << "when it appeared";

  // A label, a comment and a new title update the pull request.
  repo_.AddIssueComment(pull_, "hubot", "nobody");
  clock_.Advance(absl::Hours(1));
  repo_.EditPull(pull_, "For @octocat and mona");
  const int64_t edited = absl::ToUnixSeconds(clock_.Now());
  EXPECT_THAT(Bodies(*stream, 5), ElementsAre("For @octocat and mona"));
  EXPECT_EQ(last_.updated_at().seconds(), edited);
  EXPECT_EQ(last_.created_at().seconds(), created);

  repo_.AddIssueComment(pull_, "hubot", "nobody again");
  EXPECT_THAT(Bodies(*stream, 5), IsEmpty());
}

// Shows: an edited review is delivered with the next update or full read
TEST_F(RepoSyncTest, AnEditedReviewIsSeenWithTheNextUpdateOrFullRead) {
  const int64_t review = repo_.AddReview(pull_, "hubot", "looks fine");
  clock_.Advance(absl::Hours(1));
  environment_.full_read_interval = absl::Hours(24);
  const auto stream = Start();
  Bodies(*stream);

  // When an edit adds the mention, which GitHub's listings do not show,
  repo_.EditReview(review, "looks fine, @octocat");
  const int64_t edited = absl::ToUnixSeconds(clock_.Now());
  EXPECT_THAT(Bodies(*stream, 15), IsEmpty());
  // then it is delivered with the next update of its pull request,
  repo_.AddIssueComment(pull_, "hubot", "nobody");
  EXPECT_THAT(Bodies(*stream, 3), ElementsAre("looks fine, @octocat"));
  EXPECT_EQ(last_.updated_at().seconds(), edited);

  // or else by the next full read, once a day, and only once.
  repo_.EditReview(review, "still fine, @octocat");
  EXPECT_THAT(Bodies(*stream, 24 * 60), ElementsAre("still fine, @octocat"));
  EXPECT_THAT(Bodies(*stream, 2 * 24 * 60), IsEmpty());
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
  for (int poll = 0; poll < 40; ++poll) {
    Poll();
    const Events events = Drain(*stream->queue);
    for (const EventQueue::Event& event : events) {
      if (event.has_mention()) bodies.push_back(event.mention().body());
    }
    // When the stream is resumed elsewhere after each poll
    Cancel(*stream);
    stream = Start(SubscriptionWith([&](auto& request) {
      request.set_resume_token(events.back().resume_token());
    }));
  }
  EXPECT_THAT(bodies, ElementsAre("looks fine, @octocat"));
}

// Shows: the description of a transferred issue is not delivered
// GitHub shows only when it was opened in the other repository.
TEST_F(RepoSyncTest, TheDescriptionOfAnIssueThatIsTransferredIsNotDelivered) {
  const auto stream = Start(SubscriptionWith([](auto& request) {
    request.add_sources(Source::SOURCE_ISSUE);
    request.add_sources(Source::SOURCE_ISSUE_COMMENT);
  }));
  EXPECT_THAT(Bodies(*stream, 3), IsEmpty());
  const int64_t issue =
      repo_.AddIssue("mona", "Transferred, for @octocat",
                     {.created_at = clock_.Now() - absl::Hours(24 * 30),
                      .updated_at = clock_.Now()});
  EXPECT_THAT(Bodies(*stream, 12), IsEmpty());
  // What is written on it afterwards is, and so is an edit.
  repo_.AddIssueComment(issue, "hubot", "@octocat, it is here now");
  EXPECT_THAT(Bodies(*stream, 3), ElementsAre("@octocat, it is here now"));
  repo_.EditPull(issue, "Edited, for @octocat");
  EXPECT_THAT(Bodies(*stream, 3), ElementsAre("Edited, for @octocat"));
}

// Shows: `since` leaves out what was changed before
TEST_F(RepoSyncTest, SinceLeavesOutWhatWasNotChangedAfterIt) {
  repo_.AddReview(pull_, "hubot", "@octocat, old");
  clock_.Advance(absl::Hours(1));
  const absl::Time since = clock_.Now();
  repo_.AddReview(pull_, "hubot", "@octocat, new");
  clock_.Advance(absl::Hours(1));
  const auto stream = Start(SubscriptionWith([&](auto& request) {
    request.mutable_since()->set_seconds(absl::ToUnixSeconds(since));
  }));
  EXPECT_THAT(Bodies(*stream), ElementsAre("@octocat, new"));
  EXPECT_THAT(Bodies(*stream, 5), IsEmpty());
}

// Shows: history none: only mentions from now on
TEST_F(RepoSyncTest, NoHistoryMeansFromNowOn) {
  repo_.AddIssueComment(pull_, "hubot", "@octocat, just now");
  repo_.AddReview(pull_, "hubot", "@octocat, just now");
  const auto stream = Start(With(mentions::v1::HISTORY_NONE));
  EXPECT_THAT(Bodies(*stream), IsEmpty());
  EXPECT_TRUE(synced_);
  EXPECT_THAT(gaps_, IsEmpty());
  EXPECT_THAT(Bodies(*stream, 3), IsEmpty());

  repo_.AddIssueComment(pull_, "hubot", "@octocat, next");
  repo_.AddReview(pull_, "hubot", "@octocat, next too");
  repo_.EditPull(pull_, "Edited for @octocat");
  EXPECT_THAT(Bodies(*stream, 2),
              UnorderedElementsAre("@octocat, next", "@octocat, next too",
                                   "Edited for @octocat"));
  EXPECT_THAT(Bodies(*stream, 3 * 24 * 60), IsEmpty());
}

// Shows: history search: what the index finds, with a gap
TEST_F(RepoSyncTest, ASearchFindsTheHistoryAndSaysSo) {
  repo_.AddReview(pull_, "hubot", "@octocat, in a review");
  clock_.Advance(absl::Hours(1));
  const auto stream = Start(With(mentions::v1::HISTORY_SEARCH));
  EXPECT_THAT(Bodies(*stream),
              UnorderedElementsAre("For @octocat", "@octocat, in a review"));
  EXPECT_THAT(gaps_, ElementsAre(mentions::v1::GAP_SEARCH_INDEX));
}

// Shows: history search: read completely where the results do not add up
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
  const auto answer = [this](const std::string& body) {
    Fault fault = Fault::Answer("/graphql", 200, body);
    fault.body_contains = "search(";
    github_.AddFault(fault);
  };
  const std::vector<std::function<void()>> troubles = {
      [&] { github_.SetGraphQlFaults({.search_shows = 50}); },
      [&] {
        github_.SetGraphQlFaults({.pulls = {{pull_, {.field = "reviews"}}}});
      },
      [&] { answer(failing); },
      [&] { answer(too_many); },
  };
  int number = 0;
  for (const auto& trouble : troubles) {
    trouble();
    gaps_.clear();
    const auto stream = Start(SubscriptionWith([&](auto& request) {
      request.set_history(mentions::v1::HISTORY_SEARCH);
      request.set_token(absl::StrCat("ghp_", ++number));
    }));
    std::vector<std::string> bodies = Bodies(*stream);
    // A pull request that fails for the search fails for the complete way, too,
    // until it can be read.
    github_.SetGraphQlFaults({});
    const auto more = Bodies(*stream, 12);
    EXPECT_EQ(bodies.size() + more.size(), 61U) << number;
    EXPECT_THAT(gaps_, IsEmpty()) << number;
    Cancel(*stream);
  }
}

// Shows: without a token: a gap in `Synced`
TEST_F(RepoSyncTest, WithoutATokenReviewsAndEditsAreMissingAndReportedAsAGap) {
  repo_.AddReview(pull_, "hubot", "@octocat, a review");
  repo_.AddIssueComment(pull_, "hubot", "@octocat, a comment");
  repo_.EditPull(pull_, "Edited for @octocat");
  clock_.Advance(absl::Hours(1));
  const auto stream = Start(WithToken(""));
  EXPECT_THAT(Bodies(*stream),
              ElementsAre("Edited for @octocat", "@octocat, a comment"));
  EXPECT_THAT(gaps_, ElementsAre(mentions::v1::GAP_ANONYMOUS));
  EXPECT_EQ(github_.stats().graphql_requests, 0);

  repo_.AddPull("mona", "Another for @octocat");
  repo_.EditPull(pull_, "Edited again for @octocat");
  EXPECT_THAT(Bodies(*stream, 12), ElementsAre("Another for @octocat"));
}

// Shows: without GraphQL: a gap in `Synced`
TEST_F(RepoSyncTest, WithoutGraphQlTheHistoryHasAGap) {
  for (const bool absent : {true, false}) {
    github_.SetGraphQlFaults({.forbidden = !absent, .absent = absent});
    gaps_.clear();
    const auto stream = Open(MakeSubscription());
    Run();
    EXPECT_THAT(Bodies(*stream, 2), ElementsAre("For @octocat"));
    EXPECT_THAT(gaps_, ElementsAre(mentions::v1::GAP_NO_GRAPHQL));
    EXPECT_FALSE(stream->ended());
    Cancel(*stream);
  }
}

TEST_F(RepoSyncTest, ATokenThatLosesGraphQlIsReportedAndCommentsStillCome) {
  const auto stream = Start();
  Bodies(*stream);
  github_.SetGraphQlFaults({.forbidden = true});
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
  EXPECT_THAT(Bodies(*stream, 2), ElementsAre("@octocat, a review"));
}

// Shows: a resume token contains no secret
TEST_F(RepoSyncTest, AResumeTokenHasNothingOfTheGitHubToken) {
  repo_.AddReview(pull_, "hubot", "@octocat, a review");
  std::vector<std::string> before;
  for (const std::string secret : {"ghp_0123456789abcdefghijklmnopqrstuvwxyz",
                                   "github_pat_ZYXWVUTSRQPO"}) {
    const auto stream = Start(WithToken(secret));
    std::vector<std::string> tokens;
    for (const EventQueue::Event& event : Drain(*stream->queue)) {
      tokens.push_back(event.resume_token());
      std::string bytes;
      ASSERT_TRUE(absl::WebSafeBase64Unescape(tokens.back().substr(2), &bytes));
      for (size_t i = 0; i + 4 <= secret.size(); ++i) {
        const std::string part = secret.substr(i, 4);
        EXPECT_THAT(bytes, Not(HasSubstr(part)));
        EXPECT_THAT(tokens.back(), Not(HasSubstr(part)));
      }
    }
    // Nor anything made of it: with another one it is the same.
    EXPECT_TRUE(before.empty() || tokens == before);
    before = tokens;
  }
}

TEST_F(RepoSyncTest, TheLogNamesTheStreamThatMissesSomething) {
  const std::string stream_is =
      absl::StrCat("stream ", OpenStream::kId.ToString(), ": ");
  const CapturedLog log;
  // Given a search that is incomplete,
  github_.SetGraphQlFaults({.search_shows = 0});
  Cancel(*Start(With(mentions::v1::HISTORY_SEARCH)));
  EXPECT_EQ(
      log.With(stream_is + "reading the complete history of octo/demo").size(),
      1U);
  // a token that may not use GraphQL,
  github_.SetGraphQlFaults({.forbidden = true});
  Cancel(*Start(WithToken("ghp_two")));
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
  const auto stream = Start(
      SubscriptionWith([](auto& request) { request.set_token("ghp_three"); }));
  Poll(20);
  EXPECT_GE(log.With(stream_is + "#2 of octo/demo cannot be read").size(), 1U);
}

}  // namespace
}  // namespace mentiond
