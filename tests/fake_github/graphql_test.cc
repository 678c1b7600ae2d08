// The stand-in's GraphQL: its responses, costs and faults.

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"

#include "tests/fake_github/fake_github.h"
#include "tests/fake_github/graphql_executor.h"
#include "tests/fake_github/graphql_parser.h"
#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class GraphQlTest : public ::testing::Test {
 protected:
  GraphQlTest() : repo_(fake_.repo("octo/demo")) {
    fake_.SetNow(absl::FromUnixSeconds(1'700'000'000));
  }

  ApiAnswer Post(const std::string& query, const std::string& variables = "{}",
                 const std::string& token = "ghp_test") {
    ApiRequest request;
    request.method = "POST";
    ParseTarget("/graphql", request);
    request.target = "/graphql";
    request.user_agent = "test";
    request.token = token;
    request.body = absl::StrCat("{\"query\":", QuotedJson(query),
                                ",\"variables\":", variables, "}");
    return fake_.Handle(request).answer;
  }
  std::string Ask(const std::string& query,
                  const std::string& variables = "{}") {
    const ApiAnswer answer = Post(query, variables);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  // What `fields` select of the repository.
  std::string InRepository(const std::string& fields) {
    return Ask(absl::StrCat("{repository(owner:\"octo\",name:\"demo\"){",
                            fields, "}}"));
  }

  FakeGitHub fake_;
  FakeRepository& repo_;
};

TEST_F(GraphQlTest, FieldsAliasesFragmentsAndVariables) {
  const int64_t pull = repo_.AddPull("renovate[bot]", std::nullopt);
  EXPECT_EQ(
      Ask("query($n:Int!,$login:String=\"x\"){repository(owner:\"OCTO\", "
          "name:\"demo\"){one:pullRequest(number:$n){...P}}} # a comment\n"
          "fragment P on PullRequest{number body author{...A ...on Bot{id}}} "
          "fragment A on Actor{__typename login}",
          absl::StrCat("{\"n\":", pull, "}")),
      R"({"data":{"repository":{"one":{"number":1,"body":"",)"
      R"("author":{"__typename":"Bot","login":"renovate","id":"U_renovate"}}}}})");
}

TEST_F(GraphQlTest, WhatDoesNotFitTheSchemaHasNoData) {
  repo_.AddPull("mona", "x");
  for (const char* fields :
       {"pullRequest(number:1){bodies}", "pullRequest(number:1){...Nothing}",
        "pulls(first:1){nodes{id}}"}) {
    const std::string body = InRepository(fields);
    EXPECT_THAT(body, HasSubstr("errors")) << fields;
    EXPECT_THAT(body, Not(HasSubstr("\"data\""))) << fields;
  }
  for (const char* query : {"", "{", "{repository(owner:", "mutation{x}",
                            "{a(b:\"c)}", "{a(b:$c)}", "{a}}"}) {
    EXPECT_THAT(Ask(query), HasSubstr("Parse error")) << query;
  }
}

TEST_F(GraphQlTest, NobodyReadsAnonymously) {
  EXPECT_EQ(Post("{viewer{login}}", "{}", "").status, 401);
  fake_.SetTokensRestricted(true);
  EXPECT_EQ(Post("{viewer{login}}").status, 401);
}

TEST_F(GraphQlTest, WhatIsMissingIsNullBesideAnError) {
  repo_.AddPull("mona", "x");
  const int64_t issue = repo_.AddIssue("mona", "y");
  const std::string body =
      InRepository(absl::StrCat("a:pullRequest(number:1){number} "
                                "b:pullRequest(number:",
                                issue,
                                "){number} "
                                "c:issue(number:99){number}"));
  EXPECT_THAT(body, HasSubstr(R"("a":{"number":1},"b":null,"c":null)"));
  EXPECT_THAT(body, HasSubstr(R"("path":["repository","b"])"));
  EXPECT_THAT(body, HasSubstr("NOT_FOUND"));
  EXPECT_THAT(Ask("{repository(owner:\"no\",name:\"body\"){id}}"),
              HasSubstr(R"("data":{"repository":null})"));
}

TEST_F(GraphQlTest, EditsShowInTheirTimeAndReviewsDoNotUpdateTheirPull) {
  const int64_t pull = repo_.AddPull("mona", "x");
  const int64_t review = repo_.AddReview(pull, "hubot", "y");
  const std::string query =
      "pullRequest(number:1){updatedAt lastEditedAt reviews(first:1){nodes{"
      "submittedAt lastEditedAt updatedAt}}}";
  EXPECT_THAT(InRepository(query), HasSubstr(R"("lastEditedAt":null)"));
  fake_.SetNow(absl::FromUnixSeconds(1'700'000'600));
  repo_.EditReview(review, "z");
  EXPECT_EQ(InRepository(query),
            R"({"data":{"repository":{"pullRequest":{)"
            R"("updatedAt":"2023-11-14T22:13:20Z","lastEditedAt":null,)"
            R"("reviews":{"nodes":[{"submittedAt":"2023-11-14T22:13:20Z",)"
            R"("lastEditedAt":"2023-11-14T22:23:20Z",)"
            R"("updatedAt":"2023-11-14T22:23:20Z"}]}}}}})");
  repo_.EditPull(pull, "edited");
  EXPECT_THAT(InRepository(query),
              HasSubstr(R"("updatedAt":"2023-11-14T22:23:20Z",)"
                        R"("lastEditedAt":"2023-11-14T22:23:20Z")"));
}

TEST_F(GraphQlTest, APullRequestUpdatedWhilePagingHidesNoOther) {
  for (int i = 0; i < 30; ++i) {
    repo_.AddPull("mona", "x",
                  {.created_at = absl::FromUnixSeconds(1'600'000'000 + i)});
  }
  std::set<int64_t> seen;
  std::string after;
  for (int page = 0; page < 20; ++page) {
    rapidjson::Document answer;
    const std::string body = InRepository(absl::StrCat(
        "pullRequests(first:7,orderBy:{field:UPDATED_AT,direction:ASC}", after,
        "){totalCount pageInfo{hasNextPage endCursor} nodes{number}}"));
    answer.Parse(body.data(), body.size());
    const auto& pulls = answer["data"]["repository"]["pullRequests"];
    EXPECT_EQ(pulls["totalCount"].GetInt(), 30);
    for (const auto& node : pulls["nodes"].GetArray()) {
      seen.insert(node["number"].GetInt64());
    }
    if (!pulls["pageInfo"]["hasNextPage"].GetBool()) break;
    after = absl::StrCat(",after:\"",
                         pulls["pageInfo"]["endCursor"].GetString(), "\"");
    // What has been read is edited, and so goes to the end.
    repo_.EditPull(1 + page, "edited");
  }
  EXPECT_EQ(seen.size(), 30U);
  EXPECT_THAT(InRepository("pullRequests(first:1,after:\"x\"){totalCount}"),
              HasSubstr("INVALID_CURSOR_ARGUMENTS"));
}

TEST_F(GraphQlTest, CostsAreGitHubsFormula) {
  struct Case {
    std::string query;
    int64_t points;
    int64_t nodes;
  };
  const std::vector<Case> cases = {
      {"{viewer{login}}", 1, 0},
      {"{r{pullRequests(first:100){nodes{reviews(first:100){nodes{id}}}}}}", 1,
       10'100},
      {"{r{pullRequests(first:100){nodes{reviews(first:50){nodes{"
       "comments(first:10){nodes{id}}}}}}}}",
       51, 55'100},
      {"{r{a:p{reviews(first:100){nodes{id}}} "
       "b:p{reviews(first:100){nodes{id}}}"
       "}}",
       1, 200},
      {"{r{...F}} fragment F on R{issues(first:9){nodes{id}}}", 1, 9},
  };
  for (const Case& one : cases) {
    const auto document = ParseGraphQl(one.query, {});
    ASSERT_TRUE(document.ok()) << document.status();
    const GraphQlCost cost = CostOf(*document);
    EXPECT_EQ(cost.points, one.points) << one.query;
    EXPECT_EQ(cost.nodes, one.nodes) << one.query;
    EXPECT_EQ(cost.error_type, "") << one.query;
  }
}

TEST_F(GraphQlTest, PagesHaveLimits) {
  EXPECT_THAT(InRepository("pullRequests{totalCount}"),
              HasSubstr("MISSING_PAGINATION_BOUNDARIES"));
  EXPECT_THAT(InRepository("pullRequests(first:101){totalCount}"),
              HasSubstr("EXCESSIVE_PAGINATION"));
  EXPECT_THAT(InRepository("pullRequests(first:0){totalCount}"),
              HasSubstr("EXCESSIVE_PAGINATION"));
  EXPECT_THAT(
      InRepository("pullRequests(first:100){nodes{reviews(first:100){nodes{"
                   "comments(first:100){totalCount}}}}}"),
      HasSubstr("MAX_NODE_LIMIT_EXCEEDED"));
}

TEST_F(GraphQlTest, ItHasARateLimitOfItsOwn) {
  EXPECT_THAT(
      Ask("{rateLimit{limit cost remaining used}}"),
      HasSubstr(R"({"limit":5000,"cost":1,"remaining":4999,"used":1})"));
  const ApiAnswer answer = Post("{viewer{login}}");
  const auto has = [&](const std::string& name, const std::string& value) {
    for (const auto& [key, is] : answer.headers) {
      if (key == name) return is == value;
    }
    return false;
  };
  EXPECT_TRUE(has("X-RateLimit-Resource", "graphql"));
  EXPECT_TRUE(has("X-RateLimit-Remaining", "4998"));
  EXPECT_EQ(fake_.stats().graphql_points, 2);
  EXPECT_EQ(fake_.stats().graphql_requests, 2);
  EXPECT_EQ(fake_.stats().points, 0);

  fake_.SetRemaining("ghp_test", 0, RateResource::kGraphQl);
  EXPECT_THAT(Ask("{viewer{login}}"), HasSubstr("RATE_LIMITED"));
}

TEST_F(GraphQlTest, FaultsByScript) {
  repo_.AddPull("mona", "x");
  repo_.AddPull("mona", "y");
  const std::string query =
      "a:pullRequest(number:1){number reviews(first:100){totalCount}} "
      "b:pullRequest(number:2){number reviews(first:100){totalCount}}";
  const std::string good = InRepository(query);

  fake_.SetGraphQlFaults(
      {.pulls = {{1, {.type = "INTERNAL", .message = "m", .times = 1}}}});
  const std::string partial = InRepository(query);
  EXPECT_THAT(partial, HasSubstr(R"("a":null,"b":{"number":2)"));
  EXPECT_THAT(partial, HasSubstr(R"("path":["repository","a"])"));
  EXPECT_EQ(InRepository(query), good) << "once";

  fake_.SetGraphQlFaults({.pulls = {{2, {.field = "reviews"}}}});
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(InRepository(query),
                HasSubstr(R"("path":["repository","b","reviews"])"));
  }

  fake_.SetGraphQlFaults({.max_nodes = 199});
  EXPECT_EQ(
      Post("{repository(owner:\"octo\",name:\"demo\"){" + query + "}}").status,
      502);
  fake_.SetGraphQlFaults(
      {.max_nodes = 199, .too_large = GraphQlFaults::TooLarge::kTimeout});
  EXPECT_THAT(InRepository(query), HasSubstr("timeout"));
  fake_.SetGraphQlFaults({.max_nodes = 200});
  EXPECT_EQ(InRepository(query), good);

  GraphQlFaults forbidden;
  forbidden.forbidden = true;
  fake_.SetGraphQlFaults(forbidden);
  EXPECT_THAT(InRepository(query), HasSubstr("FORBIDDEN"));
  GraphQlFaults absent;
  absent.absent = true;
  fake_.SetGraphQlFaults(absent);
  EXPECT_EQ(Post("{viewer{login}}").status, 404);
}

TEST_F(GraphQlTest, ASearchCountsWhatItMayNotShow) {
  for (int i = 0; i < 5; ++i) repo_.AddPull("mona", "@octocat");
  repo_.AddIssue("mona", "@octocat");
  const std::string query =
      "{search(type:ISSUE,query:\"repo:octo/demo is:pr mentions:octocat "
      "sort:created-asc\",first:3){issueCount pageInfo{hasNextPage} "
      "nodes{__typename ...on PullRequest{number}}}}";
  EXPECT_THAT(Ask(query), HasSubstr(R"("issueCount":5,"pageInfo":)"
                                    R"({"hasNextPage":true})"));
  EXPECT_THAT(Ask(query),
              HasSubstr(R"({"__typename":"PullRequest","number":3})"));
  fake_.SetGraphQlFaults({.search_shows = 2});
  EXPECT_THAT(Ask(query), HasSubstr(R"("issueCount":5,"pageInfo":)"
                                    R"({"hasNextPage":false})"));
}

TEST_F(GraphQlTest, ARenamedRepositoryIsFollowed) {
  repo_.AddPull("mona", "x");
  ASSERT_TRUE(fake_.Rename("octo/demo", "octo/renamed").ok());
  EXPECT_THAT(InRepository("nameWithOwner"), HasSubstr("octo/renamed"));
}

}  // namespace
}  // namespace mentiond::fake_github
