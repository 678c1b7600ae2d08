#include "lib/github/response_meta.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "lib/github/link_header.h"
#include "lib/http/http.h"
#include "tests/recorded.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

ResponseMeta MetaOf(std::string link) {
  HttpHeaders headers;
  headers.Add("Link", std::move(link));
  return ParseResponseMeta(headers, absl::UnixEpoch());
}

TEST(LinkTargetTest, FindsTheTargetOfARel) {
  const std::string link =
      R"(<https://x/?page=1>; rel="prev", <https://x/?page=3>; rel="next", )"
      R"(<https://x/?page=9>; rel="last", <https://x/?page=1>; rel="first")";

  EXPECT_EQ(LinkTarget(link, "next"), "https://x/?page=3");
  EXPECT_EQ(LinkTarget(link, "last"), "https://x/?page=9");
  EXPECT_EQ(LinkTarget(link, "prev"), "https://x/?page=1");
  EXPECT_EQ(LinkTarget(link, "absent"), "");
  EXPECT_EQ(LinkTarget("", "next"), "");
}

TEST(LinkTargetTest, TakesEverySpellingOfRfc8288) {
  for (const char* link : {
           R"(<t>; rel="next")",
           R"(<t>;rel="next")",
           R"(<t>; rel=next)",
           R"(<t> ; rel = "next")",
           R"(  <t>; REL="NEXT"  )",
           R"(<t>; rel="prev next")",
           R"(<t>; rel="next  last")",
           R"(<t>; type="text/html"; rel="next")",
           R"(<t>; rel="next"; type="text/html")",
           R"(<t>; flag; rel="next")",
           R"(<t>;; rel="next";)",
           R"(,, <t>; rel="next" ,)",
           R"(<u>; rel="last",<t>; rel="next")",
           R"(<u>, <t>; rel="next")",
           R"(<u>; title="one, two; three"; rel="up", <t>; rel="next")",
           R"(<u>; title="<v>; rel=\"next\""; rel="up", <t>; rel="next")",
           R"(<t>; title="\\"; rel="next")",
           R"(<u>; rel="up"; rel="next", <t>; rel="next")",
           "<u>; rel=\"up\",\t<t>;\trel=\"next\"",
       }) {
    EXPECT_EQ(LinkTarget(link, "next"), "t") << link;
  }
}

TEST(LinkTargetTest, ATargetMayHoldWhatPartsEntriesElsewhere) {
  EXPECT_EQ(
      LinkTarget(R"(<https://x/?a=1,2;b="c>; rel="last", <t>; rel="next")",
                 "next"),
      "")
      << "but a quote is no part of a URL";
  EXPECT_EQ(LinkTarget(R"(<https://x/?a=1,2;b=c>; rel="next")", "next"),
            "https://x/?a=1,2;b=c");
  EXPECT_EQ(LinkTarget(R"(<https://x/users{?since}>; rel="next")", "next"),
            "https://x/users{?since}");
}

TEST(LinkTargetTest, WordsThatOnlyLookLikeTheRelAreNot) {
  for (const char* link : {
           R"(<t>; rel="nextpage")",
           R"(<t>; rel="next-archive")",
           R"(<t>; title="next")",
           R"(<t>; xrel="next")",
           R"(<t>; title="; rel=next"; rel="up")",
           R"(<t>; rel="up"; title="x, <u>; rel=next")",
           R"(<t>; rel="")",
           R"(<t>; rel)",
           R"(<t>; rel=)",
           R"(<t>)",
           R"(next)",
       }) {
    EXPECT_EQ(LinkTarget(link, "next"), "") << link;
  }
}

TEST(LinkTargetTest, WhatIsBrokenGivesNoTargetThatIsNone) {
  for (const char* link : {
           R"(<https://x; rel="next")",
           R"(<https://x; rel="last", <https://y>; rel="next")",
           R"(https://x>; rel="next")",
           R"(<https://x y>; rel="next")",
           "<https://x\x1b[2J>; rel=\"next\"",
           "<https://x\xc3\xa4>; rel=\"next\"",
           R"(<>; rel="next")",
           R"(<)",
           R"(>)",
           R"(<>)",
           R"(;)",
           R"(; rel="next")",
           R"(<t> rel="next")",
           R"(<t>; rel="next)",
       }) {
    const std::string_view target = LinkTarget(link, "next");
    EXPECT_EQ(target, "") << link;
  }
}

