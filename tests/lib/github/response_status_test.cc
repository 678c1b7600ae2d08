#include "lib/github/response_status.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "tests/fakes/fake_transport.h"
#include "tests/recorded.h"
#include "tests/shared_data.h"

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
  const std::pair<HttpResponse, Limit> cases[] = {
      {Answer(403, kBody, {{"X-RateLimit-Remaining", "0"}}), Limit::kPrimary},
      {Answer(429, kBody, {{"X-RateLimit-Remaining", "0"}}), Limit::kPrimary},
      {Answer(403, kBody, {{"Retry-After", "1"}}), Limit::kSecondary},
      {Answer(429, ""), Limit::kSecondary},
      {Answer(403, secondary), Limit::kSecondary},
      // Its words decide.
      {Answer(403, secondary, {{"X-RateLimit-Remaining", "0"}}),
       Limit::kSecondary},
      {Answer(403,
              R"({"message":"slow down","documentation_url":"https://docs.)"
              R"(github.com/rest/overview/rate-limits-for-the-rest-api)"
              R"(#about-secondary-rate-limits"})"),
       Limit::kSecondary},
      {Answer(403,
              R"({"message":"You have triggered an abuse detection mechanism",)"
              R"("documentation_url":"https://developer.github.com/v3/)"
              R"(#abuse-rate-limits"})"),
       Limit::kSecondary},
      // With quota left it is a refusal.
      {Answer(403, kBody), Limit::kNone},
      {Answer(403, kBody, {{"X-RateLimit-Remaining", "4999"}}), Limit::kNone},
      {Answer(403, kBody, {{"X-RateLimit-Remaining", ""}}), Limit::kNone},
      {Answer(403, ""), Limit::kNone},
      {Answer(403, "null"), Limit::kNone},
      {Answer(403, Message("Resource protected by organization SAML"),
              {{"X-GitHub-SSO", "required"}}),
       Limit::kNone},
      {Answer(403, R"({"message":"Repository access blocked",)"
                   R"("block":{"reason":"dmca"}})"),
       Limit::kNone}};
  for (const auto& [response, limit] : cases) {
    EXPECT_EQ(LimitOf(response), limit) << response.body;
    EXPECT_EQ(StatusOfResponse(response).code(),
              limit == Limit::kNone ? StatusCode::kPermissionDenied
                                    : StatusCode::kUnavailable)
        << response.body;
  }
  EXPECT_EQ(LimitOf(Answer(200, kBody, {{"X-RateLimit-Remaining", "0"}})),
            Limit::kNone)
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

TEST(ResponseStatusTest, RecordedResponsesAreUnderstood) {
  const auto path = SharedPath(kRecordedResponses);
  if (!path) GTEST_SKIP() << "../shared/" << kRecordedResponses << " is absent";
  const auto exchanges = ReadRecordedExchanges(*path);
  ASSERT_TRUE(exchanges.ok()) << exchanges.status();
  ASSERT_EQ(exchanges->size(), 71U);

  int limits = 0, refusals = 0;
  for (const RecordedExchange& exchange : *exchanges) {
    SCOPED_TRACE(absl::StrCat("line ", exchange.line, ": ", exchange.url));
    const HttpResponse& response = exchange.response;
    const absl::Status status = StatusOfResponse(response);
    switch (response.status) {
      case 200:
        EXPECT_TRUE(status.ok()) << status;
        break;
      case 401:
        EXPECT_EQ(status.code(), StatusCode::kUnauthenticated);
        break;
      case 403:
        if (absl::StrContains(response.body, "ust have admin")) {
          EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
        }
        if (response.headers.Get("x-ratelimit-remaining") == "0" ||
            response.headers.Get("retry-after")) {
          EXPECT_EQ(status.code(), StatusCode::kUnavailable);
        }
        ++(status.code() == StatusCode::kUnavailable ? limits : refusals);
        break;
      case 404:
        EXPECT_EQ(status.code(), StatusCode::kNotFound);
        EXPECT_TRUE(
            absl::StartsWith(status.message(), "GitHub answered 404: "));
        break;
      case 422:
        EXPECT_EQ(status.code(), StatusCode::kOutOfRange);
        break;
      default:  // 301 302 304 307 409 500 502 503
        EXPECT_EQ(status.code(), StatusCode::kUnavailable);
    }
  }
  // Two primary and two secondary limits or so; the rest lacked permission.
  EXPECT_EQ(limits, 4);
  EXPECT_EQ(refusals, 6);
}

}  // namespace
}  // namespace mentiond
