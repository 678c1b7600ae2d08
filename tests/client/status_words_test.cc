#include "client/status_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const StatusContext kContext = {.server = "10.0.0.1:50051",
                                .repo = "o/r",
                                .has_token = true,
                                .reached = true,
                                .had_events = false};

std::string Words(absl::StatusCode code, const StatusContext& context) {
  return StatusWords(absl::Status(code, "its own words"), context);
}

TEST(StatusWordsTest, EachCodeOfTheContractSaysWhatToDo) {
  EXPECT_THAT(Words(absl::StatusCode::kInvalidArgument, kContext),
              HasSubstr("--help"));
  EXPECT_THAT(Words(absl::StatusCode::kUnauthenticated, kContext),
              HasSubstr("does not accept the token. Set GITHUB_TOKEN"));
  EXPECT_THAT(Words(absl::StatusCode::kPermissionDenied, kContext),
              HasSubstr("may not read o/r. Give it read access"));
  EXPECT_THAT(Words(absl::StatusCode::kNotFound, kContext),
              HasSubstr("or this token may not see it"));
  EXPECT_THAT(Words(absl::StatusCode::kFailedPrecondition, kContext),
              HasSubstr("Trying again will not help"));
  EXPECT_THAT(Words(absl::StatusCode::kResourceExhausted, kContext),
              HasSubstr("too many streams"));
  EXPECT_THAT(Words(absl::StatusCode::kUnavailable, kContext),
              HasSubstr("Try again in a moment"));
  EXPECT_THAT(Words(absl::StatusCode::kUnimplemented, kContext),
              HasSubstr("is it mentiond"));
}

TEST(StatusWordsTest, TheServersOwnWordsStandBelow) {
  EXPECT_THAT(Words(absl::StatusCode::kNotFound, kContext),
              HasSubstr("\n  The server says: its own words"));
  EXPECT_THAT(StatusWords(absl::NotFoundError(""), kContext),
              Not(HasSubstr("\n")));
}

TEST(StatusWordsTest, WithoutATokenTheAdviceIsToSetOne) {
  StatusContext anonymous = kContext;
  anonymous.has_token = false;
  for (const auto code :
       {absl::StatusCode::kUnauthenticated, absl::StatusCode::kPermissionDenied,
        absl::StatusCode::kNotFound}) {
    EXPECT_THAT(Words(code, anonymous), HasSubstr("GITHUB_TOKEN"));
    EXPECT_THAT(Words(code, anonymous), Not(HasSubstr("this token")));
  }
}

TEST(StatusWordsTest, TellsAServerThatIsNotThereFromOneThatStops) {
  StatusContext context = kContext;
  context.had_events = true;
  EXPECT_THAT(Words(absl::StatusCode::kUnavailable, context),
              HasSubstr("The connection to 10.0.0.1:50051 is lost"));
  context.reached = false;
  EXPECT_EQ(Words(absl::StatusCode::kUnavailable, context),
            "Cannot reach 10.0.0.1:50051: is mentiond running there?\n"
            "  (its own words)");
}

TEST(StatusWordsTest, AStreamThatWasTooSlowIsTold) {
  StatusContext context = kContext;
  context.had_events = true;
  EXPECT_THAT(Words(absl::StatusCode::kResourceExhausted, context),
              HasSubstr("read too slowly"));
}

TEST(StatusWordsTest, EveryOtherCodeHasASentenceToo) {
  for (int code = 1; code <= 16; ++code) {
    const std::string words =
        Words(static_cast<absl::StatusCode>(code), kContext);
    EXPECT_THAT(words, HasSubstr("its own words")) << code;
    EXPECT_NE(words.front(), '\n') << code;
  }
}

TEST(StatusWordsTest, TheServersWordsCannotSteerTheTerminal) {
  EXPECT_THAT(StatusWords(absl::NotFoundError("\x1b[2J\nnew line"), kContext),
              HasSubstr("The server says: ␛[2J new line"));
  EXPECT_LT(
      StatusWords(absl::NotFoundError(std::string(100'000, 'x')), kContext)
          .size(),
      2000u);
}

}  // namespace
}  // namespace mentiond