TEST(ResponseMetaTest, NoLinkMeansOnePage) {
  const ResponseMeta meta = ParseResponseMeta(HttpHeaders(), absl::UnixEpoch());
  EXPECT_EQ(meta.next_url, "");
  EXPECT_EQ(meta.last_page, 0U);
}

TEST(ResponseMetaTest, TakesNextAndTheNumberOfTheLastPage) {
  const ResponseMeta meta = MetaOf(
      R"(<https://api.github.com/repositories/1/issues?per_page=100&page=2>; )"
      R"(rel="next", <https://api.github.com/repositories/1/issues?)"
      R"(per_page=100&page=34>; rel="last")");
  EXPECT_EQ(meta.next_url,
            "https://api.github.com/repositories/1/issues?per_page=100&page=2");
  EXPECT_EQ(meta.last_page, 34U);
}

TEST(ResponseMetaTest, ALinkInTwoFieldsIsOneLink) {
  // RFC 9110, section 5.3: a proxy may part or join them.
  HttpHeaders headers;
  headers.Add("link", R"(<https://docs>; rel="deprecation")");
  headers.Add("Link", R"(<https://x/?page=2>; rel="next")");
  headers.Add("LINK", R"(<https://x/?page=5>; rel="last")");

  const ResponseMeta meta = ParseResponseMeta(headers, absl::UnixEpoch());

  EXPECT_EQ(meta.next_url, "https://x/?page=2");
  EXPECT_EQ(meta.last_page, 5U);
}

TEST(ResponseMetaTest, TheLastPageIsSaidOnlyByAPageNumber) {
  const std::vector<std::pair<std::string, uint32_t>> queries = {
      {"?page=7", 7},
      {"?page=007", 7},
      {"?a=b&page=7", 7},
      {"?page=7&a=b", 7},
      {"?per_page=100", 0},
      {"?after=Y3Vyc29y", 0},
      {"?xpage=7", 0},
      {"/page=7", 0},
      {"", 0},
      {"?page=", 0},
      {"?page", 0},
      {"?page=-1", 0},
      {"?page=1e3", 0},
      {"?page=seven", 0},
      {"?page=7x", 0},
      {"?page=4294967296", 0},
      {"?page=99999999999999999999999999", 0},
      // A number, but of no listing that there could be.
      {"?page=4294967295", 0},
  };
  for (const auto& [query, page] : queries) {
    EXPECT_EQ(
        MetaOf(absl::StrCat("<https://x", query, ">; rel=\"last\"")).last_page,
        page)
        << query;
  }
}

