// The stand-in's GraphQL: its responses, costs and faults.

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"

#include "tests/fake_github/graphql_executor.h"
#include "tests/fake_github/graphql_parser.h"
#include "tests/fake_github/json_text.h"
#include "tests/fake_github/test_client.h"

namespace mentiond::fake_github {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class GraphQlTest : public ::testing::Test {
 protected:
  GraphQlTest() { SetNow(0); }

  void SetNow(int seconds) {
    fake_.SetNow([seconds] { return kNoon + absl::Seconds(seconds); });
  }
  TestAnswer Post(const std::string& query,
                  const std::string& variables = "{}") {
    return Get(fake_, "/graphql",
               {.post_body = absl::StrCat("{\"query\":", QuotedJson(query),
                                          ",\"variables\":", variables, "}")});
  }
  std::string Query(const std::string& query) {
    const TestAnswer answer = Post(query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  // What `fields` select of the repository.
  static std::string OfDemo(const std::string& fields) {
    return absl::StrCat("{repository(owner:\"octo\",name:\"demo\"){", fields,
                        "}}");
  }
  std::string InDemo(const std::string& fields) {
    return Query(OfDemo(fields));
  }

  FakeGitHub fake_;
  FakeRepository& repo_ = fake_.repo("octo/demo");
};

TEST_F(GraphQlTest, FieldsAliasesFragmentsAndVariables) {
  repo_.AddPull("renovate[bot]", std::nullopt);
  repo_.AddPull("", "x");
  EXPECT_EQ(
      Post("query($n:Int!,$login:String){repository(owner:\"OCTO\", "
           "name:\"demo\"){one:pullRequest(number:$n){...P} "
           "two:pullRequest(number:2){author{login}}}}"
           "fragment P on PullRequest{number body author{...A ...on User{id}}} "
           "fragment A on Actor{__typename login}",
           "{\"n\":1}")
          .body,
      R"({"data":{"repository":{"one":{"number":1,"body":"",)"
      R"("author":{"__typename":"Bot","login":"renovate"}},)"
      R"("two":{"author":null}}}})");
  EXPECT_EQ(Get(fake_, "/api/graphql", {.post_body = "{}"}).status, 400);
}

TEST_F(GraphQlTest, WhatDoesNotFitTheSchemaHasNoData) {
  repo_.AddPull("mona", "x");
  for (const char* fields :
       {"pullRequest(number:1){bodies}", "pullRequest(number:1){...Nothing}",
        "pulls(first:1){nodes{id}}"}) {
    EXPECT_THAT(InDemo(fields), StartsWith("{\"errors\":[")) << fields;
  }
  for (const char* query :
       {"", "{", "{repository(owner:", "mutation{x}", "{a(b:\"c)}", "{a(b:$c)}",
        "{a}}", "{a(b:\"\\n\")}", "{a} fragment F in G{h}"}) {
    EXPECT_THAT(Query(query), HasSubstr("Parse error")) << query;
    EXPECT_THAT(Query(query), Not(HasSubstr("\"data\""))) << query;
  }
}

TEST_F(GraphQlTest, WhatIsMissingIsNullBesideAnError) {
  repo_.AddPull("mona", "x");
  repo_.AddIssue("mona", "y");
  const std::string body = InDemo(
      "a:pullRequest(number:1){number} b:pullRequest(number:2){number} "
      "c:issue(number:99){number} d:issue(number:2){number}");
  EXPECT_THAT(
      body,
      HasSubstr(R"("a":{"number":1},"b":null,"c":null,"d":{"number":2})"));
  EXPECT_THAT(body, HasSubstr(R"({"type":"NOT_FOUND","path":["repository",)"
                              R"("b"])"));
  EXPECT_THAT(Query("{repository(owner:\"no\",name:\"body\"){id}}"),
              HasSubstr(R"("data":{"repository":null})"));
  EXPECT_THAT(Query("{node(id:\"x\"){id}}"), HasSubstr("NOT_FOUND"));
}

TEST_F(GraphQlTest, TextsHaveTheirFields) {
  repo_.AddPull("mona", "x");
  repo_.AddIssue("mona", "y", {.open = false});
  const int64_t comment = repo_.AddIssueComment(2, "hubot", "c");
  const int64_t review =
      repo_.AddReview(1, "hubot", "r", {.state = "APPROVED"});
  SetNow(600);
  repo_.EditReview(review, "edited");
  const int64_t on_diff =
      repo_.AddReviewComment(1, "mona", "d", {.review_id = review});
  const int64_t issue = repo_.FindNumber(1)->id;
  struct Case {
    std::string fields;
    std::string value;
  };
  const std::string noon = "\"2024-03-01T12:00:00Z\"";
  const std::string later = "\"2024-03-01T12:10:00Z\"";
  const std::string page = "\"https://github.com/octo/demo/";
  for (const auto& [fields, value] : std::vector<Case>{
           {"pullRequest(number:1){title state url createdAt lastEditedAt}",
            absl::StrCat(R"("title":"A change","state":"OPEN","url":)", page,
                         R"(pull/1","createdAt":)", noon,
                         R"(,"lastEditedAt":null)")},
           // Not that of its issue.
           {"pullRequest(number:1){fullDatabaseId}",
            absl::StrCat("\"", issue - 1, "\"")},
           {"issue(number:2){state comments(first:1){nodes{fullDatabaseId url "
            "body updatedAt}}}",
            absl::StrCat(R"("state":"CLOSED","comments":{"nodes":[{)"
                         R"("fullDatabaseId":")",
                         comment, R"(","url":)", page, "issues/2#issuecomment-",
                         comment, R"(","body":"c","updatedAt":)", noon, "}]")},
           {"pullRequest(number:1){reviews(first:1){nodes{state submittedAt "
            "lastEditedAt body comments(first:1){totalCount nodes{url}}}}}",
            absl::StrCat(R"({"state":"APPROVED","submittedAt":)", noon,
                         R"(,"lastEditedAt":)", later,
                         R"(,"body":"edited","comments":{"totalCount":1,)"
                         R"("nodes":[{"url":)",
                         page, "pull/1#discussion_r", on_diff, "\"}]")},
       }) {
    EXPECT_THAT(InDemo(fields), HasSubstr(value)) << fields;
  }
  // A review can be read by its id alone.
  const std::string id =
      absl::StrCat("PullRequestReview_", repo_.identity().id, "_", review);
  EXPECT_THAT(InDemo("pullRequest(number:1){reviews(first:1){nodes{id}}}"),
              HasSubstr(id));
  EXPECT_THAT(Query(absl::StrCat("{node(id:\"", id,
                                 "\"){...on PullRequestReview{body}}}")),
              HasSubstr(R"("node":{"body":"edited"})"));
}

