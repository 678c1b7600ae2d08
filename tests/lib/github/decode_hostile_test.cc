// Decoding of what no decent GitHub sends: never a crash, never a silent loss.

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
           // Brackets, quotes and backslashes in strings do not confuse it.
           R"(]},[{\" \\\\ \\\" { [ , \ud800)",
       }) {
    EXPECT_TRUE(IsLeftOut(kComment, "ping @bob", text)) << text;
  }
  EXPECT_TRUE(IsLeftOut(kComment, "\"node_id\"", "\"\xff\""));
  // What only looks like that is a string like any other.
  for (const char* text : {R"(\ud83d\udc00)", R"(\\udc00)", R"(\ud7ff\ue000)",
                           R"(\u0dc0 \u00dc)", "udc00"}) {
    EXPECT_FALSE(IsLeftOut(kComment, "ping @bob", text)) << text;
  }
}

TEST(DecodeHostileTest, WhatIsNoListIsUnavailable) {
  using std::literals::string_view_literals::operator""sv;
  for (const std::string_view json :
       {""sv, " "sv, "null"sv, "true"sv, "7"sv, "\"text\""sv, "{}"sv,
        R"({"message":"Not Found"})"sv, "<!DOCTYPE html>Unicorn!"sv, "["sv,
        "[["sv, "[1"sv, "[1,"sv, "[1,]"sv, "[1}"sv, "[}"sv, "]"sv, "[]]"sv,
        "[] []"sv, "[1 2]"sv, "[{\"a\"}]"sv, "[{\"a\":}]"sv, "[nul]"sv,
        "['a']"sv, "[\"a]"sv, "[\"\xff]"sv, "[\"\xff\","sv, "[\"\xff\"}"sv,
        "[\"\xff\"]]"sv, "[\"\xff\",nul]"sv, "\"\xff\""sv, "{\"a\":\"\xff\"}"sv,
        // A zero byte ends no text: what stands behind it would be lost.
        "[]\0"sv, "[]\0[]"sv, "[\"\xff\"]\0[]"sv}) {
    EXPECT_TRUE(absl::IsUnavailable(
        DecodeListing(Listing::kIssueComments, json).status()))
        << json;
  }
  for (const char* json : {"[]", " [ ] ", "[\n]\n"}) {
    const auto decoded = DecodeListing(Listing::kIssues, json);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->items.size() + decoded->skipped, 0U);
  }
}

TEST(DecodeHostileTest, AListCutShortAnywhereIsUnavailable) {
  // Not one item less than there are: that would be a loss.
  for (const std::string& json :
       {List({kComment, kReviewComment}),
        List({kComment, With(kComment, "ping @bob", "\xff")})}) {
    for (size_t size = 0; size < json.size(); ++size) {
      const absl::Status status =
          DecodeListing(Listing::kIssueComments, json.substr(0, size)).status();
      ASSERT_TRUE(absl::IsUnavailable(status)) << "cut after " << size;
      ASSERT_EQ(status.message().find("ping"), absl::string_view::npos)
          << "an error has nothing of the body";
    }
  }
}

TEST(DecodeHostileTest, DeepNestingUsesUpNoStack) {
  for (const size_t depth : {10'000, 1'000'000}) {
    const std::string open(depth, '[');
    const std::string close(depth, ']');
    EXPECT_EQ(
        Decoded(Listing::kIssueComments, {kComment, open + close}).skipped, 1U);
    // In a good item, where nobody looks.
    EXPECT_EQ(CommentWith(R"("reactions": {)",
                          absl::StrCat(R"("deep": )", open, close,
                                       R"(, "reactions": {)"))
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

TEST(DecodeErrorMessageTest, IsGitHubsMessageMadeSafeOrNothing) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"message":"Not Found","status":"404"})", "Not Found"},
      {"{\"message\":\"a\\u001b[1m\\nb\\u00e4\"}", "a?[1m?b??"},
      {absl::StrCat(R"({"message":")", std::string(500, 'x'), R"("})"),
       std::string(200, 'x')},
      {"", ""},
      {"null", ""},
      {"[]", ""},
      {"{}", ""},
      {"<html>", ""},
      {R"({"message":7})", ""},
      {R"({"message":null})", ""},
      {R"({"message":"cut)", ""}};
  for (const auto& [json, message] : cases) {
    EXPECT_EQ(DecodeErrorMessage(json), message) << json;
  }
}

}  // namespace
}  // namespace mentiond
