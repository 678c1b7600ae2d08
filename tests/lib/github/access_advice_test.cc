#include "lib/github/access_advice.h"

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/base/status_reason.h"

namespace mentiond {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Fields = std::vector<std::pair<std::string, std::string>>;

absl::Status Advised(
    const Fields& fields,
    const absl::Status& status = absl::PermissionDeniedError("no")) {
  HttpHeaders headers;
  for (const auto& [name, value] : fields) headers.Add(name, value);
  return WithAccessAdvice(status, headers);
}

TEST(AccessAdviceTest, NamesThePageForSingleSignOn) {
  const absl::Status status =
      Advised({{"X-GitHub-SSO",
                "required; url=https://github.com/orgs/octo/sso?"
                "authorization_request=abc"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(status.message(),
            "no; the organization requires single sign-on: authorize the token "
            "at https://github.com/orgs/octo/sso?authorization_request=abc");
  EXPECT_EQ(ReasonOf(status), "GITHUB_SSO_REQUIRED");
  EXPECT_THAT(MetadataOf(status),
              UnorderedElementsAre(
                  Pair("sso_url",
                       "https://github.com/orgs/octo/sso?authorization_request="
                       "abc")));
}

TEST(AccessAdviceTest, NamesThePermissionsThatAreMissing) {
  const absl::Status status =
      Advised({{"X-Accepted-GitHub-Permissions",
                "pull_requests=read,issues=read; contents=read"}},
              absl::NotFoundError("no"));
  EXPECT_EQ(status.message(),
            "no; if it exists, the token needs `pull_requests: read` and "
            "`issues: read`, or `contents: read` for this repository");
  EXPECT_EQ(ReasonOf(status), "") << "it may as well not exist";
  EXPECT_EQ(
      ReasonOf(Advised({{"X-Accepted-GitHub-Permissions", "issues=read"}})),
      "GITHUB_TOKEN_LACKS_PERMISSION");
  EXPECT_THAT(MetadataOf(status),
              UnorderedElementsAre(
                  Pair("accepted_permissions",
                       "pull_requests=read,issues=read; contents=read")));
}

TEST(AccessAdviceTest, NamesTheScopesThatAreMissing) {
  const absl::Status status = Advised({{"X-OAuth-Scopes", "gist, read:org"},
                                       {"X-Accepted-OAuth-Scopes", "repo"}});
  EXPECT_EQ(status.message(),
            "no; the token has the scopes gist, read:org and needs one of "
            "repo");
  EXPECT_EQ(ReasonOf(status), "GITHUB_TOKEN_LACKS_SCOPE");
  EXPECT_THAT(MetadataOf(status),
              UnorderedElementsAre(Pair("scopes", "gist, read:org"),
                                   Pair("accepted_scopes", "repo")));
  EXPECT_EQ(Advised({{"X-OAuth-Scopes", ""},
                     {"X-Accepted-OAuth-Scopes", "repo, public_repo"}})
                .message(),
            "no; the token has no scopes and needs one of repo, public_repo");
}

TEST(AccessAdviceTest, SaysNothingWhereNothingIsMissing) {
  for (const Fields& fields :
       {Fields{},
        Fields{{"X-OAuth-Scopes", "gist, repo"},
               {"X-Accepted-OAuth-Scopes", "repo"}},
        Fields{{"X-OAuth-Scopes", "gist"}, {"X-Accepted-OAuth-Scopes", ""}},
        Fields{{"X-Accepted-GitHub-Permissions", " ; ,"}},
        // What does not look like GitHub's,
        Fields{{"X-GitHub-SSO", "required; url=javascript:alert(1)"}},
        Fields{{"X-GitHub-SSO", "partial-results; organizations=1,2"}},
        Fields{{"X-GitHub-SSO", "required; url=https://a\x1b[2J"}},
        Fields{{"X-GitHub-SSO",
                "required; url=https://" + std::string(2000, 'a')}}}) {
    const absl::Status status = Advised(fields);
    EXPECT_EQ(status.message(), "no");
    EXPECT_EQ(ReasonOf(status), "");
    EXPECT_THAT(MetadataOf(status), IsEmpty());
  }
  // and what is no refusal.
  const Fields sso = {{"X-GitHub-SSO", "required; url=https://github.com/x"}};
  for (const absl::Status& status :
       {absl::UnauthenticatedError("no"), absl::UnavailableError("no")}) {
    EXPECT_EQ(Advised(sso, status), status);
  }
}

}  // namespace
}  // namespace mentiond