TEST_F(GraphQlTest, WhatIsDeletedWhilePagingHidesNoOther) {
  repo_.AddPull("mona", "x");
  std::vector<int64_t> reviews;
  for (int i = 0; i < 30; ++i) {
    reviews.push_back(repo_.AddReview(1, "hubot", absl::StrCat(i)));
  }
  std::vector<std::string> seen;
  std::string after;
  for (size_t page = 0;; ++page) {
    const rapidjson::Document answer = ParseJsonText(InDemo(absl::StrCat(
        "pullRequest(number:1){reviews(first:7", after,
        "){totalCount pageInfo{hasNextPage endCursor} nodes{body}}}")));
    const auto& found = answer["data"]["repository"]["pullRequest"]["reviews"];
    EXPECT_EQ(found["totalCount"].GetUint(), 30 - page);
    for (const auto& node : found["nodes"].GetArray()) {
      seen.push_back(node["body"].GetString());
    }
    if (!found["pageInfo"]["hasNextPage"].GetBool()) break;
    after = absl::StrCat(",after:\"",
                         found["pageInfo"]["endCursor"].GetString(), "\"");
    repo_.DeleteReview(reviews[page]);
  }
  EXPECT_THAT(seen, testing::SizeIs(30));
  EXPECT_THAT(
      InDemo("pullRequest(number:1){reviews(first:1,after:\"x\"){totalCount}}"),
      HasSubstr("INVALID_CURSOR_ARGUMENTS"));
}

