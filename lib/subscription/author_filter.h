// Whose mentions a subscription leaves out, by who wrote them.

#ifndef MENTIOND_LIB_SUBSCRIPTION_AUTHOR_FILTER_H_
#define MENTIOND_LIB_SUBSCRIPTION_AUTHOR_FILTER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"

#include "lib/github/types.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// By the login, as an Item has it: bots end in "[bot]", and of deleted accounts
// it is empty, or "ghost", which is GitHub's own account for them.
mentions::v1::AuthorKind AuthorKindOf(std::string_view login);

// Immutable. Logins compare without regard to case, and to "[bot]": people know
// an app by its name.
class AuthorFilter {
 public:
  static constexpr size_t kMaxAuthors = 100;

  // The filter that a request asks for, for mentions of `user`, who is a login
  // if `skip_self` matters; null: none. INVALID_ARGUMENT with the field.
  static absl::StatusOr<std::shared_ptr<const AuthorFilter>> Parse(
      const mentions::v1::SubscribeRequest& request, std::string_view user);

  bool Skips(const Item& item) const;

  // Equal filters have equal keys, in this and later versions.
  std::string ToKey() const;

 private:
  bool skip_bots_ = false;
  absl::btree_set<std::string> skipped_;  // in lower case, without "[bot]"
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_SUBSCRIPTION_AUTHOR_FILTER_H_
