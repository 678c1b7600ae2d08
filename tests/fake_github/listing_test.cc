// What the lists of the stand-in GitHub hold, in which order, on which pages.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/paging.h"
#include "tests/fake_github/test_client.h"

namespace mentiond::fake_github {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ListingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fake_.SetNow(kNoon);
    ASSERT_TRUE(fake_.Start().ok());
    client_ = std::make_unique<TestClient>(fake_);
    client_->SetHeader("Authorization", "Bearer t");
  }

  // `count` comments on pull request 1, a second apart from noon on.
  std::vector<int64_t> AddComments(int count) {
    std::vector<int64_t> ids;
    ids.reserve(static_cast<size_t>(count));
    if (repo_.FindNumber(1) == nullptr) repo_.AddPull("mona", "one");
    for (int i = 0; i < count; ++i) {
      ids.push_back(
          repo_.AddIssueComment(1, "mona", absl::StrCat("comment ", i),
                                {.created_at = kNoon + absl::Seconds(i)}));
    }
    return ids;
  }

  TestAnswer Get(const std::string& rest) {
    return client_->Get("/repos/octo/demo" + rest);
  }

  FakeGitHub fake_;
  FakeRepository& repo_ = fake_.repo("octo/demo");
  std::unique_ptr<TestClient> client_;
};

TEST_F(ListingTest, CommentsAreByIdUnlessSorted) {
  const std::vector<int64_t> ids = AddComments(3);
  ASSERT_TRUE(repo_.EditIssueComment(ids[0], "edited",
                                     {.updated_at = kNoon + absl::Hours(1)}));

  EXPECT_THAT(Get("/issues/comments").Ints("id"),
              ElementsAre(ids[0], ids[1], ids[2]));
  EXPECT_THAT(Get("/issues/comments?direction=desc").Ints("id"),
              ElementsAre(ids[0], ids[1], ids[2]))
      << "direction is ignored without sort";
  EXPECT_THAT(Get("/issues/comments?sort=updated").Ints("id"),
              ElementsAre(ids[1], ids[2], ids[0]));
  EXPECT_THAT(Get("/issues/comments?sort=updated&direction=desc").Ints("id"),
              ElementsAre(ids[0], ids[2], ids[1]));
  EXPECT_THAT(Get("/issues/comments?sort=created&direction=desc").Ints("id"),
              ElementsAre(ids[2], ids[1], ids[0]));
}

TEST_F(ListingTest, SinceLooksAtUpdatedInAnyOrder) {
  const std::vector<int64_t> ids = AddComments(3);
  ASSERT_TRUE(repo_.EditIssueComment(ids[0], "edited",
                                     {.updated_at = kNoon + absl::Hours(1)}));

  EXPECT_THAT(Get("/issues/comments?since=2024-03-01T12:00:02Z").Ints("id"),
              ElementsAre(ids[0], ids[2]));
  EXPECT_THAT(Get("/issues/comments?sort=updated&since=2024-03-01T12:00:02Z")
                  .Ints("id"),
              ElementsAre(ids[2], ids[0]));
  EXPECT_THAT(Get("/issues/comments?since=2024-03-01T13%3A00%3A00%2B00%3A00")
                  .Ints("id"),
              ElementsAre(ids[0]));
  EXPECT_THAT(Get("/issues/1/comments?since=2024-03-01T12:00:02Z").Ints("id"),
              ElementsAre(ids[0], ids[2]));
}

TEST_F(ListingTest, ReviewCommentsAndReviewsAreListedToo) {
  repo_.AddPull("mona", "one");
  repo_.AddPull("mona", "two");
  const int64_t on_first = repo_.AddReviewComment(1, "hubot", "a");
  const int64_t on_second = repo_.AddReviewComment(2, "hubot", "b");
  const int64_t review = repo_.AddReview(2, "hubot", "fine");

  EXPECT_THAT(Get("/pulls/comments").Ints("id"),
              ElementsAre(on_first, on_second));
  EXPECT_THAT(Get("/pulls/2/comments").Ints("id"), ElementsAre(on_second));
  const TestAnswer reviews = Get("/pulls/2/reviews");
  ASSERT_THAT(reviews.Ints("id"), SizeIs(2));
  EXPECT_THAT(reviews.Texts("body"), testing::UnorderedElementsAre("", "fine"));
  EXPECT_THAT(reviews.Ints("id"), testing::Contains(review));
}

