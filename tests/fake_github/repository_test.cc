// What a repository of the stand-in holds, and how GitHub's three lists show
// it: order, pages, links, times.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "tests/fake_github/test_client.h"

namespace mentiond::fake_github {
namespace {

using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RepositoryTest : public ::testing::Test {
 protected:
  RepositoryTest() { SetNow(0); }

  // Seconds after noon; times are whole seconds of that.
  void SetNow(int seconds) {
    fake_.SetNow([now = At(seconds) + absl::Milliseconds(900)] { return now; });
  }
  static absl::Time At(int seconds) { return kNoon + absl::Seconds(seconds); }

  // `count` comments on pull request 1, a second apart from noon on.
  std::vector<int64_t> AddComments(int count) {
    std::vector<int64_t> ids;
    if (repo_.FindNumber(1) == nullptr) repo_.AddPull("mona", "one");
    for (int i = 0; i < count; ++i) {
      ids.push_back(repo_.AddIssueComment(
          1, "mona", absl::StrCat("comment ", i), {.created_at = At(i)}));
    }
    return ids;
  }

  TestAnswer List(const std::string& rest) {
    return Get(fake_, "/repos/octo/demo" + rest);
  }

  FakeGitHub fake_;
  FakeRepository& repo_ = fake_.repo("octo/demo");
};

TEST_F(RepositoryTest, ListsAreInGitHubsOrder) {
  repo_.AddPull("mona", "1");
  repo_.AddIssue("mona", "2");
  repo_.AddPull("mona", "3", {.open = false, .created_at = At(2)});
  repo_.AddIssueComment(1, "mona", "a",
                        {.created_at = At(0), .pull_updated_at = At(0)});
  repo_.AddIssueComment(2, "mona", "b",
                        {.created_at = At(1), .pull_updated_at = At(1)});
  repo_.AddIssueComment(1, "mona", "c",
                        {.created_at = At(2), .pull_updated_at = At(5)});
  ASSERT_TRUE(repo_.EditIssueComment(
      repo_.All(ItemKind::kIssueComment)[0]->id, "A",
      {.updated_at = At(3600), .pull_updated_at = At(5)}));
  repo_.AddReviewComment(1, "", std::nullopt, {.pull_updated_at = At(5)});
  // Within a second they go by id.
  repo_.AddReviewComment(1, "hubot", "e\r\n\"e\"", {.pull_updated_at = At(5)});

  struct Case {
    const char* list;
    std::vector<std::string> bodies;
  };
  for (const auto& [list, bodies] : std::vector<Case>{
           {"/issues/comments", {"A", "b", "c"}},
           // `direction` counts only with `sort`.
           {"/issues/comments?direction=desc", {"A", "b", "c"}},
           {"/issues/comments?sort=created&direction=desc", {"c", "b", "A"}},
           {"/issues/comments?sort=updated", {"b", "c", "A"}},
           {"/issues/comments?sort=updated&direction=desc", {"A", "c", "b"}},
           // `since` looks at updated_at in any order, and is inclusive.
           {"/issues/comments?since=2024-03-01T12:00:02Z", {"A", "c"}},
           {"/issues/comments?sort=updated&since=2024-03-01T12:00:02Z",
            {"c", "A"}},
           {"/issues/comments?since=2024-03-01T13%3A00%3A00%2B00%3A00", {"A"}},
           {"/issues/comments?sort=updated&since=2024-03-01T13:00:01Z", {}},
           {"/pulls/comments?sort=updated", {"(null)", "e\r\n\"e\""}},
           // Pull requests are issues; open ones, the newest first.
           {"/issues", {"2", "1"}},
           {"/issues?state=closed", {"3"}},
           {"/issues?state=all&direction=asc", {"1", "2", "3"}},
           {"/issues?state=all&sort=updated&direction=asc", {"2", "3", "1"}},
           {"/issues?state=all&sort=updated&since=2024-03-01T12:00:02Z",
            {"1", "3"}},
       }) {
    EXPECT_EQ(List(list).Texts("body"), bodies) << list;
  }
  EXPECT_THAT(List("/pulls/comments").body, HasSubstr("\"user\":null"));
  const rapidjson::Document issues = ParseJsonText(List("/issues").body);
  EXPECT_EQ(Member(issues[0], "pull_request"), nullptr);
  EXPECT_NE(Member(issues[1], "pull_request"), nullptr);
}

TEST_F(RepositoryTest, PagesLinkToEachOtherById) {
  AddComments(7);
  const std::string target =
      "/issues/comments?per_page=3&sort=updated&since=2020-01-01T00:00:00%2B01:"
      "00";
  const std::string by_id = absl::StrCat(
      "http://github.test/repositories/", repo_.identity().id,
      "/issues/comments?per_page=3&sort=updated&since=2020-01-01T00%3A00%3A00%"
      "2B01%3A00&page=");

  const TestAnswer first = List(target);
  EXPECT_EQ(first.Header("Link"),
            absl::StrCat("<", by_id, "2>; rel=\"next\", <", by_id,
                         "3>; rel=\"last\""));
  const TestAnswer second = Get(fake_, first.Link("next"));
  EXPECT_THAT(second.Texts("body"),
              ElementsAre("comment 3", "comment 4", "comment 5"));
  EXPECT_EQ(second.Header("Link"),
            absl::StrCat("<", by_id, "1>; rel=\"prev\", <", by_id,
                         "3>; rel=\"next\", <", by_id, "3>; rel=\"last\", <",
                         by_id, "1>; rel=\"first\""));
  const TestAnswer third = Get(fake_, second.Link("next"));
  EXPECT_THAT(third.Texts("body"), ElementsAre("comment 6"));
  EXPECT_EQ(third.Header("Link"),
            absl::StrCat("<", by_id, "2>; rel=\"prev\", <", by_id,
                         "1>; rel=\"first\""));
  const TestAnswer beyond = List(target + "&page=5");
  EXPECT_EQ(beyond.body, "[]");
  EXPECT_EQ(beyond.Link("prev"), by_id + "3");
  EXPECT_EQ(List("/issues/comments?per_page=7").Header("Link"), "");
}

TEST_F(RepositoryTest, PageSizesAreBounded) {
  AddComments(120);
  struct Case {
    const char* query;
    size_t size;
  };
  for (const auto& [query, size] :
       {Case{"", 30}, Case{"per_page=500", 100}, Case{"per_page=0", 30},
        Case{"per_page=x&page=-1", 30}, Case{"page=99999999999999999999", 30},
        Case{"page=1000000000", 0}}) {
    EXPECT_THAT(List(absl::StrCat("/issues/comments?", query)).Ints("id"),
                SizeIs(size))
        << query;
  }
}

TEST_F(RepositoryTest, WhatIsWrongOrNotThereIsRefused) {
  AddComments(1);
  struct Case {
    const char* target;
    int status;
    const char* message;
  };
  for (const auto& [target, status, message] : {
           Case{"/repos/octo/demo/issues?since=yesterday", 422, "since"},
           Case{"/repos/octo/demo/issues?since=2024-13-01T00:00:00Z", 422,
                "since"},
           Case{"/repos/octo/demo/pulls/comments?since=", 422, "since"},
           Case{"/repos/octo/demo/issues?since=infinite-future", 422, "since"},
           Case{"/repos/octo/demo/issues/comments?sort=size", 422, "sort"},
           Case{"/repos/octo/demo/issues?direction=up", 422, "direction"},
           Case{"/repos/octo/demo/issues?state=ajar", 422, "state"},
           Case{"/repos/octo/demo/issues?per_page=100&page=101", 422,
                "limited"},
           Case{"/repos/octo/demo/issues?per_page=100&page=100", 200, ""},
           Case{"/repos/octo/demo/pulls/comments?per_page=100&page=301", 422,
                "limited"},
           Case{"/repos/octo/demo/pulls/comments?per_page=100&page=300", 200,
                ""},
           Case{"/repos/octo/none/issues", 404, "Not Found"},
           Case{"/repos/octo/demo", 404, "Not Found"},
           Case{"/repos/octo/demo/pulls", 404, "Not Found"},
           Case{"/repositories/1/issues", 404, "Not Found"},
           Case{"/repositories/x/issues", 404, "Not Found"},
           Case{"/", 404, "Not Found"},
       }) {
    const TestAnswer answer = Get(fake_, target);
    EXPECT_EQ(answer.status, status) << target;
    EXPECT_THAT(answer.Message(), HasSubstr(message)) << target;
  }
  EXPECT_EQ(Get(fake_, kComments, {.post_body = "{}"}).status, 404);
}

TEST_F(RepositoryTest, AFormerNameLeadsToTheId) {
  repo_.AddPull("mona", "See https://github.com/octo/demo/pull/1");
  AddComments(2);
  const std::string by_id =
      absl::StrCat("http://github.test/repositories/", repo_.identity().id);
  EXPECT_EQ(Get(fake_, "/repos/OCTO/Demo/issues/comments").body,
            Get(fake_, by_id + "/issues/comments").body);
  fake_.repo("octo/other");

  ASSERT_TRUE(fake_.Rename("octo/demo", "tree/house").ok());

  const TestAnswer moved = List("/issues/comments?per_page=1&sort=updated");
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(moved.Message(), "Moved Permanently");
  EXPECT_EQ(moved.Header("Location"),
            by_id + "/issues/comments?per_page=1&sort=updated");
  EXPECT_THAT(Get(fake_, moved.Header("Location")).Texts("body"),
              ElementsAre("comment 0"));
  const TestAnswer issues = Get(fake_, "/repos/tree/house/issues");
  EXPECT_THAT(issues.Texts("html_url"),
              ElementsAre("https://github.com/tree/house/pull/1"));
  EXPECT_THAT(issues.Texts("body"),
              ElementsAre("See https://github.com/octo/demo/pull/1"))
      << "what people wrote stays";
  EXPECT_THAT(
      Get(fake_, "/graphql",
          {.post_body = R"({"query":"{repository(owner:\"octo\",)"
                        R"(name:\"demo\"){pullRequest(number:1){url}}}"})"})
          .body,
      HasSubstr("tree/house/pull/1"));
  EXPECT_FALSE(fake_.Rename("octo/demo", "third/name").ok()) << "it is former";
  EXPECT_FALSE(fake_.Rename("tree/house", "octo/other").ok()) << "it is taken";
  EXPECT_FALSE(fake_.Rename("tree/house", "house").ok()) << "it is none";
}

TEST_F(RepositoryTest, WhatIsWrittenOnAPullRequestUpdatesIt) {
  repo_.AddPull("mona", "one");
  int64_t comment = 0;
  int64_t review = 0;
  int64_t on_diff = 0;
  int now = 0;
  int updated = 0;
  const auto expect = [&](bool updates, const char* what) {
    if (updates) updated = now;
    EXPECT_EQ(absl::FromUnixSeconds(repo_.FindNumber(1)->updated), At(updated))
        << what;
    SetNow(now += 10);
  };
  expect(true, "opened");
  comment = repo_.AddIssueComment(1, "hubot", "hi");
  expect(true, "a comment");
  review = repo_.AddReview(1, "hubot", "fine", {.state = "APPROVED"});
  expect(true, "a review");
  on_diff = repo_.AddReviewComment(1, "hubot", "here");
  expect(true, "a review comment");
  repo_.EditIssueComment(comment, "hi!");
  expect(true, "an edit of a comment");
  repo_.EditReviewComment(on_diff, "there");
  expect(false, "an edit of a review comment");
  repo_.EditReview(review, "very fine");
  expect(false, "an edit of a review");
  repo_.EditReview(review, "quite", {.pull_updated_at = At(now)});
  expect(true, "an edit of a review that does");
  repo_.AddIssueComment(1, "hubot", "late", {.created_at = At(5)});
  expect(true, "a late comment");
  repo_.AddIssueComment(1, "hubot", "late", {.pull_updated_at = At(5)});
  expect(false, "a comment that does not");
  repo_.EditPull(1, "edited");
  expect(true, "an edit");
  EXPECT_TRUE(repo_.DeleteIssueComment(comment));
  EXPECT_TRUE(repo_.DeleteReviewComment(on_diff));
  EXPECT_TRUE(repo_.DeleteReview(review));
  expect(false, "deletions");
  EXPECT_THAT(List("/issues").Ints("comments"), ElementsAre(2));
}

TEST_F(RepositoryTest, TimesAreThoseGiven) {
  repo_.AddPull("mona", "one");
  struct Case {
    WriteOptions options;
    std::string created;
    std::string updated;
  };
  SetNow(100);
  for (const auto& [options, created, updated] :
       std::vector<Case>{{{}, "2024-03-01T12:01:40Z", "2024-03-01T12:01:40Z"},
                         {{.created_at = At(5)},
                          "2024-03-01T12:00:05Z",
                          "2024-03-01T12:00:05Z"},
                         // It turns up late.
                         {{.updated_at = At(5)},
                          "2024-03-01T12:00:05Z",
                          "2024-03-01T12:00:05Z"},
                         {{.updated_at = At(200)},
                          "2024-03-01T12:01:40Z",
                          "2024-03-01T12:03:20Z"},
                         // Long a draft.
                         {{.created_at = At(-9000), .updated_at = At(0)},
                          "2024-03-01T09:30:00Z",
                          "2024-03-01T12:00:00Z"}}) {
    const int64_t id = repo_.AddReviewComment(1, "hubot", "x", options);
    EXPECT_GT(id, int64_t{1} << 32) << "as real ones are";
    const TestAnswer list = List("/pulls/comments");
    EXPECT_EQ(list.Texts("created_at").back(), created);
    EXPECT_EQ(list.Texts("updated_at").back(), updated);
    // The review around it came when it was sent.
    const ItemPtr comment = repo_.All(ItemKind::kReviewComment).back();
    const ItemPtr review = repo_.Find(ItemKind::kReview, comment->review_id);
    ASSERT_NE(review, nullptr);
    EXPECT_EQ(review->body, "");
    EXPECT_EQ(TimeText(review->created), updated);
  }
}

TEST_F(RepositoryTest, NothingIsAddedToWhatIsNotThere) {
  const int64_t issue = repo_.AddIssue("mona", "only an issue");
  EXPECT_EQ(issue, 1);
  EXPECT_EQ(repo_.AddPull("mona", "two"), 2) << "they share their numbers";
  EXPECT_EQ(repo_.AddIssueComment(99, "mona", "x"), 0);
  EXPECT_EQ(repo_.AddReview(issue, "mona", "x"), 0);
  EXPECT_EQ(repo_.AddReviewComment(issue, "mona", "x"), 0);
  EXPECT_FALSE(repo_.EditIssueComment(99, "x"));
  EXPECT_FALSE(repo_.EditPull(99, "x"));
  EXPECT_FALSE(repo_.DeleteReview(99));
  EXPECT_GT(repo_.AddIssueComment(issue, "mona", "x"), 0);
  EXPECT_THAT(List("/issues/comments").Texts("html_url")[0],
              HasSubstr("/issues/1#issuecomment-"));
}

TEST_F(RepositoryTest, ManyThreadsMayWriteAndList) {
  repo_.AddPull("mona", "one");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 50; ++i) {
        repo_.EditIssueComment(repo_.AddIssueComment(1, "mona", "x"), "y");
        EXPECT_THAT(List("/issues/comments").Ints("id"), SizeIs(Gt(0U)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(repo_.All(ItemKind::kIssueComment), SizeIs(200));
  EXPECT_EQ(repo_.FindNumber(1)->comments, 200);
}

}  // namespace
}  // namespace mentiond::fake_github