TEST_F(GraphQlTest, CostsAreGitHubsFormula) {
  struct Case {
    const char* query;
    int64_t points;
    int64_t nodes;
    const char* refusal;
  };
  for (const auto& [query, points, nodes, refusal] : {
           Case{"{rateLimit{cost}}", 1, 0, ""},
           Case{"{search(first:100){nodes{reviews(first:100){nodes{id}}}}}", 1,
                10'100, ""},
           Case{"{search(first:100){nodes{reviews(first:50){nodes{"
                "comments(first:10){nodes{id}}}}}}}",
                51, 55'100, ""},
           Case{"{r{a:p{reviews(first:100){nodes{id}}} "
                "b:p{reviews(first:100){nodes{id}}}}}",
                1, 200, ""},
           Case{"{r{...F}} fragment F on R{comments(first:9){nodes{id}}}", 1, 9,
                ""},
           Case{"{search{issueCount}}", 1, 1, "MISSING_PAGINATION_BOUNDARIES"},
           Case{"{search(first:101){issueCount}}", 1, 101,
                "EXCESSIVE_PAGINATION"},
           Case{"{search(first:0){issueCount}}", 1, 1, "EXCESSIVE_PAGINATION"},
           Case{"{search(first:100){nodes{reviews(first:100){nodes{"
                "comments(first:100){totalCount}}}}}}",
                101, 1'010'100, "MAX_NODE_LIMIT_EXCEEDED"},
       }) {
    const auto document = ParseGraphQl(query, {});
    ASSERT_TRUE(document.ok()) << document.status();
    const GraphQlCost cost = CostOf(*document);
    EXPECT_EQ(cost.points, points) << query;
    EXPECT_EQ(cost.nodes, nodes) << query;
    EXPECT_EQ(cost.refusal ? cost.refusal->type : "", refusal) << query;
    EXPECT_TRUE(!cost.refusal || absl::StrContains(Query(query), refusal))
        << query;
  }
}

TEST_F(GraphQlTest, ItHasARateLimitOfItsOwn) {
  EXPECT_EQ(Query("{rateLimit{limit cost remaining resetAt}}"),
            R"({"data":{"rateLimit":{"limit":5000,"cost":1,"remaining":4999,)"
            R"("resetAt":"2024-03-01T13:00:00Z"}}})");
  const TestAnswer answer = Post("{rateLimit{cost}}");
  EXPECT_EQ(answer.Header("X-RateLimit-Resource"), "graphql");
  EXPECT_EQ(answer.Header("X-RateLimit-Remaining"), "4998");
  EXPECT_EQ(fake_.stats().graphql_points, 2);
  EXPECT_EQ(fake_.stats().graphql_requests, 2);
  EXPECT_EQ(fake_.stats().points, 0);

  fake_.SetRemaining("secret", 0, RateResource::kGraphQl);
  EXPECT_THAT(Query("{rateLimit{cost}}"), HasSubstr("RATE_LIMITED"));
}

TEST_F(GraphQlTest, FaultsByScript) {
  repo_.AddPull("mona", "x");
  repo_.AddPull("mona", "y");
  const std::string fields =
      "a:pullRequest(number:1){number reviews(first:100){totalCount}} "
      "b:pullRequest(number:2){number reviews(first:100){totalCount}}";
  const std::string good = InDemo(fields);
  using TooLarge = GraphQlFaults::TooLarge;
  GraphQlFaults forbidden;
  forbidden.forbidden = true;
  GraphQlFaults absent;
  absent.absent = true;
  struct Case {
    GraphQlFaults faults;
    std::vector<std::string> parts;  // of each response
    bool once = false;
    int status = 200;
  };
  for (const auto& [faults, parts, once, status] : std::vector<Case>{
           {{.pulls = {{1, {.type = "INTERNAL", .times = 1}}}},
            {R"("a":null,"b":{"number":2)", R"("path":["repository","a"])"},
            true},
           {{.pulls = {{2, {.field = "reviews"}}}},
            {R"("path":["repository","b","reviews"])"}},
           {{.pulls = {{2, {.field = "reviews", .times = 1}}}},
            {R"("path":["repository","b","reviews"])"},
            true},
           {{.max_nodes = 199}, {"502"}, false, 502},
           {{.max_nodes = 199, .too_large = TooLarge::kTimeout}, {"timeout"}},
           {{.max_nodes = 199, .too_large = TooLarge::kResourceLimits},
            {"RESOURCE_LIMITS_EXCEEDED"}},
           {{.max_nodes = 200}, {good}},
           {forbidden, {"FORBIDDEN", R"("repository":null)"}},
           {absent, {"Not Found"}, false, 404},
       }) {
    fake_.SetGraphQlFaults(faults);
    for (const bool again : {false, true}) {
      const TestAnswer answer = Post(OfDemo(fields));
      EXPECT_EQ(answer.status, status) << parts[0];
      if (once && again) {
        EXPECT_EQ(answer.body, good) << parts[0];
        continue;
      }
      for (const std::string& part : parts) {
        EXPECT_THAT(answer.body, HasSubstr(part));
      }
    }
  }
}

TEST_F(GraphQlTest, ASearchFindsWhoIsMentionedAndCountsWhatItDoesNotShow) {
  repo_.AddPull("mona", "no mention of @octocats or x@octocat or @octocat-s");
  repo_.AddPull("mona", "Hello @OctoCat!", {.created_at = kNoon});
  repo_.AddPull("mona", "below", {.created_at = kNoon - absl::Hours(1)});
  repo_.AddIssue("mona", "@octocat, an issue");
  repo_.AddReviewComment(3, "hubot", "line\n@octocat");
  const auto search = [&](const std::string& terms) {
    return Query(absl::StrCat(
        "{search(type:ISSUE,query:\"repo:octo/demo ", terms,
        "\",first:2){issueCount pageInfo{hasNextPage} nodes{__typename "
        "...on PullRequest{number} ...on Issue{number}}}}"));
  };
  struct Case {
    const char* terms;
    std::string result;
  };
  const std::string pulls = R"([{"__typename":"PullRequest","number":3},)"
                            R"({"__typename":"PullRequest","number":2}])";
  for (const auto& [terms, result] : std::vector<Case>{
           {"mentions:octocat sort:created-asc is:pr",
            R"("issueCount":2,"pageInfo":{"hasNextPage":false},"nodes":)" +
                pulls},
           {"mentions:octocat sort:created-asc",
            R"("issueCount":3,"pageInfo":{"hasNextPage":true},"nodes":)" +
                pulls},
           {"mentions:octocat sort:created-asc words", R"("issueCount":0)"},
           {"mentions:octocat", R"("issueCount":0)"},
           {"mentions:nobody sort:created-asc", R"("issueCount":0)"}}) {
    EXPECT_THAT(search(terms), HasSubstr(result)) << terms;
  }
  fake_.SetGraphQlFaults({.search_shows = 1});
  EXPECT_THAT(
      search("mentions:octocat sort:created-asc"),
      HasSubstr(R"("issueCount":3,"pageInfo":{"hasNextPage":false},"nodes":[)"
                R"({"__typename":"PullRequest","number":3}])"));
}

}  // namespace
}  // namespace mentiond::fake_github
