#include "lib/github/response_meta.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/github/link_header.h"

namespace mentiond {
namespace {

ResponseMeta MetaOf(
    const std::vector<std::pair<std::string, std::string>>& fields) {
  HttpHeaders headers;
  for (const auto& [name, value] : fields) headers.Add(name, value);
  return ParseResponseMeta(headers, absl::UnixEpoch());
}

// With ' for ".
std::string NextOf(std::string link) {
  std::replace(link.begin(), link.end(), '\'', '"');
  return std::string(LinkTarget(link, "next"));
}

TEST(LinkTargetTest, IsThatOfTheRelInEverySpellingOfRfc8288) {
  for (const char* link :
       {"<t>; rel='next'", "<t>;rel='next'", "<t>; rel=next",
        "<t> ; rel = 'next'", "  <t>; REL='NEXT'  ", "<t>; rel='prev next'",
        "<t>; rel='next  last'", "<t>; type='text/html'; rel='next'",
        "<t>; rel='next'; type='text/html'", "<t>; flag; rel='next'",
        "<t>;; rel='next';", ",, <t>; rel='next' ,", "<u>, <t>; rel='next'",
        "<u>; rel='last',<t>; rel='next', <v>; rel='first'"}) {
    EXPECT_EQ(NextOf(link), "t") << link;
  }
  for (const char* link :
       {"<u>; title='one, two; three'; rel='up', <t>; rel='next'",
        "<u>; title='<v>; rel=\\'next\\''; rel='up', <t>; rel='next'",
        "<t>; title='\\\\'; rel='next'", "<u>; rel='up',\t<t>;\trel='next'",
        "<u>; rel='up'; rel='next', <t>; rel='next'"}) {
    EXPECT_EQ(NextOf(link), "t") << link;
  }
  // A target may hold what parts entries elsewhere.
  EXPECT_EQ(NextOf("<https://x/?a=1,2;b=c>; rel='next'"),
            "https://x/?a=1,2;b=c");
  EXPECT_EQ(NextOf("<https://x/{?since}>; rel='next'"), "https://x/{?since}");
  // Words that only look like the rel,
  for (const char* link :
       {"<t>; rel='nextpage'", "<t>; rel='next-archive'", "<t>; title='next'",
        "<t>; xrel='next'", "<t>; title='; rel=next'; rel='up'",
        "<t>; rel='up'; title='x, <u>; rel=next'", "<t>; rel=''", "<t>; rel",
        "<t>; rel=", "<t>", "next", ""}) {
    EXPECT_EQ(NextOf(link), "") << link;
  }
  // and what is broken, give none.
  for (const char* link :
       {"<https://x; rel='next'", "https://x>; rel='next'", "<", ">", "<>", ";",
        "<https://x; rel='last', <https://y>; rel='next'", "<t> rel='next'",
        "<https://x y>; rel='next'", "<https://x\x1b[2J>; rel='next'",
        "<https://x\xc3\xa4>; rel='next'", "<>; rel='next'", "; rel='next'",
        "<t>; rel='next",
        "<https://x/?a=1,2;b='c>; rel='last', <t>; rel='next'"}) {
    EXPECT_EQ(NextOf(link), "") << link;
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
  const auto last_page = [](const char* query) {
    return MetaOf({{"Link",
                    absl::StrCat("<https://x", query, R"(>; rel="last")")}})
        .last_page;
  };
  for (const char* query :
       {"?page=7", "?page=007", "?a=b&page=7", "?page=7&a=b"}) {
    EXPECT_EQ(last_page(query), 7U) << query;
  }
  // The last is a number, but of no listing that there could be.
  for (const char* query :
       {"?per_page=100", "?after=Y3Vyc29y", "?xpage=7", "/page=7", "",
        "?page=", "?page", "?page=-1", "?page=1e3", "?page=seven", "?page=7x",
        "?page=4294967296", "?page=99999999999999999999999999",
        "?page=4294967295"}) {
    EXPECT_EQ(last_page(query), 0U) << query;
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
