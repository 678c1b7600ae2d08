#include "lib/http/http.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(HttpHeadersTest, NamesCompareWithoutCase) {
  HttpHeaders headers;
  headers.Add("ETag", "\"abc\"");

  EXPECT_EQ(headers.Get("ETag"), "\"abc\"");
  EXPECT_EQ(headers.Get("etag"), "\"abc\"");
  EXPECT_EQ(headers.Get("ETAG"), "\"abc\"");
}

TEST(HttpHeadersTest, WhatIsNotThereIsNotAnEmptyValue) {
  HttpHeaders headers;
  headers.Add("Present", "");

  EXPECT_EQ(headers.Get("Present"), "");
  EXPECT_EQ(headers.Get("Absent"), std::nullopt);
  EXPECT_EQ(headers.Get("Presen"), std::nullopt);
  EXPECT_EQ(headers.Get(""), std::nullopt);
}

TEST(HttpHeadersTest, OfSeveralTheFirstIsGiven) {
  HttpHeaders headers;
  headers.Add("Link", "first");
  headers.Add("link", "second");

  EXPECT_EQ(headers.Get("LINK"), "first");
  EXPECT_EQ(headers.size(), 2U);
}

TEST(HttpHeadersTest, TheOrderAndSpellingOfTheWireAreKept) {
  HttpHeaders headers;
  headers.Add("B", "1");
  headers.Add("a", "2");
  headers.Add("b", "3");

  const std::vector<std::pair<std::string, std::string>> fields(headers.begin(),
                                                                headers.end());
  EXPECT_THAT(fields,
              ElementsAre(Pair("B", "1"), Pair("a", "2"), Pair("b", "3")));
}

}  // namespace
}  // namespace mentiond
