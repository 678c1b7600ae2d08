#include "lib/github/access_advice.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/base/status_reason.h"

namespace mentiond {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Advised {
  Fields headers;
  std::string advice = "";
  std::string reason = "";
  Fields metadata = {};
  absl::Status status = absl::PermissionDeniedError("no");
};

Fields Sso(const std::string& value) { return {{"X-GitHub-SSO", value}}; }
Fields Scopes(const char* has, const char* accepted) {
  return {{"X-OAuth-Scopes", has}, {"X-Accepted-OAuth-Scopes", accepted}};
}

TEST(AccessAdviceTest, SaysWhatIsMissing) {
  const std::string url = "https://github.com/orgs/octo/sso?request=abc";
  const std::string accepted = "pull_requests=read,issues=read; contents=read";
  const Fields permissions = {{"X-Accepted-GitHub-Permissions", accepted}};
  const std::string needs =
      "the token needs `pull_requests: read` and `issues: read`, or `contents: "
      "read` for this repository";
  const Advised cases[] = {
      {Sso("required; url=" + url),
       "; the organization requires single sign-on: authorize the token at " +
           url,
       "GITHUB_SSO_REQUIRED",
       {{"sso_url", url}}},
      {permissions,
       "; " + needs,
       "GITHUB_TOKEN_LACKS_PERMISSION",
       {{"accepted_permissions", accepted}}},
      // It may as well not exist.
      {permissions,
       "; if it exists, " + needs,
       "",
       {{"accepted_permissions", accepted}},
       absl::NotFoundError("no")},
      {Scopes("gist, read:org", "repo"),
       "; the token has the scopes gist, read:org and needs one of repo",
       "GITHUB_TOKEN_LACKS_SCOPE",
       {{"scopes", "gist, read:org"}, {"accepted_scopes", "repo"}}},
      {Scopes("", "repo, public_repo"),
       "; the token has no scopes and needs one of repo, public_repo",
       "GITHUB_TOKEN_LACKS_SCOPE",
       {{"scopes", ""}, {"accepted_scopes", "repo, public_repo"}}},
      // Nothing where nothing is missing,
      {{}},
      {Scopes("gist, repo", "repo")},
      {Scopes("gist", "")},
      {{{"X-Accepted-GitHub-Permissions", " ; ,"}}},
      // it does not look like GitHub's,
      {Sso("required; url=javascript:alert(1)")},
      {Sso("partial-results; organizations=1,2")},
      {Sso("required; url=https://a\x1b[2J")},
      {Sso("required; url=https://" + std::string(2000, 'a'))},
      // or it is no refusal.
      {Sso("required; url=" + url), "", "", {}, absl::UnauthenticatedError("")},
      {Sso("required; url=" + url), "", "", {}, absl::UnavailableError("")},
  };
  for (const Advised& one : cases) {
    HttpHeaders headers;
    for (const auto& [name, value] : one.headers) headers.Add(name, value);
    const absl::Status status = WithAccessAdvice(one.status, headers);
    EXPECT_EQ(status.code(), one.status.code());
    EXPECT_EQ(status.message(), absl::StrCat(one.status.message(), one.advice));
    EXPECT_EQ(ReasonOf(status), one.reason);
    EXPECT_THAT(MetadataOf(status),
                testing::UnorderedElementsAreArray(one.metadata))
        << status;
  }
}

}  // namespace
}  // namespace mentiond