TEST_F(ListingTest, IssuesHoldPullsAndAreOpenAndNewestFirstByDefault) {
  repo_.AddPull("mona", "one", {.created_at = kNoon});
  repo_.AddIssue("mona", "two", {.created_at = kNoon + absl::Seconds(1)});
  repo_.AddPull("mona", "three",
                {.open = false, .created_at = kNoon + absl::Seconds(2)});

  const TestAnswer open = Get("/issues");
  EXPECT_THAT(open.Ints("number"), ElementsAre(2, 1));
  EXPECT_EQ(Member(open.json[0], "pull_request"), nullptr);
  EXPECT_NE(Member(open.json[1], "pull_request"), nullptr);
  EXPECT_THAT(Get("/issues?state=closed").Ints("number"), ElementsAre(3));
  EXPECT_THAT(Get("/issues?state=all").Ints("number"), ElementsAre(3, 2, 1));
  EXPECT_THAT(Get("/pulls?state=all").Ints("number"), ElementsAre(3, 1));
  EXPECT_THAT(Get("/issues?state=all&sort=updated&direction=asc"
                  "&since=2024-03-01T12:00:01Z")
                  .Ints("number"),
              ElementsAre(2, 3));
}

TEST_F(ListingTest, IssuesSortByComments) {
  AddComments(2);
  repo_.AddPull("mona", "two");
  repo_.AddPull("mona", "three");
  repo_.AddIssueComment(3, "mona", "x");

  EXPECT_THAT(Get("/issues?sort=comments").Ints("number"),
              ElementsAre(1, 3, 2));
  EXPECT_THAT(Get("/pulls?sort=popularity").Ints("number"),
              ElementsAre(2, 3, 1))
      << "/pulls ascends unless sorted by creation";
}

TEST_F(ListingTest, SinglePullAndIssueAreWhole) {
  AddComments(2);

  EXPECT_EQ(IntMember(Get("/pulls/1").json, "comments"), 2);
  EXPECT_EQ(StringMember(Get("/issues/1").json, "html_url"),
            "https://github.com/octo/demo/pull/1");
  EXPECT_EQ(Member(Get("/pulls?state=all").json[0], "comments"), nullptr)
      << "the list has no counts";
}

TEST_F(ListingTest, PagesLinkToEachOtherById) {
  AddComments(7);
  const std::string by_id =
      absl::StrCat(fake_.url(), "/repositories/", repo_.identity().id,
                   "/issues/comments?per_page=3&sort=updated&page=");

  const TestAnswer first = Get("/issues/comments?per_page=3&sort=updated");
  EXPECT_EQ(first.Header("Link"),
            absl::StrCat("<", by_id, "2>; rel=\"next\", <", by_id,
                         "3>; rel=\"last\""));
  const TestAnswer second = client_->Get(first.Link("next"));
  EXPECT_THAT(second.Texts("body"),
              ElementsAre("comment 3", "comment 4", "comment 5"));
  EXPECT_EQ(second.Link("prev"), by_id + "1");
  EXPECT_EQ(second.Link("next"), by_id + "3");
  EXPECT_EQ(second.Link("first"), by_id + "1");
  EXPECT_EQ(second.Link("last"), by_id + "3");
  const TestAnswer third = client_->Get(second.Link("next"));
  EXPECT_THAT(third.Texts("body"), ElementsAre("comment 6"));
  EXPECT_EQ(third.Link("next"), "");
  EXPECT_EQ(third.Link("last"), "");
  EXPECT_EQ(third.Link("prev"), by_id + "2");
}

