#include "lib/github/access_advice.h"

#include <map>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/base/status_reason.h"

namespace mentiond {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;
using Metadata = std::map<std::string, std::string>;

struct Advised {
  Fields headers;
  std::string advice = "";
  std::string reason = "";
  Metadata metadata = {};
  absl::Status status = absl::PermissionDeniedError("no");
};

TEST(AccessAdviceTest, SaysWhatIsMissing) {
  const std::string url = "https://github.com/orgs/octo/sso?request=abc";
  const Fields sso = {{"X-GitHub-SSO", "required; url=" + url}};
  const Fields permissions = {
      {"X-Accepted-GitHub-Permissions",
       "pull_requests=read,issues=read; contents=read"}};
  const Metadata accepted = {{"accepted_permissions",
                              "pull_requests=read,issues=read; contents=read"}};
  const std::string needs =
      "the token needs `pull_requests: read` and `issues: read`, or `contents: "
      "read` for this repository";
  const Advised cases[] = {
      {sso,
       "; the organization requires single sign-on: authorize the token at " +
           url,
       "GITHUB_SSO_REQUIRED",
       {{"sso_url", url}}},
      {permissions, "; " + needs, "GITHUB_TOKEN_LACKS_PERMISSION", accepted},
      // It may as well not exist.
      {permissions, "; if it exists, " + needs, "", accepted,
       absl::NotFoundError("no")},
      {{{"X-OAuth-Scopes", "gist, read:org"},
        {"X-Accepted-OAuth-Scopes", "repo"}},
       "; the token has the scopes gist, read:org and needs one of repo",
       "GITHUB_TOKEN_LACKS_SCOPE",
       {{"scopes", "gist, read:org"}, {"accepted_scopes", "repo"}}},
      {{{"X-OAuth-Scopes", ""},
        {"X-Accepted-OAuth-Scopes", "repo, public_repo"}},
       "; the token has no scopes and needs one of repo, public_repo",
       "GITHUB_TOKEN_LACKS_SCOPE",
       {{"scopes", ""}, {"accepted_scopes", "repo, public_repo"}}},
      // Nothing where nothing is missing,
      {{}},
      {{{"X-OAuth-Scopes", "gist, repo"}, {"X-Accepted-OAuth-Scopes", "repo"}}},
      {{{"X-OAuth-Scopes", "gist"}, {"X-Accepted-OAuth-Scopes", ""}}},
      {{{"X-Accepted-GitHub-Permissions", " ; ,"}}},
      // it does not look like GitHub's,
      {{{"X-GitHub-SSO", "required; url=javascript:alert(1)"}}},
      {{{"X-GitHub-SSO", "partial-results; organizations=1,2"}}},
      {{{"X-GitHub-SSO", "required; url=https://a\x1b[2J"}}},
      {{{"X-GitHub-SSO", "required; url=https://" + std::string(2000, 'a')}}},
      // or it is no refusal.
      {sso, "", "", {}, absl::UnauthenticatedError("no")},
      {sso, "", "", {}, absl::UnavailableError("no")},
  };
  for (const Advised& one : cases) {
    HttpHeaders headers;
    for (const auto& [name, value] : one.headers) headers.Add(name, value);
    const absl::Status status = WithAccessAdvice(one.status, headers);
    EXPECT_EQ(status.code(), one.status.code());
    EXPECT_EQ(status.message(), "no" + one.advice);
    EXPECT_EQ(ReasonOf(status), one.reason);
    EXPECT_THAT(MetadataOf(status),
                testing::UnorderedElementsAreArray(one.metadata))
        << status;
  }
}

}  // namespace
}  // namespace mentiond
