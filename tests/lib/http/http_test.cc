#include "lib/http/http.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(HttpHeadersTest, NamesCompareWithoutCaseAndTheFirstIsGiven) {
  HttpHeaders headers;
  headers.Add("Link", "1");
  headers.Add("empty", "");
  headers.Add("link", "2");

  for (const char* name : {"Link", "link", "LINK"}) {
    EXPECT_EQ(headers.Get(name), "1");
  }
  EXPECT_EQ(headers.Get("Empty"), "");
  for (const char* name : {"Absent", "Empt", ""}) {
    EXPECT_EQ(headers.Get(name), std::nullopt) << "not an empty value";
  }
  // The order and spelling of the wire are kept.
  EXPECT_EQ(headers.size(), 3U);
  const std::vector<std::pair<std::string, std::string>> fields(headers.begin(),
                                                                headers.end());
  EXPECT_THAT(fields, ElementsAre(Pair("Link", "1"), Pair("empty", ""),
                                  Pair("link", "2")));
}

}  // namespace
}  // namespace mentiond
