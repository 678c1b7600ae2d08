#include "lib/base/login.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace mentiond {
namespace {

// Why `text` is not a login, as a clause; empty if it is one.
std::string_view WhyInvalid(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > Login::kMaxLength) return "it is longer than 39 characters";
  if (text.front() == '-') return "it starts with a hyphen";
  bool in_suffix = false;
  char previous = '\0';
  for (const char c : text) {
    if (c == '-') {
      if (in_suffix) return "it has a hyphen after the underscore";
      if (previous == '-') return "it has two hyphens in a row";
    } else if (c == '_') {
      if (in_suffix) return "it has more than one underscore";
      if (previous == '\0') return "it starts with an underscore";
      if (previous == '-') return "it has a hyphen before the underscore";
      in_suffix = true;
    } else if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      return "it has a character other than letters, digits and hyphens";
    }
    previous = c;
  }
  if (previous == '-') return "it ends with a hyphen";
  if (previous == '_') return "it ends with an underscore";
  return {};
}

}  // namespace

Login::Login(std::string_view valid)
    : text_(valid),
      lower_(absl::AsciiStrToLower(
          absl::string_view(valid.data(), valid.size()))) {}

absl::StatusOr<Login> Login::Parse(std::string_view text) {
  if (!text.empty() && text.front() == '@') text.remove_prefix(1);
  const std::string_view why = WhyInvalid(text);
  if (!why.empty()) {
    return absl::InvalidArgumentError(
        absl::string_view(why.data(), why.size()));
  }
  return Login(text);
}

bool Login::IsValid(std::string_view text) { return WhyInvalid(text).empty(); }

}  // namespace mentiond
