#include "lib/github/pull_query.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

namespace mentiond {
namespace {

// Real cursors have fewer than 100 bytes.
constexpr size_t kMaxCursorBytes = 512;

// `more` is a connection's arguments after the first. The aliases of a
// connection's parts and the selections below are what pull_decode.cc reads.
constexpr char kRateLimit[] = " rateLimit{cost limit remaining resetAt}";

struct Fragment {
  const char* name;
  const char* text;
};

// By name; each after those that use it.
constexpr std::array<Fragment, 8> kFragments = {{
    {"...Pull",
     "fragment Pull on PullRequest{number title state fullDatabaseId url body "
     "createdAt lastEditedAt author{...Author}}"},
    {"...Issue",
     "fragment Issue on Issue{number title issueState:state fullDatabaseId "
     "url body "
     "createdAt lastEditedAt author{...Author}}"},
    {"...NestedReviews",
     "fragment NestedReviews on PullRequestReviewConnection{pageInfo{...Next} "
     "nodes{id ...Review comments(first:30){...ReviewComments}}}"},
    {"...Reviews",
     "fragment Reviews on PullRequestReviewConnection{pageInfo{...Next} "
     "nodes{...Review}}"},
    {"...Review",
     "fragment Review on PullRequestReview{fullDatabaseId url body state "
     "submittedAt lastEditedAt author{...Author}}"},
    {"...ReviewComments",
     "fragment ReviewComments on PullRequestReviewCommentConnection{pageInfo{"
     "...Next} nodes{fullDatabaseId url body createdAt updatedAt "
     "author{...Author}}}"},
    {"...Comments",
     "fragment Comments on IssueCommentConnection{pageInfo{...Next} "
     "nodes{fullDatabaseId url body createdAt updatedAt author{...Author}}}"},
    {"...Author", "fragment Author on Actor{__typename login}"},
}};
constexpr Fragment kNext = {"...Next",
                            "fragment Next on PageInfo{hasNextPage endCursor}"};

bool Uses(std::string_view query, std::string_view spread) {
  for (size_t at = query.find(spread); at != std::string_view::npos;
       at = query.find(spread, at + 1)) {
    const size_t end = at + spread.size();
    if (end >= query.size() ||
        !absl::ascii_isalpha(static_cast<unsigned char>(query[end]))) {
      return true;
    }
  }
  return false;
}

// GraphQL wants every fragment used, and those used defined.
std::string WithFragments(std::string query) {
  for (const Fragment& fragment : kFragments) {
    if (Uses(query, fragment.name)) absl::StrAppend(&query, " ", fragment.text);
  }
  if (Uses(query, kNext.name)) absl::StrAppend(&query, " ", kNext.text);
  return query;
}

std::string After(const std::string& cursor) {
  CHECK(cursor.empty() || IsQueryable(cursor));
  return cursor.empty() ? "" : absl::StrCat(",after:\"", cursor, "\"");
}

std::string PullField(const PullRequestPart& part, std::string_view selection) {
  return absl::StrCat("pullRequest(number:", part.number, "){",
                      absl::string_view(selection.data(), selection.size()),
                      "}");
}

// What a part selects below `repository`.
std::string FieldOf(const PullRequestPart& part) {
  const std::string after = After(part.after);
  switch (part.part) {
    case PullPart::kPull:
      return PullField(part, "...Pull reviews(first:100){...Reviews}");
    case PullPart::kReviews:
      return PullField(part, absl::StrCat("url title state reviews(first:100",
                                          after, "){...Reviews}"));
    case PullPart::kReviewsAndComments:
      return PullField(part, absl::StrCat("url title state reviews(first:50",
                                          after, "){...NestedReviews}"));
    case PullPart::kPullComments:
      return PullField(part, absl::StrCat("url title state comments(first:100",
                                          after, "){...Comments}"));
    case PullPart::kIssue:
      return absl::StrCat("issue(number:", part.number, "){...Issue}");
    case PullPart::kIssueComments:
      return absl::StrCat("issue(number:", part.number,
                          "){url title issueState:state comments(first:100",
                          after, "){...Comments}}");
    case PullPart::kReviewComments:
      break;
  }
  LOG(FATAL) << "not below a repository";
}

std::string Body(
    std::string query,
    const std::vector<std::pair<std::string, std::string>>& string_variables,
    std::optional<int> first = std::nullopt) {
  rapidjson::StringBuffer json;
  rapidjson::Writer<rapidjson::StringBuffer> writer(json);
  const auto string = [&](const std::string& text) {
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  };
  writer.StartObject();
  writer.Key("query");
  string(WithFragments(std::move(query)));
  writer.Key("variables");
  writer.StartObject();
  for (const auto& [name, value] : string_variables) {
    writer.Key(name.c_str());
    string(value);
  }
  if (first) {
    writer.Key("first");
    writer.Int(*first);
  }
  writer.EndObject();
  writer.EndObject();
  return std::string(json.GetString(), json.GetSize());
}

}  // namespace

bool IsQueryable(std::string_view cursor) {
  return !cursor.empty() && cursor.size() <= kMaxCursorBytes &&
         std::all_of(cursor.begin(), cursor.end(), [](char c) {
           return c > ' ' && c <= '~' && c != '"' && c != '\\';
         });
}

std::string PartsQuery(const RepoName& repo,
                       const std::vector<PullRequestPart>& parts) {
  std::string below_repository;
  std::string top;
  for (size_t i = 0; i < parts.size(); ++i) {
    const PullRequestPart& part = parts[i];
    if (part.part == PullPart::kReviewComments) {
      CHECK(IsQueryable(part.node_id));
      absl::StrAppend(
          &top, " n", i, ":node(id:\"", part.node_id,
          "\"){__typename ...on PullRequestReview{comments(first:100",
          After(part.after), "){...ReviewComments}}}");
    } else {
      absl::StrAppend(&below_repository, " n", i, ":", FieldOf(part));
    }
  }
  const bool in_repository = !below_repository.empty();
  std::string query =
      in_repository ? "query($owner:String!,$name:String!){" : "query{";
  if (in_repository) {
    absl::StrAppend(&query, "repository(owner:$owner,name:$name){",
                    below_repository, "}");
  }
  absl::StrAppend(&query, top, kRateLimit, "}");
  std::vector<std::pair<std::string, std::string>> variables;
  if (in_repository) {
    variables.emplace_back("owner", repo.owner());
    variables.emplace_back("name", repo.name());
  }
  return Body(std::move(query), variables);
}

std::string SearchQuery(const RepoName& repo, const PullSearch& search) {
  CHECK(search.after.empty() || IsQueryable(search.after));
  // In a fixed order, so that the pages of one search fit together. Neither
  // name can hold a character that would have to be escaped.
  std::string q = absl::StrCat("repo:", repo.ToString(),
                               " mentions:", search.user, " sort:created-asc");
  if (search.pulls_only) absl::StrAppend(&q, " is:pr");
  std::vector<std::pair<std::string, std::string>> variables = {{"q", q}};
  if (!search.after.empty()) variables.emplace_back("after", search.after);
  return Body(
      absl::StrCat(
          "query($q:String!,$first:Int!,$after:String){"
          "search(type:ISSUE,query:$q,first:$first,after:$after){issueCount "
          "pageInfo{...Next} nodes{__typename "
          "...on PullRequest{...Pull comments(first:100){...Comments} "
          "reviews(first:50){...NestedReviews}}",
          search.pulls_only
              ? ""
              : " ...on Issue{...Issue comments(first:100){...Comments}}",
          "}}", kRateLimit, "}"),
      variables, search.first);
}

}  // namespace mentiond
