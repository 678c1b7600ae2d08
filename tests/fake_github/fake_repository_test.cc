#include "tests/fake_github/fake_repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

using Query = FakeRepository::Query;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// 2024-03-01T12:00:00Z
constexpr int64_t kNoonSeconds = 1709294400;

rapidjson::Document Parsed(const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  return document;
}

class FakeRepositoryTest : public ::testing::Test {
 protected:
  FakeRepositoryTest() { SetNow(kNoonSeconds); }

  void SetNow(int64_t seconds) {
    world_->SetNow([seconds] {
      return absl::FromUnixSeconds(seconds) + absl::Milliseconds(900);
    });
  }

  static absl::Time At(int64_t seconds) {
    return absl::FromUnixSeconds(seconds);
  }

  ItemPtr Only(ItemKind kind) {
    const std::vector<ItemPtr> all = repo_.All(kind);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? nullptr : all.front();
  }

  std::string UpdatedAt(int64_t number) {
    return StringMember(Parsed(repo_.FindNumber(number)->json), "updated_at")
        .value_or("");
  }

  std::shared_ptr<World> world_ = std::make_shared<World>();
  FakeRepository repo_{RepoIdentity{7, "octo", "demo"}, world_};
};

TEST_F(FakeRepositoryTest, TimesAreWholeSecondsOfTheGivenClock) {
  const int64_t pull = repo_.AddPull("mona", "Fixes it.");

  const rapidjson::Document json = Parsed(repo_.FindNumber(pull)->json);

  EXPECT_EQ(StringMember(json, "created_at"), "2024-03-01T12:00:00Z");
  EXPECT_EQ(StringMember(json, "updated_at"), "2024-03-01T12:00:00Z");
}

TEST_F(FakeRepositoryTest, PullsAndIssuesShareTheirNumbers) {
  EXPECT_EQ(repo_.AddPull("mona", "one"), 1);
  EXPECT_EQ(repo_.AddIssue("mona", "two"), 2);
  EXPECT_EQ(repo_.AddPull("mona", "forty", {.number = 40}), 40);
  EXPECT_EQ(repo_.AddPull("mona", "next"), 41);
  EXPECT_EQ(repo_.AddPull("mona", "taken", {.number = 40}), 0);
}

TEST_F(FakeRepositoryTest, IdsAreBeyond32Bits) {
  repo_.AddPull("mona", "one");
  EXPECT_GT(repo_.AddIssueComment(1, "mona", "two"), int64_t{1} << 32);
}

TEST_F(FakeRepositoryTest, WhatIsWrittenOnAPullMovesItsTime) {
  repo_.AddPull("mona", "one");

  SetNow(kNoonSeconds + 10);
  const int64_t comment = repo_.AddIssueComment(1, "hubot", "hi");
  EXPECT_EQ(UpdatedAt(1), "2024-03-01T12:00:10Z");

  SetNow(kNoonSeconds + 20);
  repo_.AddReview(1, "hubot", "fine");
  EXPECT_EQ(UpdatedAt(1), "2024-03-01T12:00:20Z");

  SetNow(kNoonSeconds + 30);
  const int64_t on_diff = repo_.AddReviewComment(1, "hubot", "here");
  EXPECT_EQ(UpdatedAt(1), "2024-03-01T12:00:30Z");

  SetNow(kNoonSeconds + 40);
  ASSERT_TRUE(repo_.EditIssueComment(comment, "hi!"));
  EXPECT_EQ(UpdatedAt(1), "2024-03-01T12:00:40Z");

  SetNow(kNoonSeconds + 50);
  ASSERT_TRUE(repo_.EditReviewComment(on_diff, "there"));
  EXPECT_EQ(UpdatedAt(1), "2024-03-01T12:00:40Z")
      << "edits of review comments do not move the pull request";
}

TEST_F(FakeRepositoryTest, ALateComerHasThePastItWasGiven) {
  repo_.AddPull("mona", "one");
  SetNow(kNoonSeconds + 100);

  repo_.AddIssueComment(1, "hubot", "late",
                        {.updated_at = At(kNoonSeconds + 5)});

  const ItemPtr comment = Only(ItemKind::kIssueComment);
  EXPECT_EQ(comment->updated, kNoonSeconds + 5);
  EXPECT_EQ(comment->created, kNoonSeconds + 5);
  EXPECT_EQ(UpdatedAt(1), "2024-03-01T12:01:40Z");
}

