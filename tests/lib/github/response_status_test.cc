#include "lib/github/response_status.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/http/http.h"
#include "tests/fakes/fake_transport.h"
#include "tests/recorded.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;

constexpr char kBody[] = R"({"message":"the reason"})";

TEST(ResponseStatusTest, OnlyA200IsAListing) {
  EXPECT_TRUE(StatusOfResponse(Answer(200, "[]")).ok());
  EXPECT_TRUE(StatusOfResponse(Answer(200, "<html>")).ok())
      << "decode's matter";
  for (const int status : {0, 100, 201, 202, 204, 206, 304}) {
    EXPECT_EQ(StatusOfResponse(Answer(status, "")).code(),
              StatusCode::kUnavailable)
        << status;
  }
}

TEST(ResponseStatusTest, PermanentErrorsHaveTheCodesOfTheContract) {
  const std::vector<std::pair<int, StatusCode>> table = {
      {401, StatusCode::kUnauthenticated},
      {403, StatusCode::kPermissionDenied},
      {404, StatusCode::kNotFound},
      {410, StatusCode::kFailedPrecondition},
      {451, StatusCode::kFailedPrecondition},
  };
  for (const auto& [answer, code] : table) {
    const absl::Status status = StatusOfResponse(Answer(answer, kBody));
    EXPECT_EQ(status.code(), code) << answer;
    EXPECT_FALSE(IsTransient(status)) << answer;
    EXPECT_EQ(status.message(),
              absl::StrCat("GitHub answered ", answer, ": the reason"));
  }
}

TEST(ResponseStatusTest, EverythingElsePasses) {
  for (const int answer :
       {301, 302, 307, 308, 400, 408, 409, 429, 500, 502, 503, 504, 599}) {
    const absl::Status status = StatusOfResponse(Answer(answer, kBody));
    EXPECT_EQ(status.code(), StatusCode::kUnavailable) << answer;
    EXPECT_TRUE(IsTransient(status)) << answer;
  }
}

TEST(ResponseStatusTest, ARefusalOfDeepPagingIsRecognised) {
  const absl::Status status = StatusOfResponse(Answer(422, kBody));
  EXPECT_EQ(status.code(), StatusCode::kOutOfRange);
  EXPECT_TRUE(IsTransient(status));
}

TEST(ResponseStatusTest, TellsThePrimaryLimitFromTheSecondaryOnes) {
  EXPECT_EQ(LimitOf(Answer(403, kBody, {{"X-RateLimit-Remaining", "0"}})),
            Limit::kPrimary);
  EXPECT_EQ(LimitOf(Answer(429, kBody, {{"X-RateLimit-Remaining", "0"}})),
            Limit::kPrimary);
  EXPECT_EQ(LimitOf(Answer(403, kBody, {{"Retry-After", "1"}})),
            Limit::kSecondary);
  EXPECT_EQ(LimitOf(Answer(429, "")), Limit::kSecondary);
  EXPECT_EQ(LimitOf(Answer(403,
                           R"({"message":"You have exceeded a secondary rate )"
                           R"(limit"})",
                           {{"X-RateLimit-Remaining", "0"}})),
            Limit::kSecondary)
      << "its words decide";
  EXPECT_EQ(LimitOf(Answer(403, kBody)), Limit::kNone);
  EXPECT_EQ(LimitOf(Answer(200, kBody, {{"X-RateLimit-Remaining", "0"}})),
            Limit::kNone)
      << "the last one that was granted";
}

TEST(ResponseStatusTest, A403WithAMarkOfALimitIsOne) {
  const std::vector<HttpResponse> limits = {
      Answer(403, kBody, {{"Retry-After", "60"}}),
      Answer(403, kBody, {{"X-RateLimit-Remaining", "0"}}),
      Answer(403, R"({"message":"You have exceeded a secondary rate limit. )"
                  R"(Please wait a few minutes before you try again."})"),
      Answer(403, R"({"message":"slow down","documentation_url":"https://docs.)"
                  R"(github.com/rest/overview/rate-limits-for-the-rest-api)"
                  R"(#about-secondary-rate-limits"})"),
      Answer(403,
             R"({"message":"You have triggered an abuse detection mechanism.",)"
             R"("documentation_url":"https://developer.github.com/v3/)"
             R"(#abuse-rate-limits"})"),
  };
  for (const HttpResponse& limit : limits) {
    EXPECT_EQ(StatusOfResponse(limit).code(), StatusCode::kUnavailable)
        << limit.body;
  }
}

TEST(ResponseStatusTest, A403WithQuotaLeftIsARefusal) {
  const std::vector<HttpResponse> refusals = {
      Answer(403, kBody, {{"X-RateLimit-Remaining", "4999"}}),
      Answer(403, kBody, {{"X-RateLimit-Remaining", ""}}),
      Answer(403, ""),
      Answer(403, "null"),
      Answer(403, R"({"message":"Resource protected by organization SAML"})",
             {{"X-GitHub-SSO", "required"}}),
      Answer(403, R"({"message":"Repository access blocked",)"
                  R"("block":{"reason":"dmca"}})"),
  };
  for (const HttpResponse& refusal : refusals) {
    EXPECT_EQ(StatusOfResponse(refusal).code(), StatusCode::kPermissionDenied)
        << refusal.body;
  }
}

TEST(ResponseStatusTest, WordsOfAForeignResponseAreNotPassedOn) {
  // A proxy's page is no message of GitHub's; a hostile one is cut and clean.
  EXPECT_EQ(StatusOfResponse(Answer(502, "<html>oops</html>")).message(),
            "GitHub answered 502");
  const absl::Status hostile = StatusOfResponse(
      Answer(404, absl::StrCat(R"({"message":"\u001b[31m\r\n)",
                               std::string(10'000, 'x'), R"("})")));
  EXPECT_LT(hostile.message().size(), 300U);
  for (const char c : std::string(hostile.message())) {
    EXPECT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c);
  }
}

TEST(ResponseStatusTest, WhatTheTransportFailsWithIsTransientWhereItPasses) {
  EXPECT_TRUE(IsTransient(absl::UnavailableError("")));
  EXPECT_TRUE(IsTransient(absl::DeadlineExceededError("")));
  EXPECT_TRUE(IsTransient(absl::ResourceExhaustedError("")));
  EXPECT_FALSE(IsTransient(absl::OkStatus()));
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

  int limits = 0;
  int refusals = 0;
  for (const RecordedExchange& exchange : *exchanges) {
    SCOPED_TRACE(absl::StrCat("line ", exchange.line, ": ", exchange.url));
    const absl::Status status = StatusOfResponse(exchange.response);
    switch (exchange.response.status) {
      case 200:
        EXPECT_TRUE(status.ok()) << status;
        break;
      case 401:
        EXPECT_EQ(status.code(), StatusCode::kUnauthenticated);
        break;
      case 403:
        if (absl::StrContains(exchange.response.body, "must have admin") ||
            absl::StrContains(exchange.response.body, "Must have admin")) {
          EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
        }
        if (exchange.response.headers.Get("x-ratelimit-remaining") == "0" ||
            exchange.response.headers.Get("retry-after")) {
          EXPECT_EQ(status.code(), StatusCode::kUnavailable);
        }
        ++(status.code() == StatusCode::kUnavailable ? limits : refusals);
        break;
      case 404:
        EXPECT_EQ(status.code(), StatusCode::kNotFound);
        EXPECT_THAT(std::string(status.message()),
                    HasSubstr("GitHub answered 404: "));
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
