// A GitHub login that is known to be well formed, so that code which takes one
// need not check it again. The rules are those of GitHub's sign-up; whether the
// account exists is not known.

#ifndef MENTIOND_LIB_BASE_LOGIN_H_
#define MENTIOND_LIB_BASE_LOGIN_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace mentiond {

// Immutable; safe to share between threads. Compares and hashes without regard
// to case, as GitHub's logins do.
class Login {
 public:
  // GitHub's limit, an Enterprise-managed user's suffix included.
  static constexpr std::size_t kMaxLength = 39;

  // Takes a login with or without one leading `@`, in any case: 1 to
  // kMaxLength ASCII letters and digits, with single hyphens between them.
  // An Enterprise-managed user's login ends in `_shortcode` (letters and
  // digits).
  //
  // INVALID_ARGUMENT otherwise. The message is a clause with the reason ("it
  // starts with a hyphen") and contains nothing of `text`, so that it can
  // follow the name of a field and may be logged.
  static absl::StatusOr<Login> Parse(std::string_view text);

  // Whether `text`, without an `@`, is a well-formed login. Allocates nothing,
  // for code that checks many candidates.
  static bool IsValid(std::string_view text);

  // As it was given, without the `@`.
  const std::string& text() const { return text_; }
  // The key to compare by.
  const std::string& lower() const { return lower_; }

  friend bool operator==(const Login& a, const Login& b) {
    return a.lower_ == b.lower_;
  }
  template <typename H>
  friend H AbslHashValue(H state, const Login& login) {
    return H::combine(std::move(state), login.lower_);
  }

 private:
  explicit Login(std::string_view valid);

  std::string text_;
  std::string lower_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_LOGIN_H_
