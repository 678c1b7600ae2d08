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

constexpr char kPull[] =
    "query($o:String!){repository(owner:$o,name:\"n\"){n0:pullRequest(number:1)"
    "{body createdAt fullDatabaseId author{__typename login}}}}";
constexpr char kVariables[] = R"({"o":"x"})";

std::string Pull(const std::string& body, const std::string& created,
                 const std::string& id, const std::string& rest) {
  return absl::StrCat(R"({"data":{"repository":{"n0":{"body":)", body,
                      R"(,"createdAt":)", created, R"(,"fullDatabaseId":)", id,
                      ",", rest, "}}}}");
}

TEST(SchemaCheckTest, FindsWhatIsWrongAndNothingElse) {
  const auto schema = SharedPath("github-api/schema.graphql");
  if (!schema) GTEST_SKIP() << "../shared/github-api/schema.graphql is absent";
  const std::string time = R"("2024-01-01T00:00:00Z")";
  const std::string author = R"("author":{"__typename":"Bot","login":"l"})";
  const struct {
    std::string query;
    std::string variables;
    std::optional<std::string> response;
    std::string violation;  // empty: none
  } cases[] = {
      {kPull, kVariables, Pull("\"b\"", time, "\"7\"", author), ""},
      {kPull, kVariables, Pull("\"b\"", time, "\"7\"", R"("author":null)"), ""},
      {kPull, kVariables, Pull("\"b\"", time, "\"7\"", R"("x":1)"),
       "author is missing"},
      {kPull, kVariables, Pull("\"b\"", time, "\"7\"", author + R"(,"id":"1")"),
       "id was not requested"},
      {kPull, kVariables, Pull("\"b\"", R"("yesterday")", "\"7\"", author),
       "not a DateTime"},
      {kPull, kVariables, Pull("\"b\"", time, "7", author), "not a BigInt"},
      {kPull, kVariables, Pull("null", time, "\"7\"", author), "non-nullable"},
      // Null beside an error that says why.
      {kPull, kVariables,
       R"({"data":{"repository":{"n0":null}},)"
       R"("errors":[{"path":["repository","n0"],"message":"m"}]})",
       ""},
      {kPull, R"({"o":7})", std::nullopt, "not a String"},
      {kPull, "{}", std::nullopt, "variables"},
      {R"({repository(owner:"o",name:"n"){bodies}})", "{}", std::nullopt,
       "bodies"},
      {R"({repository(owner:"o"){id}})", "{}", std::nullopt, "name"},
      {"{viewer{login}} fragment F on User{login}", "{}", std::nullopt,
       "never used"},
      {R"({search(type:ISSUE,query:"q",first:1){issueCount nodes{__typename )"
       "...on Issue{number}}}}",
       "{}",
       R"({"data":{"search":{"issueCount":1,)"
       R"("nodes":[{"__typename":"Issue","number":1}]}}})",
       ""},
      {R"({search(type:ISSUE,query:"q",first:1){nodes{__typename )"
       "...on PullRequest{reviews(first:1){nodes{state}}}}}}",
       "{}",
       R"({"data":{"search":{"nodes":[{"__typename":"PullRequest",)"
       R"("reviews":{"nodes":[{"state":"SLEPT"}]}}]}}})",
       "SLEPT"},
      {"{viewer{login}}", "{}", "{}", "neither data nor errors"},
  };
  std::vector<GraphQlExchange> exchanges;
  for (const auto& one : cases) {
    exchanges.push_back({.request = absl::StrCat(
                             "{\"query\":", fake_github::QuotedJson(one.query),
                             ",\"variables\":", one.variables, "}"),
                         .response = one.response});
  }
  const absl::Status status = CheckGraphQl(*schema, exchanges);
  const std::vector<std::string> lines =
      absl::StrSplit(std::string(status.message()), '\n');
  for (size_t i = 0; i < exchanges.size(); ++i) {
    std::string found;
    for (const std::string& line : lines) {
      const std::string prefix = absl::StrCat("exchange ", i + 1, ": ");
      if (line.rfind(prefix, 0) == 0) found += line;
    }
    EXPECT_EQ(found.empty(), cases[i].violation.empty()) << i << ": " << found;
    EXPECT_THAT(found, HasSubstr(cases[i].violation)) << i;
  }
}

}  // namespace
}  // namespace mentiond