TEST(ResponseMetaTest, AHeaderOf100KilobytesSaysNothing) {
  std::string link;
  while (link.size() < 100'000) link += R"(<https://x>; rel="up", )";
  link += R"(<https://x>; rel="next")";
  EXPECT_EQ(MetaOf(link).next_url, "");

  EXPECT_EQ(
      MetaOf(absl::StrCat("<", std::string(100'000, 'x'), ">; rel=\"next\""))
          .next_url,
      "");
  EXPECT_EQ(MetaOf(std::string(100'000, '<')).next_url, "");
  EXPECT_EQ(MetaOf(std::string(100'000, ';')).next_url, "");
}

TEST(ResponseMetaTest, RealLinksAreUnderstood) {
  const auto path = SharedPath(kRecordedResponses);
  if (!path) GTEST_SKIP() << "../shared/" << kRecordedResponses << " is absent";
  const auto exchanges = ReadRecordedExchanges(*path);
  ASSERT_TRUE(exchanges.ok()) << exchanges.status();

  int next = 0;
  int last = 0;
  for (const RecordedExchange& exchange : *exchanges) {
    SCOPED_TRACE(absl::StrCat("line ", exchange.line));
    const std::string link(exchange.response.headers.Get("link").value_or(""));
    const ResponseMeta meta =
        ParseResponseMeta(exchange.response.headers, absl::UnixEpoch());

    const bool says_next = absl::StrContains(link, "rel=\"next\"");
    EXPECT_EQ(!meta.next_url.empty(), says_next) << link;
    if (says_next) {
      EXPECT_TRUE(absl::StartsWith(meta.next_url, "https://api.github.com/"));
      EXPECT_TRUE(
          absl::StrContains(link, absl::StrCat("<", meta.next_url, ">")));
      ++next;
    }
    // Page numbers are there where the listing is paged by them.
    const bool says_last = absl::StrContains(link, "rel=\"last\"");
    EXPECT_EQ(meta.last_page > 1, says_last) << link;
    if (says_last) ++last;
  }
  EXPECT_EQ(next, 17);
  EXPECT_EQ(last, 7);
}

std::optional<absl::Duration> RetryAfter(const std::string& date,
                                         const std::string& retry_after) {
  HttpHeaders headers;
  headers.Add("Date", date);
  headers.Add("Retry-After", retry_after);
  return ParseResponseMeta(headers, absl::UnixEpoch()).retry_after;
}

TEST(TokenExpiryTest, BothFormatsAreUnderstood) {
  const auto expiry = [](const std::string& text) {
    HttpHeaders headers;
    headers.Add("GitHub-Authentication-Token-Expiration", text);
    return ParseResponseMeta(headers, absl::UnixEpoch()).token_expires_at;
  };
  const absl::Time time = absl::FromUnixSeconds(1'715'629'648);
  EXPECT_EQ(expiry("2024-05-13 19:47:28 UTC"), time);
  EXPECT_EQ(expiry("2024-05-13 21:47:28 +0200"), time);
  EXPECT_EQ(expiry("2024-05-13 18:47:28 -0100"), time);
  for (const char* text : {"", "never", "2024-05-13", "2024-05-13T19:47:28Z",
                           "2024-05-13 19:47:28", "2024-13-13 19:47:28 UTC",
                           "9999-05-13 19:47:28 UTC", "infinite-future"}) {
    EXPECT_EQ(expiry(text), std::nullopt) << text;
  }
}

TEST(TokenExpiryTest, RealOnesAreUnderstood) {
  const auto path = SharedPath(kRecordedResponses);
  if (!path) GTEST_SKIP() << "../shared/" << kRecordedResponses << " is absent";
  const auto exchanges = ReadRecordedExchanges(*path);
  ASSERT_TRUE(exchanges.ok()) << exchanges.status();
  int seen = 0;
  for (const RecordedExchange& exchange : *exchanges) {
    const HttpHeaders& headers = exchange.response.headers;
    const auto meta = ParseResponseMeta(headers, absl::UnixEpoch());
    const bool reported =
        headers.Get("github-authentication-token-expiration").has_value();
    EXPECT_EQ(meta.token_expires_at.has_value(), reported);
    seen += reported ? 1 : 0;
  }
  EXPECT_GE(seen, 10);
}

TEST(HttpDateTest, EveryDayOfTwoCenturiesIsUnderstood) {
  constexpr char kFormat[] = "%a, %d %b %Y %H:%M:%S GMT";
  const auto format = [&](absl::Time time) {
    return absl::FormatTime(kFormat, time, absl::UTCTimeZone());
  };
  const absl::Time first = absl::FromUnixSeconds(-2'208'988'800);  // 1900
  for (int day = 0; day < 200 * 365; ++day) {
    const absl::Time date = first + day * absl::Seconds(86'400 + 1'237);
    EXPECT_EQ(RetryAfter(format(date), format(date + absl::Seconds(30))),
              absl::Seconds(30))
        << format(date);
  }
}

TEST(HttpDateTest, WhatIsNoDateCountsAsNotReported) {
  const std::string now = "Thu, 29 Feb 2024 12:00:00 GMT";
  ASSERT_EQ(RetryAfter(now, "Thu, 29 Feb 2024 12:01:00 GMT"), absl::Minutes(1));
  for (const char* date : {
           "",
           "Thu, 29 Feb 2024 12:01:00",
           "Thu, 29 Feb 2024 12:01:00 GMT ",
           "Thu, 29 Feb 2024 12:01:00 UTC",
           "Thu, 9 Feb 2024 12:01:00 GMT",
           "Thu, 29 Feb 2023 12:01:00 GMT",
           "Thu, 30 Feb 2024 12:01:00 GMT",
           "Thu, 00 Mar 2024 12:01:00 GMT",
           "Thu, 29 Feb 2024 24:01:00 GMT",
           "Thu, 29 Feb 2024 12:60:00 GMT",
           "Thu, 29 Feb 2024 12:01:60 GMT",
           "Thu, 29 ebM 2024 12:01:00 GMT",
           "Thu, 29 feb 2024 12:01:00 GMT",
           "Thu, -9 Feb 2024 12:01:00 GMT",
           "Thu, 29 Feb +024 12:01:00 GMT",
           "Thursday, 29-Feb-24 12:01:00 GMT",
           "Thu Feb 29 12:01:00 2024",
       }) {
    EXPECT_EQ(RetryAfter(now, date), std::nullopt) << date;
  }
}

}  // namespace
}  // namespace mentiond