TEST_F(ListingTest, OnePageHasNoLinkAndNoPageIsEmpty) {
  AddComments(3);

  EXPECT_EQ(Get("/issues/comments?per_page=3").Header("Link"), "");
  const TestAnswer beyond = Get("/issues/comments?per_page=3&page=5");
  EXPECT_EQ(beyond.status, 200);
  EXPECT_EQ(beyond.body, "[]");
  EXPECT_THAT(beyond.Link("prev"), HasSubstr("page=1"));
}

TEST_F(ListingTest, AQueryComesBackInTheLink) {
  AddComments(2);

  const TestAnswer page =
      Get("/issues/comments?since=2020-01-01T00:00:00%2B01:00&per_page=1");

  EXPECT_THAT(client_->Get(page.Link("next")).Texts("body"),
              ElementsAre("comment 1"));
}

TEST_F(ListingTest, LinksLeadBackTheWayTheRequestCame) {
  AddComments(2);
  client_->SetHeader("X-Forwarded-Proto", "https");
  client_->SetHeader("X-Forwarded-Host", "github.example:8443");
  client_->SetHeader("X-Forwarded-Prefix", "/api/v3");

  const TestAnswer page = Get("/issues/comments?per_page=1");

  EXPECT_THAT(page.Link("next"),
              StartsWith("https://github.example:8443/api/v3/repositories/"));
}

TEST(ParseTargetTest, TakesAWholeAddressForItsPathAndQuery) {
  struct Case {
    const char* target;
    const char* path;
  };
  for (const Case& c :
       {Case{"http://host:1/a/b?c=http://d", "/a/b"},
        Case{"http://host:1", "/"}, Case{"/a/b?c=http://d", "/a/b"},
        Case{"/a://b", "/a://b"}}) {
    ApiRequest request;
    ParseTarget(c.target, request);
    EXPECT_EQ(request.path, c.path) << c.target;
    EXPECT_EQ(request.target.find(c.path), 0u) << c.target;
  }
}

TEST(LinkHeaderTest, EncodesTheQueryAndKeepsItsOrder) {
  ApiRequest request;
  request.base_url = "http://host:1";
  ParseTarget("/list?since=2020-01-01T00:00:00%2B01:00&page=2&q=a+b", request);

  EXPECT_EQ(
      LinkHeader(request, "/by/id", ParsePageParams(request), 60),
      "<http://host:1/by/id?since=2020-01-01T00%3A00%3A00%2B01%3A00&page=1"
      "&q=a%20b>; rel=\"prev\", "
      "<http://host:1/by/id?since=2020-01-01T00%3A00%3A00%2B01%3A00&page=1"
      "&q=a%20b>; rel=\"first\"");
}

TEST_F(ListingTest, PageSizesAreBounded) {
  AddComments(120);

  EXPECT_THAT(Get("/issues/comments").Ints("id"), SizeIs(30));
  EXPECT_THAT(Get("/issues/comments?per_page=500").Ints("id"), SizeIs(100));
  EXPECT_THAT(Get("/issues/comments?per_page=0").Ints("id"), SizeIs(30));
  EXPECT_THAT(Get("/issues/comments?per_page=x&page=-1").Ints("id"),
              SizeIs(30));
  EXPECT_EQ(Get("/issues/comments?page=99999999999999999999").status, 200);
}

TEST_F(ListingTest, DeepPagesAreRefused) {
  AddComments(30);
  fake_.SetDeepPagingLimit(20);

  EXPECT_EQ(Get("/issues/comments?per_page=10&page=2").status, 200);
  const TestAnswer deep = Get("/issues/comments?per_page=10&page=3");
  EXPECT_EQ(deep.status, 422);
  EXPECT_THAT(StringMember(deep.json, "message").value_or(""),
              HasSubstr("pagination is limited"));
}

TEST_F(ListingTest, BadValuesAreRefused) {
  AddComments(1);

  for (const char* query :
       {"/issues/comments?since=yesterday",
        "/issues?since=2024-13-01T00:00:00Z", "/pulls/comments?since=",
        "/issues/comments?sort=size", "/issues?direction=up",
        "/issues?state=ajar", "/issues/1/comments?since=infinite-future"}) {
    const TestAnswer answer = Get(query);
    EXPECT_EQ(answer.status, 422) << query;
    EXPECT_EQ(StringMember(answer.json, "message"), "Validation Failed");
  }
}

