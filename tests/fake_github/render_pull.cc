// Pull requests, issues and repositories: the long ones of render.h.

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/render.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

std::string Href(std::string_view url) {
  return JsonObject().Str("href", url).Take();
}

std::string Links(const RepoIdentity& repo, int64_t number,
                  std::string_view head_sha) {
  const std::string pull = absl::StrCat(repo.ApiUrl(), "/pulls/", number);
  const std::string issue = absl::StrCat(repo.ApiUrl(), "/issues/", number);
  return JsonObject()
      .Raw("self", Href(pull))
      .Raw("html", Href(absl::StrCat(repo.HtmlUrl(), "/pull/", number)))
      .Raw("issue", Href(issue))
      .Raw("comments", Href(issue + "/comments"))
      .Raw("review_comments", Href(pull + "/comments"))
      .Raw("review_comment", Href(repo.ApiUrl() + "/pulls/comments{/number}"))
      .Raw("commits", Href(pull + "/commits"))
      .Raw("statuses", Href(absl::StrCat(repo.ApiUrl(), "/statuses/",
                                         absl::string_view(head_sha.data(),
                                                           head_sha.size()))))
      .Take();
}

// `head` or `base`.
std::string Branch(const RepoIdentity& repo, std::string_view user,
                   std::string_view ref, std::string_view sha) {
  return JsonObject()
      .Str("label",
           absl::StrCat(absl::string_view(user.data(), user.size()), ":",
                        absl::string_view(ref.data(), ref.size())))
      .Str("ref", ref)
      .Str("sha", sha)
      .Raw("user", RenderUser(user))
      .Raw("repo", RenderRepository(repo, 0, 0, 0))
      .Take();
}

std::string ClosedAt(const PullFields& pull) {
  return pull.open ? "null"
                   : absl::StrCat("\"", TimeText(pull.written.updated), "\"");
}

}  // namespace

std::string RenderPull(const RepoIdentity& repo, const PullFields& pull) {
  const Written& written = pull.written;
  const std::string self =
      absl::StrCat(repo.ApiUrl(), "/pulls/", written.number);
  const std::string issue =
      absl::StrCat(repo.ApiUrl(), "/issues/", written.number);
  const std::string html =
      absl::StrCat(repo.HtmlUrl(), "/pull/", written.number);
  const std::string head_sha(40, 'a');
  // A branch belongs to somebody even where the author's account is gone.
  const std::string owner =
      written.author.empty() ? repo.owner : written.author;
  return JsonObject()
      .Str("url", self)
      .Int("id", pull.pull_id)
      .Str("node_id", absl::StrCat("PR_", pull.pull_id))
      .Str("html_url", html)
      .Str("diff_url", html + ".diff")
      .Str("patch_url", html + ".patch")
      .Str("issue_url", issue)
      .Str("commits_url", self + "/commits")
      .Str("review_comments_url", self + "/comments")
      .Str("review_comment_url", repo.ApiUrl() + "/pulls/comments{/number}")
      .Str("comments_url", issue + "/comments")
      .Str("statuses_url", absl::StrCat(repo.ApiUrl(), "/statuses/", head_sha))
      .Int("number", written.number)
      .Str("state", pull.open ? "open" : "closed")
      .Bool("locked", false)
      .Null("active_lock_reason")
      .Str("title", pull.title)
      .Raw("user", RenderUser(written.author))
      .StrOrNull("body", written.body)
      .Raw("labels", "[]")
      .Null("milestone")
      .Null("assignee")
      .Raw("assignees", "[]")
      .Raw("requested_reviewers", "[]")
      .Raw("requested_teams", "[]")
      .Str("created_at", TimeText(written.created))
      .Str("updated_at", TimeText(written.updated))
      .Raw("closed_at", ClosedAt(pull))
      .Null("merged_at")
      .Null("merge_commit_sha")
      .Bool("draft", pull.draft)
      .Raw("head", Branch(repo, owner, absl::StrCat("change-", written.number),
                          head_sha))
      .Raw("base", Branch(repo, repo.owner, "main", std::string(40, 'b')))
      .Raw("_links", Links(repo, written.number, head_sha))
      .Str("author_association", "CONTRIBUTOR")
      .Null("auto_merge")
      .Bool("merged", false)
      .Null("mergeable")
      .Null("rebaseable")
      .Str("mergeable_state", "unknown")
      .Null("merged_by")
      .Int("comments", pull.comments)
      .Int("review_comments", pull.review_comments)
      .Bool("maintainer_can_modify", false)
      .Int("commits", 1)
      .Int("additions", 1)
      .Int("deletions", 0)
      .Int("changed_files", 1)
      .Take();
}

std::string RenderPullDefaults(const RepoIdentity& repo, int64_t number,
                               std::string_view head_sha) {
  const std::string branch =
      JsonObject().Null("label").Null("user").Null("repo").Take();
  return JsonObject()
      .Null("active_lock_reason")
      .Null("body")
      .Null("milestone")
      .Null("assignee")
      .Null("closed_at")
      .Null("merged_at")
      .Null("merge_commit_sha")
      .Raw("head", branch)
      .Raw("base", branch)
      .Raw("_links", Links(repo, number, head_sha))
      .Null("auto_merge")
      .Bool("merged", false)
      .Null("mergeable")
      .Null("rebaseable")
      .Null("merged_by")
      .Take();
}

