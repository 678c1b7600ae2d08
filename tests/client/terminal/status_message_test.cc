#include "client/terminal/status_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond::terminal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const StatusContext kContext = {.server = "10.0.0.1:50051",
                                .repo = "o/r",
                                .has_token = true,
                                .reached = true,
                                .had_events = false};

std::string Message(absl::StatusCode code, const StatusContext& context) {
  return StatusMessage(absl::Status(code, "server message"), context);
}

TEST(StatusMessageTest, SaysWhatToDoForEachDocumentedStatus) {
  EXPECT_THAT(Message(absl::StatusCode::kInvalidArgument, kContext),
              HasSubstr("--help"));
  EXPECT_THAT(Message(absl::StatusCode::kUnauthenticated, kContext),
              HasSubstr("GitHub rejects the token: it may be mistyped, expired "
                        "or revoked. Set GITHUB_TOKEN"));
  EXPECT_THAT(Message(absl::StatusCode::kPermissionDenied, kContext),
              HasSubstr("is not allowed to read o/r. Grant it read access"));
  EXPECT_THAT(Message(absl::StatusCode::kNotFound, kContext),
              HasSubstr("or this token cannot see it"));
  EXPECT_THAT(Message(absl::StatusCode::kFailedPrecondition, kContext),
              HasSubstr("Trying again will not help"));
  EXPECT_THAT(Message(absl::StatusCode::kResourceExhausted, kContext),
              HasSubstr("too many open streams"));
  EXPECT_THAT(Message(absl::StatusCode::kUnavailable, kContext),
              HasSubstr("Try again in a moment"));
  EXPECT_THAT(Message(absl::StatusCode::kUnimplemented, kContext),
              HasSubstr("is it mentiond"));
}

TEST(StatusMessageTest, IncludesTheServersMessage) {
  EXPECT_THAT(Message(absl::StatusCode::kNotFound, kContext),
              HasSubstr("\n  The server says: server message"));
  EXPECT_THAT(StatusMessage(absl::NotFoundError(""), kContext),
              Not(HasSubstr("\n")));
}

TEST(StatusMessageTest, RecommendsATokenWithoutOne) {
  StatusContext anonymous = kContext;
  anonymous.has_token = false;
  for (const auto code :
       {absl::StatusCode::kUnauthenticated, absl::StatusCode::kPermissionDenied,
        absl::StatusCode::kNotFound}) {
    EXPECT_THAT(Message(code, anonymous), HasSubstr("GITHUB_TOKEN"));
    EXPECT_THAT(Message(code, anonymous), Not(HasSubstr("this token")));
  }
}

TEST(StatusMessageTest, DistinguishesUnreachableFromLostServers) {
  StatusContext context = kContext;
  context.had_events = true;
  EXPECT_THAT(Message(absl::StatusCode::kUnavailable, context),
              HasSubstr("The connection to 10.0.0.1:50051 was lost"));
  context.reached = false;
  EXPECT_EQ(Message(absl::StatusCode::kUnavailable, context),
            "Cannot connect to 10.0.0.1:50051: is mentiond running there?\n"
            "  (server message)");
}

TEST(StatusMessageTest, ExplainsThatTheClientReadTooSlowly) {
  StatusContext context = kContext;
  context.had_events = true;
  EXPECT_THAT(Message(absl::StatusCode::kResourceExhausted, context),
              HasSubstr("read too slowly"));
}

TEST(StatusMessageTest, HasAMessageForEveryCode) {
  for (int code = 1; code <= 16; ++code) {
    const std::string message =
        Message(static_cast<absl::StatusCode>(code), kContext);
    EXPECT_THAT(message, HasSubstr("server message")) << code;
    EXPECT_NE(message.front(), '\n') << code;
  }
}

TEST(StatusMessageTest, IsSafeToPrint) {
  EXPECT_THAT(StatusMessage(absl::NotFoundError("\x1b[2J\nnew line"), kContext),
              HasSubstr("The server says: ␛[2J new line"));
  EXPECT_LT(
      StatusMessage(absl::NotFoundError(std::string(100'000, 'x')), kContext)
          .size(),
      2000u);
}

}  // namespace
}  // namespace mentiond::terminal
