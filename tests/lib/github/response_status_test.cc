#include "lib/github/response_status.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "tests/fakes/fake_transport.h"

namespace mentiond {
namespace {

using absl::StatusCode;

std::string Message(const std::string& text) {
  return absl::StrCat(R"({"message":")", text, R"("})");
}
const std::string kBody = Message("the reason");

TEST(ResponseStatusTest, EachStatusHasTheCodeOfTheContract) {
  const std::pair<std::vector<int>, StatusCode> cases[] = {
      {{200}, StatusCode::kOk},
      {{401}, StatusCode::kUnauthenticated},
      {{403}, StatusCode::kPermissionDenied},
      {{404}, StatusCode::kNotFound},
      {{410, 451}, StatusCode::kFailedPrecondition},
      {{422}, StatusCode::kOutOfRange},
      {{0,   100, 201, 202, 204, 206, 304, 301, 302, 307,
        308, 400, 408, 409, 429, 500, 502, 503, 504, 599},
       StatusCode::kUnavailable}};
  for (const auto& [answers, code] : cases) {
    for (const int answer : answers) {
      const absl::Status status = StatusOfResponse(Answer(answer, kBody));
      EXPECT_EQ(status.code(), code) << answer;
      EXPECT_EQ(IsTransient(status), code == StatusCode::kUnavailable ||
                                         code == StatusCode::kOutOfRange);
      if (code == StatusCode::kOk) continue;
      EXPECT_EQ(status.message(),
                absl::StrCat("GitHub answered ", answer, ": the reason"));
    }
  }
  EXPECT_TRUE(StatusOfResponse(Answer(200, "<html>")).ok())
      << "decode's matter";
}

TEST(ResponseStatusTest, TellsLimitsFromRefusalsAndThePrimaryFromSecondary) {
  const std::string secondary =
      Message("You have exceeded a secondary rate limit. Please wait");
  const auto remaining = [](int status, const char* number,
                            const std::string& body = kBody) {
    return Answer(status, body, {{"X-RateLimit-Remaining", number}});
  };
  const std::pair<Limit, std::vector<HttpResponse>> cases[] = {
      {Limit::kPrimary, {remaining(403, "0"), remaining(429, "0")}},
      {Limit::kSecondary,
       {Answer(403, kBody, {{"Retry-After", "1"}}), Answer(429, ""),
        Answer(403, secondary),
        // Its words decide.
        remaining(403, "0", secondary),
        Answer(403, R"({"message":"slow","documentation_url":"https://docs.)"
                    R"(github.com/rest/overview/rate-limits-for-the-rest-api)"
                    R"(#about-secondary-rate-limits"})"),
        Answer(403,
               R"({"message":"You have triggered an abuse detection )"
               R"(mechanism","documentation_url":"https://developer.github.)"
               R"(com/v3/#abuse-rate-limits"})")}},
      // With quota left it is a refusal.
      {Limit::kNone,
       {Answer(403, kBody), remaining(403, "4999"), remaining(403, ""),
        Answer(403, ""), Answer(403, "null"),
        Answer(403, Message("Resource protected by organization SAML"),
               {{"X-GitHub-SSO", "required"}}),
        Answer(403, R"({"message":"Repository access blocked",)"
                    R"("block":{"reason":"dmca"}})")}}};
  for (const auto& [limit, responses] : cases) {
    for (const HttpResponse& response : responses) {
      EXPECT_EQ(LimitOf(response), limit) << response.body;
      EXPECT_EQ(StatusOfResponse(response).code(),
                limit == Limit::kNone ? StatusCode::kPermissionDenied
                                      : StatusCode::kUnavailable)
          << response.body;
    }
  }
  EXPECT_EQ(LimitOf(remaining(200, "0")), Limit::kNone)
      << "the last one that was granted";
}

TEST(ResponseStatusTest, WordsOfAForeignResponseAreNotPassedOn) {
  // A proxy's page is no message of GitHub's; a hostile one is cut and clean.
  EXPECT_EQ(StatusOfResponse(Answer(502, "<html>oops</html>")).message(),
            "GitHub answered 502");
  const absl::Status hostile = StatusOfResponse(
      Answer(404, Message(R"(\u001b[31m\r\n)" + std::string(10'000, 'x'))));
  EXPECT_LT(hostile.message().size(), 300U);
  for (const char c : std::string(hostile.message())) {
    EXPECT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c);
  }
}

TEST(ResponseStatusTest, WhatTheTransportFailsWithIsTransientWhereItPasses) {
  EXPECT_TRUE(IsTransient(absl::DeadlineExceededError("")));
  EXPECT_TRUE(IsTransient(absl::ResourceExhaustedError("")));
  EXPECT_FALSE(IsTransient(absl::CancelledError("")));
  EXPECT_FALSE(IsTransient(absl::InvalidArgumentError("")));
  EXPECT_FALSE(IsTransient(absl::InternalError("")));
}

}  // namespace
}  // namespace mentiond