TEST_F(ListingTest, WhatIsNotThereIsNotFound) {
  AddComments(1);
  const int64_t issue = repo_.AddIssue("mona", "no pull request");

  for (const std::string& target :
       {std::string("/repos/octo/none"), std::string("/repos/octo/demo/zzz"),
        std::string("/repos/octo/demo/pulls/77"),
        absl::StrCat("/repos/octo/demo/pulls/", issue, "/reviews"),
        std::string("/repos/octo/demo/issues/0/comments"),
        std::string("/repositories/1"), std::string("/")}) {
    const TestAnswer answer = client_->Get(target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_EQ(StringMember(answer.json, "message"), "Not Found") << target;
    EXPECT_TRUE(StringMember(answer.json, "documentation_url").has_value());
  }
}

TEST_F(ListingTest, NamesAreInAnyCaseAndIdsDoAsWell) {
  AddComments(2);
  const std::string by_id = absl::StrCat("/repositories/", repo_.identity().id);

  EXPECT_EQ(client_->Get("/repos/OCTO/Demo/issues/comments").body,
            Get("/issues/comments").body);
  EXPECT_EQ(client_->Get(by_id + "/issues/comments").body,
            Get("/issues/comments").body);
  EXPECT_EQ(client_->Get(by_id + "/pulls/1").body, Get("/pulls/1").body);
  EXPECT_EQ(client_->Get(by_id).body, Get("").body);
}

TEST_F(ListingTest, AFormerNameLeadsToTheId) {
  AddComments(2);
  ASSERT_TRUE(fake_.Rename("octo/demo", "tree/house").ok());

  const TestAnswer moved = Get("/issues/comments?per_page=1&sort=updated");

  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(moved.Header("Location"),
            absl::StrCat(fake_.url(), "/repositories/", repo_.identity().id,
                         "/issues/comments?per_page=1&sort=updated"));
  EXPECT_EQ(StringMember(moved.json, "message"), "Moved Permanently");
  EXPECT_THAT(client_->Get(moved.Header("Location")).Texts("body"),
              ElementsAre("comment 0"));
  EXPECT_EQ(client_->Get("/repos/tree/house/issues/comments").status, 200);
  EXPECT_FALSE(fake_.Rename("octo/demo", "third/name").ok());
}

TEST_F(ListingTest, SearchFindsWhoIsMentioned) {
  AddComments(1);
  repo_.AddPull("mona", "no mention of @octocats or x@octocat");
  repo_.AddPull("mona", "Hello @OctoCat!");
  repo_.AddIssue("mona", "@octocat, an issue");
  repo_.AddIssueComment(1, "hubot", "line\n@octocat");

  const auto numbers = [](const TestAnswer& answer) {
    std::vector<int64_t> found;
    for (const auto& item : answer.json["items"].GetArray()) {
      found.push_back(IntMember(item, "number").value_or(0));
    }
    return found;
  };
  const TestAnswer pulls =
      client_->Get("/search/issues?q=repo:octo/demo+type:pr+mentions:octocat");
  EXPECT_THAT(numbers(pulls), ElementsAre(3, 1));
  EXPECT_EQ(IntMember(pulls.json, "total_count"), 2);
  EXPECT_EQ(pulls.Header("X-RateLimit-Resource"), "search");
  EXPECT_THAT(
      numbers(client_->Get(
          "/search/issues?q=repo%3Aocto%2Fdemo%20mentions%3Aoctocat&per_page="
          "1&page=2")),
      ElementsAre(3));
  EXPECT_EQ(client_->Get("/search/issues?q=repo:octo/none").status, 422);
  EXPECT_EQ(client_->Get("/search/issues?q=free+text").status, 422);
  EXPECT_EQ(client_->Get("/search/issues").status, 422);
  EXPECT_EQ(
      client_->Get("/search/issues?q=type:pr&per_page=100&page=11").status, 422)
      << "the first 1,000 only";
}

}  // namespace
}  // namespace mentiond::fake_github
