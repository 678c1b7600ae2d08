// Whose mentions are wanted: a user's, a team's, or anyone's.

#ifndef MENTIOND_LIB_MARKDOWN_MENTION_TARGET_H_
#define MENTIOND_LIB_MARKDOWN_MENTION_TARGET_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "lib/base/login.h"

namespace mentiond {

// Immutable; safe to share between threads.
class MentionTarget {
 public:
  // GitHub's limit for the name of a team.
  static constexpr size_t kMaxTeamLength = 100;

  // NOLINTNEXTLINE(google-explicit-constructor): a user is one.
  MentionTarget(const Login& user)
      : kind_(Kind::kUser), text_(user.text()), name_(user.lower()) {}

  // Takes `login`, `org/team` or `*`, the first two with or without one leading
  // `@` and in any case. A team's name is of letters, digits, hyphens and
  // underscores and begins with a letter or digit. INVALID_ARGUMENT otherwise,
  // with a message as Login::Parse()'s.
  static absl::StatusOr<MentionTarget> Parse(std::string_view text);

  bool is_user() const { return kind_ == Kind::kUser; }
  bool is_team() const { return kind_ == Kind::kTeam; }
  bool is_anyone() const { return kind_ == Kind::kAnyone; }

  // As it was given, without the `@`.
  const std::string& text() const { return text_; }
  // The key to compare by: the same in lower case.
  const std::string& name() const { return name_; }

 private:
  enum class Kind : uint8_t { kUser, kTeam, kAnyone };

  MentionTarget(Kind kind, std::string_view text);

  Kind kind_;
  std::string text_;
  std::string name_;
};

// Whether `text` is a team's name, without its organization. Allocates nothing.
bool IsTeamSlug(std::string_view text);

}  // namespace mentiond

#endif  // MENTIOND_LIB_MARKDOWN_MENTION_TARGET_H_
