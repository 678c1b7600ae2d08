#include "lib/markdown/mention_target.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"

#include "lib/base/strings.h"

namespace mentiond {
namespace {

bool IsAlnum(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c));
}

}  // namespace

bool IsTeamSlug(std::string_view text) {
  return !text.empty() && text.size() <= MentionTarget::kMaxTeamLength &&
         IsAlnum(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlnum(c) || c == '-' || c == '_'; });
}

MentionTarget::MentionTarget(Kind kind, std::string_view text)
    : kind_(kind), text_(text), name_(absl::AsciiStrToLower(ToAbsl(text))) {}

absl::StatusOr<MentionTarget> MentionTarget::Parse(std::string_view text) {
  if (text == "*") return MentionTarget(Kind::kAnyone, text);
  if (!text.empty() && text.front() == '@') text.remove_prefix(1);
  const size_t slash = text.find('/');
  const auto login = Login::Parse(text.substr(0, slash));
  if (!login.ok()) return login.status();
  if (slash == std::string_view::npos) return MentionTarget(*login);
  if (!IsTeamSlug(text.substr(slash + 1))) {
    return absl::InvalidArgumentError(
        "the team after the slash has no valid name");
  }
  return MentionTarget(Kind::kTeam, text);
}

}  // namespace mentiond
