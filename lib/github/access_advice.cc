#include "lib/github/access_advice.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "lib/base/status_reason.h"
#include "lib/base/strings.h"

namespace mentiond {
namespace {

// GitHub's longest, a list of all scopes, has a few hundred bytes.
constexpr size_t kMaxBytes = 1024;

// Printable ASCII; nullopt: absent, or something else.
std::optional<std::string> Header(const HttpHeaders& headers,
                                  std::string_view name) {
  const auto value = headers.Get(name);
  if (!value || value->size() > kMaxBytes ||
      !std::all_of(value->begin(), value->end(),
                   [](char c) { return c >= ' ' && c <= '~'; })) {
    return std::nullopt;
  }
  return std::string(*value);
}

std::vector<std::string> ListOf(absl::string_view text) {
  std::vector<std::string> list;
  for (const absl::string_view entry :
       absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    list.emplace_back(absl::StripAsciiWhitespace(entry));
  }
  return list;
}

// "required; url=https://..."; empty: no such header.
std::string SsoUrlOf(const HttpHeaders& headers) {
  const auto value = Header(headers, "x-github-sso");
  if (!value) return "";
  for (absl::string_view part : absl::StrSplit(*value, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (absl::ConsumePrefix(&part, "url=") &&
        absl::StartsWith(part, "https://") && !absl::StrContains(part, ' ')) {
      return std::string(part);
    }
  }
  return "";
}

// "pull_requests=read,issues=read; contents=read": alternatives of what is
// needed together, as "`pull_requests: read` and `issues: read`, or
// `contents: read`".
std::string PermissionWords(absl::string_view accepted) {
  std::vector<std::string> alternatives;
  for (const absl::string_view alternative : absl::StrSplit(accepted, ';')) {
    std::vector<std::string> together;
    for (const std::string& permission : ListOf(alternative)) {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(permission, absl::MaxSplits('=', 1));
      together.push_back(
          absl::StrCat("`", parts.first, ": ", parts.second, "`"));
    }
    if (!together.empty()) {
      alternatives.push_back(absl::StrJoin(together, " and "));
    }
  }
  return absl::StrJoin(alternatives, ", or ");
}

// Whether one of `accepted`, of which each suffices, is among `scopes`.
bool HasOneOf(const std::vector<std::string>& accepted,
              const std::vector<std::string>& scopes) {
  return std::any_of(
      accepted.begin(), accepted.end(), [&](const std::string& scope) {
        return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
      });
}

// GitHub says what a request needs whatever the reason for a 404 is: then it is
// advice, and no reason.
absl::Status Advise(const absl::Status& status, std::string_view reason,
                    const std::string& advice) {
  const bool is_reason = absl::IsPermissionDenied(status);
  absl::Status advised(
      status.code(),
      absl::StrCat(status.message(), is_reason ? "; " : "; if it exists, ",
                   advice));
  return is_reason ? WithReason(std::move(advised), reason) : advised;
}

}  // namespace

absl::Status WithAccessAdvice(absl::Status status, const HttpHeaders& headers) {
  if (!absl::IsPermissionDenied(status) && !absl::IsNotFound(status)) {
    return status;
  }
  if (const std::string url = SsoUrlOf(headers); !url.empty()) {
    return WithMetadata(
        Advise(status, "GITHUB_SSO_REQUIRED",
               absl::StrCat("the organization requires single sign-on: "
                            "authorize the token at ",
                            url)),
        "sso_url", url);
  }
  const auto scopes = Header(headers, "x-oauth-scopes");
  const auto accepted_scopes = Header(headers, "x-accepted-oauth-scopes");
  if (scopes && accepted_scopes) {
    const std::vector<std::string> accepted = ListOf(*accepted_scopes);
    if (accepted.empty() || HasOneOf(accepted, ListOf(*scopes))) return status;
    const std::string has = absl::StrJoin(ListOf(*scopes), ", ");
    return WithMetadata(
        WithMetadata(
            Advise(status, "GITHUB_TOKEN_LACKS_SCOPE",
                   absl::StrCat("the token has ",
                                has.empty() ? "no scopes"
                                            : absl::StrCat("the scopes ", has),
                                " and needs one of ",
                                absl::StrJoin(accepted, ", "))),
            "scopes", *scopes),
        "accepted_scopes", *accepted_scopes);
  }
  const auto permissions = Header(headers, "x-accepted-github-permissions");
  const std::string words = permissions ? PermissionWords(*permissions) : "";
  if (words.empty()) return status;
  return WithMetadata(
      Advise(status, "GITHUB_TOKEN_LACKS_PERMISSION",
             absl::StrCat("the token needs ", words, " for this repository")),
      "accepted_permissions", *permissions);
}

}  // namespace mentiond
