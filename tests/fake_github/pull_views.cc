#include "tests/fake_github/pull_views.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

// In GitHub's responses for a single pull request only.
constexpr std::string_view kOnlyInFull[] = {
    "additions", "changed_files",   "comments",
    "commits",   "deletions",       "maintainer_can_modify",
    "mergeable", "mergeable_state", "merged",
    "merged_by", "rebaseable",      "review_comments",
};

// What an issue object has just as the pull request has it.
constexpr std::string_view kShared[] = {
    "number",       "title",
    "user",         "labels",
    "state",        "locked",
    "assignee",     "assignees",
    "milestone",    "comments",
    "created_at",   "updated_at",
    "closed_at",    "body",
    "draft",        "author_association",
    "comments_url", "active_lock_reason",
    "html_url",
};

constexpr std::string_view kPullRequestKeys[] = {"url", "html_url", "diff_url",
                                                 "patch_url", "merged_at"};

template <typename Keys>
void CopyMembers(const rapidjson::Value& from, const Keys& keys,
                 JsonObject& to) {
  for (const std::string_view key : keys) {
    const rapidjson::Value* member = Member(from, key);
    if (member != nullptr) to.Raw(key, ToJson(*member));
  }
}

}  // namespace

std::string SimplePull(const rapidjson::Document& full) {
  JsonObject simple;
  for (const auto& member : full.GetObject()) {
    const std::string_view key(member.name.GetString(),
                               member.name.GetStringLength());
    if (std::find(std::begin(kOnlyInFull), std::end(kOnlyInFull), key) ==
        std::end(kOnlyInFull)) {
      simple.Raw(key, ToJson(member.value));
    }
  }
  return simple.Take();
}

std::string IssueOfPull(const RepoIdentity& repo,
                        const rapidjson::Document& full, int64_t issue_id) {
  const std::string self = absl::StrCat(repo.ApiUrl(), "/issues/",
                                        IntMember(full, "number").value_or(0));
  JsonObject pull_request;
  CopyMembers(full, kPullRequestKeys, pull_request);
  JsonObject issue;
  issue.Str("url", self)
      .Str("repository_url", repo.ApiUrl())
      .Str("labels_url", self + "/labels{/name}")
      .Str("events_url", self + "/events")
      .Int("id", issue_id)
      .Str("node_id", StringMember(full, "node_id").value_or(""));
  CopyMembers(full, kShared, issue);
  issue.Raw("pull_request", pull_request.Take());
  return issue.Take();
}

}  // namespace mentiond::fake_github
