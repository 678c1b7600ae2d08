#include "lib/base/hashed_token.h"

#include "gtest/gtest.h"

namespace mentiond {
namespace {

TEST(HashedTokenTest, IsWhatGitHubsAuditLogShows) {
  // printf %s ghp_test | openssl sha256 -binary | base64
  EXPECT_EQ(HashedToken(Secret("ghp_test")),
            "jyP0I6iV5omCwAh4qVQsEBsWtkC5bIKMcczFc20Gdco=");
  EXPECT_EQ(HashedToken(Secret()), "-");
}

}  // namespace
}  // namespace mentiond
