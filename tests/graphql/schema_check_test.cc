#include "tests/graphql/schema_check.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/fake_github/json_text.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

struct Case {
  std::string query;
  std::string variables;
  std::optional<std::string> response;
  std::string violation;  // empty: none
};

constexpr char kPull[] =
    "query($o:String!){repository(owner:$o,name:\"n\"){n0:pullRequest(number:1)"
    "{body createdAt fullDatabaseId author{__typename login}}}}";

std::string PullResponse(const std::string& fields) {
  return absl::StrCat(R"({"data":{"repository":{"n0":{)", fields, "}}}}");
}

TEST(SchemaCheckTest, FindsWhatIsWrongAndNothingElse) {
  const auto schema = SharedPath("github-api/schema.graphql");
  if (!schema) GTEST_SKIP() << "../shared/github-api/schema.graphql is absent";
  const std::string good =
      R"("body":"b","createdAt":"2024-01-01T00:00:00Z","fullDatabaseId":"7",)";
  const std::string author = R"("author":{"__typename":"Bot","login":"l"})";
  const std::vector<Case> cases = {
      {kPull, R"({"o":"x"})", PullResponse(good + author), ""},
      {kPull, R"({"o":"x"})", PullResponse(good + R"("author":null)"), ""},
      {kPull, R"({"o":7})", std::nullopt, "not a String"},
      {kPull, R"({})", std::nullopt, "variables"},
      {"{repository(owner:\"o\",name:\"n\"){bodies}}", "{}", std::nullopt,
       "bodies"},
      {"{repository(owner:\"o\"){id}}", "{}", std::nullopt, "name"},
      {"{viewer{login}} fragment F on User{login}", "{}", std::nullopt,
       "never used"},
      {kPull, R"({"o":"x"})", PullResponse(good + R"("x":1)"),
       "author is missing"},
      {kPull, R"({"o":"x"})", PullResponse(good + author + R"(,"id":"1")"),
       "id was not requested"},
      {kPull, R"({"o":"x"})",
       PullResponse(
           R"("body":"b","createdAt":"yesterday","fullDatabaseId":"7",)" +
           author),
       "not a DateTime"},
      {kPull, R"({"o":"x"})",
       PullResponse(R"("body":"b","createdAt":"2024-01-01T00:00:00Z",)"
                    R"("fullDatabaseId":7,)" +
                    author),
       "not a BigInt"},
      {kPull, R"({"o":"x"})",
       PullResponse(R"("body":null,"createdAt":"2024-01-01T00:00:00Z",)"
                    R"("fullDatabaseId":"7",)" +
                    author),
       "non-nullable"},
      // Null beside an error that says why.
      {kPull, R"({"o":"x"})",
       R"({"data":{"repository":{"n0":null}},)"
       R"("errors":[{"path":["repository","n0"],"message":"m"}]})",
       ""},
      {"{search(type:ISSUE,query:\"q\",first:1){issueCount "
       "nodes{__typename ...on Issue{number}}}}",
       "{}",
       R"({"data":{"search":{"issueCount":1,)"
       R"("nodes":[{"__typename":"Issue","number":1}]}}})",
       ""},
      {"{search(type:ISSUE,query:\"q\",first:1){nodes{__typename "
       "...on PullRequest{reviews(first:1){nodes{state}}}}}}",
       "{}",
       R"({"data":{"search":{"nodes":[{"__typename":"PullRequest",)"
       R"("reviews":{"nodes":[{"state":"SLEPT"}]}}]}}})",
       "SLEPT"},
      {"{viewer{login}}", "{}", "{}", "neither data nor errors"},
  };
  std::vector<GraphQlExchange> exchanges;
  for (const Case& one : cases) {
    exchanges.push_back({.request = absl::StrCat(
                             "{\"query\":", fake_github::QuotedJson(one.query),
                             ",\"variables\":", one.variables, "}"),
                         .response = one.response});
  }
  const absl::Status status = CheckGraphQl(*schema, exchanges);
  const std::vector<std::string> lines =
      absl::StrSplit(std::string(status.message()), '\n');
  for (size_t i = 0; i < cases.size(); ++i) {
    std::string found;
    for (const std::string& line : lines) {
      const std::string prefix = absl::StrCat("exchange ", i + 1, ": ");
      if (line.rfind(prefix, 0) == 0) found += line;
    }
    if (cases[i].violation.empty()) {
      EXPECT_EQ(found, "") << i;
    } else {
      EXPECT_THAT(found, HasSubstr(cases[i].violation)) << i;
    }
  }
}

}  // namespace
}  // namespace mentiond