TEST_F(FakeRepositoryTest, ADraftIsOlderThanItsSending) {
  repo_.AddPull("mona", "one");

  repo_.AddReviewComment(
      1, "hubot", "long thought about",
      {.created_at = At(kNoonSeconds - 9000), .updated_at = At(kNoonSeconds)});

  const rapidjson::Document json = Parsed(Only(ItemKind::kReviewComment)->json);
  EXPECT_EQ(StringMember(json, "created_at"), "2024-03-01T09:30:00Z");
  EXPECT_EQ(StringMember(json, "updated_at"), "2024-03-01T12:00:00Z");
}

TEST_F(FakeRepositoryTest, AReviewCommentComesWithItsReview) {
  repo_.AddPull("mona", "one");

  repo_.AddReviewComment(1, "hubot", "here");

  const ItemPtr review = Only(ItemKind::kReview);
  EXPECT_EQ(review->body, "");
  EXPECT_EQ(IntMember(Parsed(Only(ItemKind::kReviewComment)->json),
                      "pull_request_review_id"),
            review->id);
}

TEST_F(FakeRepositoryTest, AReviewHasOneTimeWhichAnEditKeeps) {
  repo_.AddPull("mona", "one");
  const int64_t review =
      repo_.AddReview(1, "hubot", "fine", {.state = "APPROVED"});

  SetNow(kNoonSeconds + 60);
  ASSERT_TRUE(repo_.EditReview(review, "very fine"));

  const rapidjson::Document json = Parsed(Only(ItemKind::kReview)->json);
  EXPECT_EQ(StringMember(json, "submitted_at"), "2024-03-01T12:00:00Z");
  EXPECT_EQ(Member(json, "updated_at"), nullptr);
  EXPECT_EQ(StringMember(json, "body"), "very fine");
  EXPECT_EQ(StringMember(json, "state"), "APPROVED");
}

TEST_F(FakeRepositoryTest, DeletedAccountsAndEmptyBodiesAreNull) {
  repo_.AddPull("", std::nullopt);
  repo_.AddIssueComment(1, "", std::nullopt);
  repo_.AddReviewComment(1, "", "outdated", {.line = std::nullopt});

  EXPECT_THAT(repo_.FindNumber(1)->json, HasSubstr("\"user\":null"));
  EXPECT_THAT(repo_.FindNumber(1)->json, HasSubstr("\"body\":null"));
  EXPECT_THAT(Only(ItemKind::kIssueComment)->json,
              AllOf(HasSubstr("\"user\":null"), HasSubstr("\"body\":null")));
  EXPECT_THAT(
      Only(ItemKind::kReviewComment)->json,
      AllOf(HasSubstr("\"line\":null"), HasSubstr("\"position\":null")));
}

TEST_F(FakeRepositoryTest, AnEditIsInAllViewsOfAPull) {
  repo_.AddPull("mona", "one");
  SetNow(kNoonSeconds + 60);

  ASSERT_TRUE(
      repo_.EditPull(1, "two\r\n\"quoted\"", {.title = "New", .open = false}));

  const ItemPtr pull = repo_.FindNumber(1);
  for (const std::string& view :
       {pull->json, pull->pull_json, pull->pull_full_json}) {
    const rapidjson::Document json = Parsed(view);
    EXPECT_EQ(StringMember(json, "body"), "two\r\n\"quoted\"");
    EXPECT_EQ(StringMember(json, "title"), "New");
    EXPECT_EQ(StringMember(json, "state"), "closed");
    EXPECT_EQ(StringMember(json, "closed_at"), "2024-03-01T12:01:00Z");
    EXPECT_EQ(StringMember(json, "updated_at"), "2024-03-01T12:01:00Z");
    EXPECT_EQ(StringMember(json, "created_at"), "2024-03-01T12:00:00Z");
  }
}

TEST_F(FakeRepositoryTest, CountsFollowWhatIsThere) {
  repo_.AddPull("mona", "one");
  repo_.AddIssueComment(1, "mona", "a");
  const int64_t second = repo_.AddIssueComment(1, "mona", "b");
  repo_.AddReviewComment(1, "mona", "c");

  ASSERT_TRUE(repo_.DeleteIssueComment(second));

  const rapidjson::Document json = Parsed(repo_.FindNumber(1)->pull_full_json);
  EXPECT_EQ(IntMember(json, "comments"), 1);
  EXPECT_EQ(IntMember(json, "review_comments"), 1);
}

TEST_F(FakeRepositoryTest, NothingIsAddedToWhatIsNotThere) {
  const int64_t issue = repo_.AddIssue("mona", "only an issue");

  EXPECT_EQ(repo_.AddIssueComment(99, "mona", "x"), 0);
  EXPECT_EQ(repo_.AddReview(issue, "mona", "x"), 0);
  EXPECT_EQ(repo_.AddReviewComment(issue, "mona", "x"), 0);
  EXPECT_FALSE(repo_.EditIssueComment(99, "x"));
  EXPECT_FALSE(repo_.EditPull(99, "x"));
  EXPECT_FALSE(repo_.DeleteReview(99));
}

