#include "client/terminal/status_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond::terminal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Code = absl::StatusCode;

const StatusContext kContext = {.server = "10.0.0.1:50051",
                                .repo = "o/r",
                                .has_token = true,
                                .reached = true,
                                .had_events = false};

std::string Message(Code code, const StatusContext& context) {
  return StatusMessage(absl::Status(code, "server message"), context);
}

TEST(StatusMessageTest, SaysWhatToDo) {
  StatusContext anonymous = kContext;
  anonymous.has_token = false;
  StatusContext later = kContext;
  later.had_events = true;
  StatusContext unreached = kContext;
  unreached.reached = false;
  const struct {
    Code code;
    const StatusContext& context;
    const char* message;
  } cases[] = {
      {Code::kInvalidArgument, kContext, "--help"},
      {Code::kUnauthenticated, kContext,
       "GitHub rejects the token: it may be mistyped, expired or revoked. Set "
       "GITHUB_TOKEN"},
      {Code::kUnauthenticated, anonymous, "Set GITHUB_TOKEN to a token"},
      {Code::kPermissionDenied, kContext,
       "is not allowed to read o/r. Grant it read access"},
      {Code::kPermissionDenied, anonymous, "anonymous access to o/r. Set"},
      {Code::kNotFound, kContext, "or this token cannot see it"},
      {Code::kNotFound, anonymous, "or is private. Check the spelling; for"},
      {Code::kFailedPrecondition, kContext, "Trying again will not help"},
      {Code::kResourceExhausted, kContext, "too many open streams"},
      {Code::kResourceExhausted, later, "read too slowly"},
      {Code::kUnavailable, kContext, "Try again in a moment"},
      {Code::kUnavailable, later, "connection to 10.0.0.1:50051 was lost"},
      {Code::kUnavailable, unreached,
       "Cannot connect to 10.0.0.1:50051: is mentiond running there?\n"
       "  (server message)"},
      {Code::kUnimplemented, kContext, "is it mentiond"},
      {Code::kDeadlineExceeded, kContext, "did not respond in time"},
      {Code::kDataLoss, kContext, "error in the server or the network"},
      {Code::kAborted, kContext, "The stream ended with ABORTED."},
  };
  for (const auto& [code, context, message] : cases) {
    EXPECT_THAT(Message(code, context), HasSubstr(message));
  }
  EXPECT_THAT(Message(Code::kNotFound, anonymous),
              Not(HasSubstr("this token")));
}

TEST(StatusMessageTest, IncludesTheServersMessageForEveryCode) {
  for (int code = 1; code <= 16; ++code) {
    const std::string message = Message(static_cast<Code>(code), kContext);
    EXPECT_THAT(message, HasSubstr("\n  The server says: server message"))
        << code;
    EXPECT_NE(message.front(), '\n') << code;
  }
  EXPECT_THAT(StatusMessage(absl::NotFoundError(""), kContext),
              Not(HasSubstr("\n")));
  // It is safe to print.
  EXPECT_THAT(StatusMessage(absl::NotFoundError("\x1b[2J\nnew line"), kContext),
              HasSubstr("The server says: ␛[2J new line"));
  EXPECT_LT(
      StatusMessage(absl::NotFoundError(std::string(100'000, 'x')), kContext)
          .size(),
      2000u);
}

}  // namespace
}  // namespace mentiond::terminal
