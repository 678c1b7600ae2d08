#include "tests/fake_github/render.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

absl::string_view Absl(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

std::string NodeId(std::string_view type, int64_t id) {
  std::string encoded;
  absl::Base64Escape(absl::StrCat("0", type.size(), ":", Absl(type), id),
                     &encoded);
  return encoded;
}

std::string Href(std::string_view url) {
  return JsonObject().Str("href", url).Take();
}

// The fields that a simple user and the user of /user share.
void UserFields(JsonObject& user, std::string_view login) {
  const std::string url =
      absl::StrCat("https://api.github.com/users/", Absl(login));
  const int64_t id = UserId(login);
  user.Str("login", login)
      .Int("id", id)
      .Str("node_id", NodeId("User", id))
      .Str("avatar_url",
           absl::StrCat("https://avatars.githubusercontent.com/u/", id, "?v=4"))
      .Str("gravatar_id", "")
      .Str("url", url)
      .Str("html_url", absl::StrCat("https://github.com/", Absl(login)))
      .Str("followers_url", url + "/followers")
      .Str("following_url", url + "/following{/other_user}")
      .Str("gists_url", url + "/gists{/gist_id}")
      .Str("starred_url", url + "/starred{/owner}{/repo}")
      .Str("subscriptions_url", url + "/subscriptions")
      .Str("organizations_url", url + "/orgs")
      .Str("repos_url", url + "/repos")
      .Str("events_url", url + "/events{/privacy}")
      .Str("received_events_url", url + "/received_events")
      .Str("type", absl::EndsWith(Absl(login), "[bot]") ? "Bot" : "User")
      .Bool("site_admin", false);
}

}  // namespace

std::string RepoIdentity::ApiUrl() const {
  return absl::StrCat("https://api.github.com/repos/", owner, "/", name);
}

std::string RepoIdentity::HtmlUrl() const {
  return absl::StrCat("https://github.com/", owner, "/", name);
}

int64_t UserId(std::string_view login) {
  // FNV-1a: the same login has the same id in every run and every program.
  uint64_t hash = 14695981039346656037ULL;
  for (const char c : login) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return static_cast<int64_t>(1000 + hash % 200'000'000);
}

std::string RenderUser(std::string_view login) {
  if (login.empty()) return "null";
  JsonObject user;
  UserFields(user, login);
  return user.Take();
}

std::string RenderAuthenticatedUser(std::string_view login) {
  JsonObject user;
  UserFields(user, login);
  user.Str("user_view_type", "public")
      .Str("name", login)
      .Null("company")
      .Str("blog", "")
      .Null("location")
      .Null("email")
      .Null("hireable")
      .Null("bio")
      .Int("public_repos", 0)
      .Int("public_gists", 0)
      .Int("followers", 0)
      .Int("following", 0)
      .Str("created_at", "2011-01-25T18:44:36Z")
      .Str("updated_at", "2011-01-25T18:44:36Z");
  return user.Take();
}

std::string RenderIssueComment(const RepoIdentity& repo, const Written& comment,
                               bool on_pull) {
  const std::string api = repo.ApiUrl();
  return JsonObject()
      .Str("url", absl::StrCat(api, "/issues/comments/", comment.id))
      .Str("html_url",
           absl::StrCat(repo.HtmlUrl(), on_pull ? "/pull/" : "/issues/",
                        comment.number, "#issuecomment-", comment.id))
      .Str("issue_url", absl::StrCat(api, "/issues/", comment.number))
      .Int("id", comment.id)
      .Str("node_id", NodeId("IssueComment", comment.id))
      .Raw("user", RenderUser(comment.author))
      .Str("created_at", TimeText(comment.created))
      .Str("updated_at", TimeText(comment.updated))
      .Str("author_association", "CONTRIBUTOR")
      .StrOrNull("body", comment.body)
      .Null("performed_via_github_app")
      .Take();
}

std::string RenderReviewComment(const RepoIdentity& repo,
                                const ReviewCommentFields& comment) {
  const Written& written = comment.written;
  const std::string self =
      absl::StrCat(repo.ApiUrl(), "/pulls/comments/", written.id);
  const std::string html = absl::StrCat(
      repo.HtmlUrl(), "/pull/", written.number, "#discussion_r", written.id);
  const std::string pull =
      absl::StrCat(repo.ApiUrl(), "/pulls/", written.number);
  const std::string sha(40, 'c');
  JsonObject json;
  json.Str("url", self)
      .Int("pull_request_review_id", comment.review_id)
      .Int("id", written.id)
      .Str("node_id", NodeId("PullRequestReviewComment", written.id))
      .Str("diff_hunk", "@@ -1,3 +1,4 @@\n int main() {\n+  return 0;\n }")
      .Str("path", comment.path)
      .Str("commit_id", sha)
      .Str("original_commit_id", sha)
      .Raw("user", RenderUser(written.author))
      .StrOrNull("body", written.body)
      .Str("created_at", TimeText(written.created))
      .Str("updated_at", TimeText(written.updated))
      .Str("html_url", html)
      .Str("pull_request_url", pull)
      .Str("author_association", "CONTRIBUTOR")
      .Raw("_links", JsonObject()
                         .Raw("self", Href(self))
                         .Raw("html", Href(html))
                         .Raw("pull_request", Href(pull))
                         .Take())
      .Null("start_line")
      .Null("original_start_line")
      .Null("start_side")
      .Str("side", "RIGHT")
      .Str("subject_type", "line")
      .Int("original_line", comment.line.value_or(1))
      .Int("original_position", comment.line.value_or(1));
  if (comment.line.has_value()) {
    json.Int("line", *comment.line).Int("position", *comment.line);
  } else {
    json.Null("line").Null("position");
  }
  if (comment.in_reply_to.has_value()) {
    json.Int("in_reply_to_id", *comment.in_reply_to);
  }
  return json.Take();
}

std::string RenderReview(const RepoIdentity& repo, const Written& review,
                         std::string_view state) {
  const std::string html = absl::StrCat(repo.HtmlUrl(), "/pull/", review.number,
                                        "#pullrequestreview-", review.id);
  const std::string pull =
      absl::StrCat(repo.ApiUrl(), "/pulls/", review.number);
  return JsonObject()
      .Int("id", review.id)
      .Str("node_id", NodeId("PullRequestReview", review.id))
      .Raw("user", RenderUser(review.author))
      .StrOrNull("body", review.body)
      .Str("state", state)
      .Str("html_url", html)
      .Str("pull_request_url", pull)
      .Str("author_association", "CONTRIBUTOR")
      .Str("submitted_at", TimeText(review.created))
      .Str("commit_id", std::string(40, 'c'))
      .Raw("_links", JsonObject()
                         .Raw("html", Href(html))
                         .Raw("pull_request", Href(pull))
                         .Take())
      .Take();
}

}  // namespace mentiond::fake_github
