#include "lib/github/response_meta.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/github/link_header.h"
#include "tests/recorded.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

ResponseMeta MetaOf(
    const std::vector<std::pair<std::string, std::string>>& fields) {
  HttpHeaders headers;
  for (const auto& [name, value] : fields) headers.Add(name, value);
  return ParseResponseMeta(headers, absl::UnixEpoch());
}

TEST(LinkTargetTest, IsThatOfTheRelInEverySpellingOfRfc8288) {
  const std::pair<const char*, const char*> cases[] = {
      {R"(<t>; rel="next")", "t"},
      {R"(<t>;rel="next")", "t"},
      {R"(<t>; rel=next)", "t"},
      {R"(<t> ; rel = "next")", "t"},
      {R"(  <t>; REL="NEXT"  )", "t"},
      {R"(<t>; rel="prev next")", "t"},
      {R"(<t>; rel="next  last")", "t"},
      {R"(<t>; type="text/html"; rel="next")", "t"},
      {R"(<t>; rel="next"; type="text/html")", "t"},
      {R"(<t>; flag; rel="next")", "t"},
      {R"(<t>;; rel="next";)", "t"},
      {R"(,, <t>; rel="next" ,)", "t"},
      {R"(<u>; rel="last",<t>; rel="next", <v>; rel="first")", "t"},
      {R"(<u>, <t>; rel="next")", "t"},
      {R"(<u>; title="one, two; three"; rel="up", <t>; rel="next")", "t"},
      {R"(<u>; title="<v>; rel=\"next\""; rel="up", <t>; rel="next")", "t"},
      {R"(<t>; title="\\"; rel="next")", "t"},
      {R"(<u>; rel="up"; rel="next", <t>; rel="next")", "t"},
      {"<u>; rel=\"up\",\t<t>;\trel=\"next\"", "t"},
      // A target may hold what parts entries elsewhere, but no quote.
      {R"(<https://x/?a=1,2;b=c>; rel="next")", "https://x/?a=1,2;b=c"},
      {R"(<https://x/users{?since}>; rel="next")", "https://x/users{?since}"},
      {R"(<https://x/?a=1,2;b="c>; rel="last", <t>; rel="next")", ""},
      // Words that only look like the rel.
      {R"(<t>; rel="nextpage")", ""},
      {R"(<t>; rel="next-archive")", ""},
      {R"(<t>; title="next")", ""},
      {R"(<t>; xrel="next")", ""},
      {R"(<t>; title="; rel=next"; rel="up")", ""},
      {R"(<t>; rel="up"; title="x, <u>; rel=next")", ""},
      {R"(<t>; rel="")", ""},
      {R"(<t>; rel)", ""},
      {R"(<t>; rel=)", ""},
      {R"(<t>)", ""},
      {R"(next)", ""},
      {"", ""},
      // What is broken gives no target that is none.
      {R"(<https://x; rel="next")", ""},
      {R"(<https://x; rel="last", <https://y>; rel="next")", ""},
      {R"(https://x>; rel="next")", ""},
      {R"(<https://x y>; rel="next")", ""},
      {"<https://x\x1b[2J>; rel=\"next\"", ""},
      {"<https://x\xc3\xa4>; rel=\"next\"", ""},
      {R"(<>; rel="next")", ""},
      {R"(<)", ""},
      {R"(>)", ""},
      {R"(<>)", ""},
      {R"(;)", ""},
      {R"(; rel="next")", ""},
      {R"(<t> rel="next")", ""},
      {R"(<t>; rel="next)", ""}};
  for (const auto& [link, target] : cases) {
    EXPECT_EQ(LinkTarget(link, "next"), target) << link;
  }
}

TEST(ResponseMetaTest, ALinkInSeveralFieldsIsOneLink) {
  // RFC 9110, section 5.3: a proxy may part or join them.
  const ResponseMeta meta =
      MetaOf({{"link", R"(<https://docs>; rel="deprecation")"},
              {"Link", R"(<https://x/?page=2>; rel="next")"},
              {"LINK", R"(<https://x/?per_page=100&page=5>; rel="last")"}});
  EXPECT_EQ(meta.next_url, "https://x/?page=2");
  EXPECT_EQ(meta.last_page, 5U);

  EXPECT_EQ(MetaOf({}).next_url, "");
  EXPECT_EQ(MetaOf({}).last_page, 0U);
}

TEST(ResponseMetaTest, TheLastPageIsSaidOnlyByAPageNumber) {
  const std::pair<const char*, uint32_t> cases[] = {
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
      {"?page=4294967295", 0}};
  for (const auto& [query, page] : cases) {
    const std::string link =
        absl::StrCat("<https://x", query, ">; rel=\"last\"");
    EXPECT_EQ(MetaOf({{"Link", link}}).last_page, page) << query;
  }
}

TEST(ResponseMetaTest, AHeaderOf100KilobytesSaysNothing) {
  std::string many;
  while (many.size() < 100'000) many += R"(<https://x>; rel="up", )";
  for (const std::string& link :
       {many + R"(<https://x>; rel="next")",
        absl::StrCat("<", std::string(100'000, 'x'), ">; rel=\"next\""),
        std::string(100'000, '<'), std::string(100'000, ';')}) {
    EXPECT_EQ(MetaOf({{"Link", link}}).next_url, "");
  }
}

TEST(ResponseMetaTest, RealHeadersAreUnderstood) {
  const auto path = SharedPath(kRecordedResponses);
  if (!path) GTEST_SKIP() << "../shared/" << kRecordedResponses << " is absent";
  const auto exchanges = ReadRecordedExchanges(*path);
  ASSERT_TRUE(exchanges.ok()) << exchanges.status();

  int next = 0, last = 0, expiries = 0;
  for (const RecordedExchange& exchange : *exchanges) {
    SCOPED_TRACE(absl::StrCat("line ", exchange.line));
    const HttpHeaders& headers = exchange.response.headers;
    const std::string link(headers.Get("link").value_or(""));
    const ResponseMeta meta = ParseResponseMeta(headers, absl::UnixEpoch());

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
    last += says_last ? 1 : 0;
    const bool expires =
        headers.Get("github-authentication-token-expiration").has_value();
    EXPECT_EQ(meta.token_expires_at.has_value(), expires);
    expiries += expires ? 1 : 0;
  }
  EXPECT_EQ(next, 17);
  EXPECT_EQ(last, 7);
  EXPECT_GE(expiries, 10);
}

TEST(TokenExpiryTest, BothFormatsAreUnderstood) {
  const auto expiry = [](const std::string& text) {
    return MetaOf({{"GitHub-Authentication-Token-Expiration", text}})
        .token_expires_at;
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

std::optional<absl::Duration> RetryAfter(const std::string& date,
                                         const std::string& retry_after) {
  return MetaOf({{"Date", date}, {"Retry-After", retry_after}}).retry_after;
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
  for (const char* date :
       {"", "Thu, 29 Feb 2024 12:01:00", "Thu, 29 Feb 2024 12:01:00 GMT ",
        "Thu, 29 Feb 2024 12:01:00 UTC", "Thu, 9 Feb 2024 12:01:00 GMT",
        "Thu, 29 Feb 2023 12:01:00 GMT", "Thu, 30 Feb 2024 12:01:00 GMT",
        "Thu, 00 Mar 2024 12:01:00 GMT", "Thu, 29 Feb 2024 24:01:00 GMT",
        "Thu, 29 Feb 2024 12:60:00 GMT", "Thu, 29 Feb 2024 12:01:60 GMT",
        "Thu, 29 ebM 2024 12:01:00 GMT", "Thu, 29 feb 2024 12:01:00 GMT",
        "Thu, -9 Feb 2024 12:01:00 GMT", "Thu, 29 Feb +024 12:01:00 GMT",
        "Thursday, 29-Feb-24 12:01:00 GMT", "Thu Feb 29 12:01:00 2024"}) {
    EXPECT_EQ(RetryAfter(now, date), std::nullopt) << date;
  }
}

}  // namespace
}  // namespace mentiond
