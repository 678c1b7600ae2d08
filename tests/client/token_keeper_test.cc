#include "client/internal/token_keeper.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "asio/io_context.hpp"
#include "gtest/gtest.h"

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_loop.h"

namespace mentiond::client {
namespace {

class TokenKeeperTest : public testing::Test {
 protected:
  absl::StatusOr<TokenKeeper::Issued> Renew(uint64_t old) {
    return RunUntilDone(loop_, keeper_.Renew(old));
  }

  asio::io_context loop_;
  FakeClock clock_;
  absl::StatusOr<std::string> result_ = "token-1";
  int calls_ = 0;
  TokenKeeper keeper_{loop_.get_executor(), clock_, [this] {
                        ++calls_;
                        return result_;
                      }};
};

TEST_F(TokenKeeperTest, ASourceWithNothingNewIsCalledOnceASecond) {
  ASSERT_EQ(Renew(0)->version, 1U);
  EXPECT_EQ(calls_, 1);
  // Given that it has only the same token, or fails,
  for (const bool fails : {false, true}) {
    if (fails) result_ = absl::UnavailableError("not now");
    // when many streams want another one every tenth of a second,
    calls_ = 0;
    for (int tenths = 0; tenths < 30; ++tenths) {
      for (int i = 0; i < 20; ++i) {
        const auto renewed = Renew(1);
        EXPECT_EQ(renewed.status(), result_.status());
        EXPECT_TRUE(fails || renewed->version == 1U);
      }
      clock_.Advance(absl::Milliseconds(100));
    }
    // then it is called every second.
    EXPECT_EQ(calls_, 3);
  }
  // Once it has another one, all get that.
  result_ = "token-2";
  clock_.Advance(absl::Seconds(1));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Renew(1)->version, 2U);
  EXPECT_EQ(Renew(1)->token.Expose(), "token-2");
  EXPECT_EQ(calls_, 4);
}

TEST_F(TokenKeeperTest, ANewTokenIsNoReasonToWaitForTheNext) {
  for (uint64_t version = 0; version < 5; ++version) {
    result_ = absl::StrCat("token-", version);
    EXPECT_EQ(Renew(version)->version, version + 1);
  }
}

}  // namespace
}  // namespace mentiond::client
