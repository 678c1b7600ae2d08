#include "tests/fake_github/render.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

std::string ApiUrl(const RepoIdentity& repo) {
  return absl::StrCat("https://api.github.com/repos/", repo.FullName());
}

std::string LinkObject(const std::string& url) {
  return JsonObject().Str("href", url).Take();
}

std::string RenderUser(const std::string& login) {
  if (login.empty()) return "null";
  const std::string url = absl::StrCat("https://api.github.com/users/", login);
  const int64_t id = UserId(login);
  return JsonObject()
      .Str("login", login)
      .Int("id", id)
      .Str("node_id", absl::StrCat("U_", id))
      .Str("avatar_url",
           absl::StrCat("https://avatars.githubusercontent.com/u/", id, "?v=4"))
      .Str("gravatar_id", "")
      .Str("url", url)
      .Str("html_url", absl::StrCat("https://github.com/", login))
      .Str("followers_url", url + "/followers")
      .Str("following_url", url + "/following{/other_user}")
      .Str("gists_url", url + "/gists{/gist_id}")
      .Str("starred_url", url + "/starred{/owner}{/repo}")
      .Str("subscriptions_url", url + "/subscriptions")
      .Str("organizations_url", url + "/orgs")
      .Str("repos_url", url + "/repos")
      .Str("events_url", url + "/events{/privacy}")
      .Str("received_events_url", url + "/received_events")
      .Str("type", absl::EndsWith(login, "[bot]") ? "Bot" : "User")
      .Bool("site_admin", false)
      .Take();
}

// What all that is listed has.
void AddCommon(const RepoIdentity& repo, const Item& item, JsonObject& json) {
  json.Int("id", item.id)
      .Str("node_id", absl::StrCat("N_", item.id))
      .Str("html_url", HtmlUrl(repo, item))
      .Raw("user", RenderUser(item.author))
      .Str("created_at", TimeText(item.created))
      .Str("updated_at", TimeText(item.updated))
      .Str("author_association", "CONTRIBUTOR")
      .StrOrNull("body", item.body);
}

void AddIssueFields(const RepoIdentity& repo, const Item& item,
                    JsonObject& json) {
  const std::string self = absl::StrCat(ApiUrl(repo), "/issues/", item.number);
  json.Str("url", self)
      .Str("repository_url", ApiUrl(repo))
      .Str("labels_url", self + "/labels{/name}")
      .Str("comments_url", self + "/comments")
      .Str("events_url", self + "/events")
      .Int("number", item.number)
      .Str("title", item.title)
      .Raw("labels", "[]")
      .Str("state", item.open ? "open" : "closed")
      .Bool("locked", false)
      .Null("active_lock_reason")
      .Null("assignee")
      .Raw("assignees", "[]")
      .Null("milestone")
      .Int("comments", item.comments)
      .Raw("closed_at",
           item.open ? "null" : QuotedJson(TimeText(item.updated)));
  if (!item.is_pull) return;
  const std::string html = HtmlUrl(repo, item);
  json.Bool("draft", false)
      .Raw("pull_request",
           JsonObject()
               .Str("url", absl::StrCat(ApiUrl(repo), "/pulls/", item.number))
               .Str("html_url", html)
               .Str("diff_url", html + ".diff")
               .Str("patch_url", html + ".patch")
               .Raw("merged_at", item.merged == 0
                                     ? "null"
                                     : QuotedJson(TimeText(item.merged)))
               .Take());
}

void AddReviewCommentFields(const RepoIdentity& repo, const Item& item,
                            JsonObject& json) {
  const std::string self =
      absl::StrCat(ApiUrl(repo), "/pulls/comments/", item.id);
  const std::string pull = absl::StrCat(ApiUrl(repo), "/pulls/", item.number);
  const std::string commit(40, 'c');
  json.Str("url", self)
      .Str("pull_request_url", pull)
      .Int("pull_request_review_id", item.review_id)
      .Str("diff_hunk", "@@ -1,3 +1,4 @@\n int main() {\n+  return 0;\n }")
      .Str("path", "src/main.cc")
      .Str("commit_id", commit)
      .Str("original_commit_id", commit)
      .Raw("_links", JsonObject()
                         .Raw("self", LinkObject(self))
                         .Raw("html", LinkObject(HtmlUrl(repo, item)))
                         .Raw("pull_request", LinkObject(pull))
                         .Take())
      .Null("start_line")
      .Null("original_start_line")
      .Null("start_side")
      .Str("side", "RIGHT")
      .Str("subject_type", "line")
      .Int("line", 1)
      .Int("position", 1)
      .Int("original_line", 1)
      .Int("original_position", 1);
}

}  // namespace

std::string HtmlUrl(const RepoIdentity& repo, const Item& item) {
  const std::string page =
      absl::StrCat("https://github.com/", repo.FullName(),
                   item.is_pull ? "/pull/" : "/issues/", item.number);
  switch (item.kind) {
    case ItemKind::kIssue:
      break;
    case ItemKind::kIssueComment:
      return absl::StrCat(page, "#issuecomment-", item.id);
    case ItemKind::kReviewComment:
      return absl::StrCat(page, "#discussion_r", item.id);
    case ItemKind::kReview:
      return absl::StrCat(page, "#pullrequestreview-", item.id);
  }
  return page;
}

int64_t UserId(const std::string& login) {
  // FNV-1a: the same login has the same id in every run and every program.
  uint64_t hash = 14695981039346656037ULL;
  for (const char c : login) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return static_cast<int64_t>(1000 + hash % 200'000'000);
}

std::string RenderItem(const RepoIdentity& repo, const Item& item) {
  JsonObject json;
  AddCommon(repo, item, json);
  switch (item.kind) {
    case ItemKind::kReview:
      return "";
    case ItemKind::kIssue:
      AddIssueFields(repo, item, json);
      break;
    case ItemKind::kIssueComment:
      json.Str("url", absl::StrCat(ApiUrl(repo), "/issues/comments/", item.id))
          .Str("issue_url", absl::StrCat(ApiUrl(repo), "/issues/", item.number))
          .Null("performed_via_github_app");
      break;
    case ItemKind::kReviewComment:
      AddReviewCommentFields(repo, item, json);
      break;
  }
  return json.Take();
}

}  // namespace mentiond::fake_github
