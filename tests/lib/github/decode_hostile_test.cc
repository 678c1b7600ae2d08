// Decoding of what no decent GitHub sends: never a crash, never a silent loss.

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/github/decode.h"
#include "lib/github/types.h"
#include "tests/lib/github/decode_samples.h"

namespace mentiond {
namespace {

TEST(DecodeHostileTest, TextThatCannotBePassedOnLeavesItsItemOutAndNoOther) {
  // Each would otherwise hold up the whole listing for ever.
  for (const char* text : {
           "\xff",              // never in UTF-8
           "\xc0\xaf",          // overlong
           "\xe2\x82",          // cut short
           "\xed\xa0\x80",      // a surrogate
           "\xf4\x90\x80\x80",  // beyond Unicode
           R"(\ud800)",         // half a pair
           R"(\udc00\ud800)",   // the wrong way round
           R"(\udc00)",         // the second half alone
           R"(\uDFFFx)",
           R"(\ud83d\ude00\ude00)",
           R"(\\\\\udd00)",
       }) {
    EXPECT_TRUE(IsLeftOut(CommentWith("ping @bob", text))) << text;
  }
  // What only looks like that is a string like any other.
  for (const char* text : {R"(\ud83d\udc00)", R"(\\udc00)", R"(\ud7ff\ue000)",
                           R"(\u0dc0 \u00dc)", "udc00"}) {
    EXPECT_FALSE(IsLeftOut(CommentWith("ping @bob", text))) << text;
  }
  // Wherever in the item, and a number that is none for a machine.
  EXPECT_TRUE(IsLeftOut(CommentWith("\"node_id\"", "\"\xff\"")));
  EXPECT_TRUE(IsLeftOut(CommentWith(R"("id": 7)", R"("id": 1e999)")));
  // Brackets, quotes and backslashes in strings do not confuse it.
  const std::string tricky =
      CommentWith("ping @bob", R"(]},[{\" \\\\ \\\" { [ , \ud800)");
  EXPECT_TRUE(IsLeftOut(tricky));
}

TEST(DecodeHostileTest, WhatIsNoListIsUnavailable) {
  for (const std::string_view json : {
           "",
           " ",
           "null",
           "true",
           "7",
           "\"text\"",
           "{}",
           R"({"message":"Not Found"})",
           "<!DOCTYPE html><html><body>Unicorn!</body></html>",
           "[",
           "[[",
           "[1",
           "[1,",
           "[1,]",
           "[1}",
           "[}",
           "]",
           "[]]",
           "[] []",
           "[1 2]",
           "[{\"a\"}]",
           "[{\"a\":}]",
           "[nul]",
           "['a']",
           "[\"a]",
           "[\"\xff]",
           "[\"\xff\",",
           "[\"\xff\"}",
           "[\"\xff\"]]",
           "[\"\xff\",nul]",
           "\"\xff\"",
           "{\"a\":\"\xff\"}",
       }) {
    EXPECT_EQ(DecodeListing(Listing::kIssueComments, json).status().code(),
              absl::StatusCode::kUnavailable)
        << json;
  }
  EXPECT_FALSE(DecodeListing(Listing::kIssues, std::string_view()).ok());
  // A zero byte ends no text: what stands behind it would be lost.
  for (const std::string_view json :
       {std::string_view("[]\0", 3), std::string_view("[]\0[]", 5),
        std::string_view("[\"\xff\"]\0[]", 8)}) {
    EXPECT_FALSE(DecodeListing(Listing::kIssues, json).ok()) << json;
  }
}

TEST(DecodeHostileTest, AListCutShortAnywhereIsUnavailable) {
  // Not one item less than there are: that would be a loss.
  for (const std::string& json :
       {List({kComment, kReviewComment}),
        List({kComment, CommentWith("ping @bob", "\xff")})}) {
    for (size_t size = 0; size < json.size(); ++size) {
      ASSERT_EQ(DecodeListing(Listing::kIssueComments, json.substr(0, size))
                    .status()
                    .code(),
                absl::StatusCode::kUnavailable)
          << "cut after " << size;
    }
  }
}

TEST(DecodeHostileTest, AnErrorHasNothingOfTheBody) {
  const auto status =
      DecodeListing(Listing::kIssues, "[{\"body\":\"private words\"").status();
  EXPECT_EQ(status.message().find("private"), absl::string_view::npos);
}

TEST(DecodeHostileTest, DeepNestingUsesUpNoStack) {
  for (const size_t depth : {10'000, 1'000'000}) {
    const std::string open(depth, '[');
    const std::string close(depth, ']');
    EXPECT_EQ(
        Decoded(Listing::kIssueComments, {kComment, open + close}).skipped, 1U);
    // In a good item, where nobody looks.
    EXPECT_EQ(
        DecodedComment(CommentWith(R"("reactions": {)",
                                   absl::StrCat(R"("deep": )", open, close,
                                                R"(, "reactions": {)")))
            .id,
        7);
    EXPECT_FALSE(DecodeListing(Listing::kIssueComments, open).ok());
    // With a string that makes each item be parsed on its own.
    EXPECT_EQ(Decoded(Listing::kIssueComments,
                      {kComment, absl::StrCat(open, "\"\xff\"", close)})
                  .skipped,
              1U);
    std::string objects;
    for (size_t i = 0; i < depth; ++i) objects += R"({"a":)";
    EXPECT_FALSE(DecodeListing(Listing::kIssueComments, "[" + objects).ok());
  }
}

TEST(DecodeHostileTest, AnEmptyListIsAListing) {
  for (const char* json : {"[]", " [ ] ", "[\n]\n"}) {
    const auto decoded = DecodeListing(Listing::kIssues, json);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_TRUE(decoded->items.empty());
    EXPECT_EQ(decoded->skipped, 0U);
  }
}

TEST(DecodeErrorMessageTest, IsGitHubsMessageMadeSafe) {
  EXPECT_EQ(DecodeErrorMessage(R"({"message":"Not Found","status":"404"})"),
            "Not Found");
  EXPECT_EQ(DecodeErrorMessage("{\"message\":\"a\\u001b[1m\\nb\\u00e4\"}"),
            "a?[1m?b??");
  EXPECT_EQ(DecodeErrorMessage(absl::StrCat(R"({"message":")",
                                            std::string(500, 'x'), R"("})")),
            std::string(200, 'x'));
}

TEST(DecodeErrorMessageTest, IsEmptyWithoutOne) {
  for (const char* json : {"", "null", "[]", "{}", "<html>", "{\"message\":7}",
                           "{\"message\":null}", "{\"message\":\"cut"}) {
    EXPECT_EQ(DecodeErrorMessage(json), "") << json;
  }
}

}  // namespace
}  // namespace mentiond