std::string RenderIssue(const RepoIdentity& repo, const PullFields& issue) {
  const Written& written = issue.written;
  const std::string self =
      absl::StrCat(repo.ApiUrl(), "/issues/", written.number);
  return JsonObject()
      .Str("url", self)
      .Str("repository_url", repo.ApiUrl())
      .Str("labels_url", self + "/labels{/name}")
      .Str("comments_url", self + "/comments")
      .Str("events_url", self + "/events")
      .Str("html_url", absl::StrCat(repo.HtmlUrl(), "/issues/", written.number))
      .Int("id", written.id)
      .Str("node_id", absl::StrCat("I_", written.id))
      .Int("number", written.number)
      .Str("title", issue.title)
      .Raw("user", RenderUser(written.author))
      .Raw("labels", "[]")
      .Str("state", issue.open ? "open" : "closed")
      .Null("state_reason")
      .Bool("locked", false)
      .Null("assignee")
      .Raw("assignees", "[]")
      .Null("milestone")
      .Int("comments", issue.comments)
      .Str("created_at", TimeText(written.created))
      .Str("updated_at", TimeText(written.updated))
      .Raw("closed_at", ClosedAt(issue))
      .Str("author_association", "NONE")
      .Null("active_lock_reason")
      .StrOrNull("body", written.body)
      .Take();
}

std::string RenderRepository(const RepoIdentity& repo, int64_t open_issues,
                             int64_t created, int64_t updated) {
  const std::string api = repo.ApiUrl();
  const std::string html = repo.HtmlUrl();
  JsonObject json;
  json.Int("id", repo.id)
      .Str("node_id", absl::StrCat("R_", repo.id))
      .Str("name", repo.name)
      .Str("full_name", repo.FullName())
      .Bool("private", false)
      .Raw("owner", RenderUser(repo.owner))
      .Str("html_url", html)
      .Null("description")
      .Bool("fork", false)
      .Str("url", api);
  // Field, then what follows the repository's address in it.
  static constexpr std::string_view kUrls[][2] = {
      {"archive_url", "/{archive_format}{/ref}"},
      {"assignees_url", "/assignees{/user}"},
      {"blobs_url", "/git/blobs{/sha}"},
      {"branches_url", "/branches{/branch}"},
      {"collaborators_url", "/collaborators{/collaborator}"},
      {"comments_url", "/comments{/number}"},
      {"commits_url", "/commits{/sha}"},
      {"compare_url", "/compare/{base}...{head}"},
      {"contents_url", "/contents/{+path}"},
      {"contributors_url", "/contributors"},
      {"deployments_url", "/deployments"},
      {"downloads_url", "/downloads"},
      {"events_url", "/events"},
      {"forks_url", "/forks"},
      {"git_commits_url", "/git/commits{/sha}"},
      {"git_refs_url", "/git/refs{/sha}"},
      {"git_tags_url", "/git/tags{/sha}"},
      {"hooks_url", "/hooks"},
      {"issue_comment_url", "/issues/comments{/number}"},
      {"issue_events_url", "/issues/events{/number}"},
      {"issues_url", "/issues{/number}"},
      {"keys_url", "/keys{/key_id}"},
      {"labels_url", "/labels{/name}"},
      {"languages_url", "/languages"},
      {"merges_url", "/merges"},
      {"milestones_url", "/milestones{/number}"},
      {"notifications_url", "/notifications{?since,all,participating}"},
      {"pulls_url", "/pulls{/number}"},
      {"releases_url", "/releases{/id}"},
      {"stargazers_url", "/stargazers"},
      {"statuses_url", "/statuses/{sha}"},
      {"subscribers_url", "/subscribers"},
      {"subscription_url", "/subscription"},
      {"tags_url", "/tags"},
      {"teams_url", "/teams"},
      {"trees_url", "/git/trees{/sha}"},
  };
  for (const auto& [key, suffix] : kUrls) {
    json.Str(key, absl::StrCat(
                      api, absl::string_view(suffix.data(), suffix.size())));
  }
  for (const char* count :
       {"forks", "forks_count", "network_count", "size", "stargazers_count",
        "subscribers_count", "watchers", "watchers_count"}) {
    json.Int(count, 0);
  }
  for (const char* off : {"archived", "disabled", "has_discussions",
                          "has_pages", "has_projects", "has_wiki"}) {
    json.Bool(off, false);
  }
  return json
      .Str("git_url",
           absl::StrCat("git://github.com/", repo.FullName(), ".git"))
      .Str("ssh_url", absl::StrCat("git@github.com:", repo.FullName(), ".git"))
      .Str("clone_url", html + ".git")
      .Str("svn_url", html)
      .Null("mirror_url")
      .Null("homepage")
      .Null("language")
      .Null("license")
      .Str("default_branch", "main")
      .Str("visibility", "public")
      .Bool("has_issues", true)
      .Bool("has_downloads", true)
      .Int("open_issues", open_issues)
      .Int("open_issues_count", open_issues)
      .Str("created_at", TimeText(created))
      .Str("updated_at", TimeText(updated))
      .Str("pushed_at", TimeText(updated))
      .Take();
}

}  // namespace mentiond::fake_github