TEST_F(FakeRepositoryTest, ADeletedPullTakesWhatWasWrittenOnItAlong) {
  repo_.AddPull("mona", "one");
  repo_.AddPull("mona", "two");
  repo_.AddIssueComment(1, "mona", "a");
  repo_.AddReviewComment(1, "mona", "b");
  const int64_t kept = repo_.AddIssueComment(2, "mona", "c");

  ASSERT_TRUE(repo_.DeletePull(1));

  EXPECT_EQ(repo_.FindNumber(1), nullptr);
  EXPECT_EQ(Only(ItemKind::kIssueComment)->id, kept);
  EXPECT_THAT(repo_.All(ItemKind::kReviewComment), IsEmpty());
  EXPECT_THAT(repo_.All(ItemKind::kReview), IsEmpty());
}

TEST_F(FakeRepositoryTest, SinceIsInclusiveAndTiesGoById) {
  repo_.AddPull("mona", "one");
  std::vector<int64_t> ids;
  ids.reserve(4);
  for (int i = 0; i < 4; ++i) {
    // Two in each second, and the later id in the earlier one.
    ids.push_back(repo_.AddIssueComment(
        1, "mona", "x", {.created_at = At(kNoonSeconds - i / 2)}));
  }
  Query query;
  query.kind = ItemKind::kIssueComment;
  query.order = FakeRepository::Order::kUpdated;
  query.since = kNoonSeconds - 1;

  const auto ids_of = [](const FakeRepository::Page& page) {
    std::vector<int64_t> found;
    found.reserve(page.items.size());
    for (const ItemPtr& item : page.items) found.push_back(item->id);
    return found;
  };
  EXPECT_THAT(ids_of(repo_.List(query)),
              ElementsAre(ids[2], ids[3], ids[0], ids[1]));
  query.since = kNoonSeconds;
  EXPECT_THAT(ids_of(repo_.List(query)), ElementsAre(ids[0], ids[1]));
  query.since = kNoonSeconds + 1;
  EXPECT_THAT(ids_of(repo_.List(query)), IsEmpty());
}

TEST_F(FakeRepositoryTest, ARenamedRepositoryChangesItsUrlsOnly) {
  repo_.AddPull("mona", "See https://github.com/octo/demo/pull/1");

  repo_.Rename("tree", "house");

  const rapidjson::Document json = Parsed(repo_.FindNumber(1)->json);
  EXPECT_EQ(StringMember(json, "html_url"),
            "https://github.com/tree/house/pull/1");
  EXPECT_EQ(StringMember(json, "comments_url"),
            "https://api.github.com/repos/tree/house/issues/1/comments");
  EXPECT_EQ(StringMember(json, "body"),
            "See https://github.com/octo/demo/pull/1");
}

TEST_F(FakeRepositoryTest, ImportKeepsTheBodyAndRefusesWhatIsNotAnItem) {
  const std::string text =
      R"({"id":12,"issue_url":"https://x/issues/3","user":null,)"
      R"("created_at":"2020-01-01T00:00:00Z",)"
      R"("updated_at":"2020-01-02T00:00:00Z","odd":[1,2],"body":"b"})";

  ASSERT_TRUE(repo_.Import(ItemKind::kIssueComment, text).ok());

  EXPECT_EQ(Only(ItemKind::kIssueComment)->json, text);
  EXPECT_EQ(repo_.AddIssuesKnownByComments(), 1u);
  EXPECT_EQ(repo_.FindNumber(3)->comments, 1);
  EXPECT_FALSE(repo_.Import(ItemKind::kIssueComment, "[]").ok());
  EXPECT_FALSE(repo_.Import(ItemKind::kIssueComment, "{\"id\":1}").ok());
  EXPECT_FALSE(repo_.Import(ItemKind::kIssue, "no JSON").ok());
}

TEST_F(FakeRepositoryTest, ManyThreadsMayWriteAndList) {
  repo_.AddPull("mona", "one");
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 50; ++i) {
        const int64_t id = repo_.AddIssueComment(1, "mona", "x");
        repo_.EditIssueComment(id, "y");
        Query query;
        query.kind = ItemKind::kIssueComment;
        repo_.List(query);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(repo_.All(ItemKind::kIssueComment).size(), 200u);
  EXPECT_EQ(repo_.FindNumber(1)->comments, 200);
}

}  // namespace
}  // namespace mentiond::fake_github
