// The JSON of items in REST's lists: every field that GitHub's OpenAPI
// description requires, with addresses on github.com as the real ones have
// (only `Link` and `Location` headers lead to the stand-in itself).

#ifndef MENTIOND_TESTS_FAKE_GITHUB_RENDER_H_
#define MENTIOND_TESTS_FAKE_GITHUB_RENDER_H_

#include <cstdint>
#include <string>

#include "tests/fake_github/item.h"

namespace mentiond::fake_github {

struct RepoIdentity {
  int64_t id = 0;
  std::string owner;
  std::string name;

  std::string FullName() const { return owner + "/" + name; }
};

// The address of an item's page.
std::string HtmlUrl(const RepoIdentity& repo, const Item& item);

// The numeric id of a user follows from the login.
int64_t UserId(const std::string& login);

// Empty for a review.
std::string RenderItem(const RepoIdentity& repo, const Item& item);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_RENDER_H_
