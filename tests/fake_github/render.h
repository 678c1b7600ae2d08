// The JSON of what is made here rather than loaded: every field that GitHub's
// OpenAPI description requires, with addresses on github.com as the real ones
// have (only `Link` and `Location` headers lead to the stand-in itself).

#ifndef MENTIOND_TESTS_FAKE_GITHUB_RENDER_H_
#define MENTIOND_TESTS_FAKE_GITHUB_RENDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mentiond::fake_github {

struct RepoIdentity {
  int64_t id = 0;
  std::string owner;
  std::string name;

  std::string FullName() const { return owner + "/" + name; }
  // "https://api.github.com/repos/{owner}/{name}"
  std::string ApiUrl() const;
  // "https://github.com/{owner}/{name}"
  std::string HtmlUrl() const;
};

// What is common to all that people write. `author` empty: `user` is null, as
// in GitHub's responses for a deleted account.
struct Written {
  int64_t id = 0;
  int64_t number = 0;
  std::string author;
  std::optional<std::string> body;
  int64_t created = 0;
  int64_t updated = 0;
};

struct PullFields {
  Written written;
  int64_t pull_id = 0;
  std::string title;
  bool open = true;
  bool draft = false;
  int64_t comments = 0;
  int64_t review_comments = 0;
};

struct ReviewCommentFields {
  Written written;
  int64_t review_id = 0;
  std::string path;
  // None: an outdated comment, whose `line` and `position` are null.
  std::optional<int64_t> line;
  std::optional<int64_t> in_reply_to;
};

// A user object, or "null" for an empty login. The numeric id follows from
// the login.
std::string RenderUser(std::string_view login);
int64_t UserId(std::string_view login);

// The response to GET /user, in its public form.
std::string RenderAuthenticatedUser(std::string_view login);

// The response to GET /repos/{owner}/{repo}; also used as a `repository`
// object.
std::string RenderRepository(const RepoIdentity& repo, int64_t open_issues,
                             int64_t created, int64_t updated);

// The response to GET /repos/{o}/{r}/pulls/{n}.
std::string RenderPull(const RepoIdentity& repo, const PullFields& pull);
std::string RenderIssue(const RepoIdentity& repo, const PullFields& issue);
std::string RenderIssueComment(const RepoIdentity& repo, const Written& comment,
                               bool on_pull);
std::string RenderReviewComment(const RepoIdentity& repo,
                                const ReviewCommentFields& comment);
std::string RenderReview(const RepoIdentity& repo, const Written& review,
                         std::string_view state);

// Defaults for the fields that a pull request loaded from elsewhere may lack
// (exports leave nulls out, and most of `_links`).
std::string RenderPullDefaults(const RepoIdentity& repo, int64_t number,
                               std::string_view head_sha);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_RENDER_H_
