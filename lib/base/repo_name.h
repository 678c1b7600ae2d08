// The name of a GitHub repository that is known to be well formed, so that it
// can go into a URL's path and be a key without being looked at again.

#ifndef MENTIOND_LIB_BASE_REPO_NAME_H_
#define MENTIOND_LIB_BASE_REPO_NAME_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace mentiond {

// Immutable; safe to share between threads. Compares and hashes without regard
// to case, as GitHub's repositories do.
class RepoName {
 public:
  // Takes `owner/name`, or the address a browser shows,
  // `https://HOST/owner/name`
  // (`http` too), with an optional `.git` and an optional slash at its end.
  // HOST must be `web_host`, which is what WebHostOf() gives for the configured
  // API: a token is never sent on behalf of another site's URL.
  //
  // The owner is a login (see Login); the name is 1 to 100 of ASCII letters,
  // digits, `.`, `_` and `-`, but not `.` or `..`.
  //
  // INVALID_ARGUMENT otherwise. The message is a clause that gives the reason
  // and repeats nothing of `text`.
  static absl::StatusOr<RepoName> Parse(std::string_view text,
                                        std::string_view web_host);

  std::string_view owner() const {
    return std::string_view(text_).substr(0, text_.find('/'));
  }
  std::string_view name() const {
    return std::string_view(text_).substr(text_.find('/') + 1);
  }
  // `owner/name`, in the case it was given.
  const std::string& ToString() const { return text_; }
  // `owner/name` in lower case: the key to compare by.
  const std::string& key() const { return key_; }

  friend bool operator==(const RepoName& a, const RepoName& b) {
    return a.key_ == b.key_;
  }
  template <typename H>
  friend H AbslHashValue(H state, const RepoName& repo) {
    return H::combine(std::move(state), repo.key_);
  }

 private:
  // `valid` is `owner/name`.
  explicit RepoName(std::string_view valid);

  std::string text_;
  std::string key_;
};

// The host (with its port, where it has one) under which people see the
// repositories of the GitHub whose REST API is at `api_url`, in lower case:
//   https://api.github.com          github.com
//   https://api.SUBDOMAIN.ghe.com   SUBDOMAIN.ghe.com (GitHub with data
//   residency) https://HOST/api/v3             HOST (GitHub Enterprise Server)
// and any other URL's own host. A scheme's default port is left out. Empty for
// text that has no host.
std::string WebHostOf(std::string_view api_url);

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_REPO_NAME_H_
