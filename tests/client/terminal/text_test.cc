// Text that is safe to print and fits.

#include <gtest/gtest.h>
#include <unistr.h>

#include <cstdint>
#include <string>

#include "client/terminal/display_width.h"
#include "client/terminal/gap_message.h"
#include "client/terminal/printable.h"
#include "client/terminal/relative_time.h"

namespace mentiond::terminal {
namespace {

TEST(DisplayWidthTest, CountsColumnsNotBytes) {
  const struct {
    const char* text;
    int columns;
  } cases[] = {{"", 0},     {"abc", 3}, {"é", 1}, {"e\u0301", 1},
               {"日本", 4}, {"🎉", 2},  {"…", 1}};
  for (const auto& [text, columns] : cases) {
    EXPECT_EQ(DisplayWidth(text), columns) << text;
  }
}

TEST(DisplayWidthTest, CutsBetweenCharactersAndBetweenWordsIfASpaceIsNear) {
  const std::string accents = "e\u0301e\u0301e\u0301";
  const std::string fox = "the quick brown fox jumps over";
  const struct {
    std::string text;
    int width;
    const char* end;  // cut there
    const char* start;
  } cases[] = {
      {"abc", 3, "abc", "abc"},
      {"", 0, "", ""},
      {"日本語日本語", 6, "日本…", "…本語"},
      {"日本語日本語", 5, "日本…", "…本語"},
      // A combining mark stays with its base character.
      {accents, 2, "e\u0301…", "…e\u0301"},
      // No joiner is left at the end.
      {"👩\u200D👩\u200D👧", 4, "👩…", "…👧"},
      {fox, 22, "the quick brown fox…", "…brown fox jumps over"},
      {fox, 20, "the quick brown fox…", "…fox jumps over"},
      {"abcdefghijklmnopqrstuvwxyz", 10, "abcdefghi…", "…rstuvwxyz"},
  };
  for (const auto& [text, width, end, start] : cases) {
    EXPECT_EQ(CutEnd(text, width), end);
    EXPECT_EQ(CutStart(text, width), start);
  }
  const std::string mixed = "a 日本 🎉🎉 e\u0301e\u0301 long-word-here 語 end";
  for (int width = 0; width < 60; ++width) {
    EXPECT_LE(DisplayWidth(CutEnd(mixed, width)), width);
    EXPECT_LE(DisplayWidth(CutStart(mixed, width)), width);
  }
}

TEST(PrintableTest, DoesNotChangeOrdinaryTextInAnyScript) {
  for (const char* text :
       {"plain ASCII ~", "Grüße, žluťoučký kůň", "これは日本語です", "שלום",
        "👩‍👩‍👧 🎉 ❤️", "می‌خواهم"}) {
    EXPECT_EQ(Printable(text), text);
  }
}

TEST(PrintableTest, ShowsOrRemovesWhatATerminalWouldObey) {
  const struct {
    std::string_view text;
    const char* shown;
  } cases[] = {
      // Sets the title, clears the screen, hides text, writes to the clipboard.
      {"\x1b]0;owned\x07", "␛]0;owned␇"},
      {"\x1b[2J\x1b[8mhidden", "␛[2J␛[8mhidden"},
      {"\x1b]52;c;cm0gLXJm\x1b\\", "␛]52;c;cm0gLXJm␛\\"},
      {"\x08\x7f", "␈␡"},
      {std::string_view("\0", 1), "␀"},
      // CSI and OSC as single code points, and CSI as a Latin-1 byte.
      {"\u009b31m", "\uFFFD31m"},
      {"\u009d0;x\u009c", "\uFFFD0;x\uFFFD"},
      {"\x9b"
       "31m",
       "\uFFFD31m"},
      // Bidirectional controls and invisible characters.
      {"a\u202Eb\u2066c\u2069", "abc"},
      {"a\u200Bb\u200Ec\uFEFFd\u00ADe\U000E0041", "abcde"},
      // White space.
      {"a\r\nb\t\t c\u2028d\u00A0 e", "a b c d e"},
      {" \n a", " a"},
      // What is not UTF-8: an overlong "/", a surrogate, a value above
      // U+10FFFF, a truncated sequence.
      {"a\xff\xfe", "a\uFFFD\uFFFD"},
      {"\xc0\xaf", "\uFFFD\uFFFD"},
      {"\xed\xa0\x80", "\uFFFD"},
      {"\xf4\x90\x80\x80", "\uFFFD"},
      {"\xe4\xb8", "\uFFFD"},
  };
  for (const auto& [text, shown] : cases) EXPECT_EQ(Printable(text), shown);
}

TEST(PrintableTest, NeverReturnsControlCharacters) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string safe = Printable(std::string{
          static_cast<char>(first), static_cast<char>(second), 'x'});
      const auto* at = reinterpret_cast<const uint8_t*>(safe.c_str());
      ucs4_t value = 0;
      while ((at = u8_next(&value, at)) != nullptr) {
        ASSERT_GE(value, 0x20u) << first << " " << second;
        ASSERT_FALSE(value >= 0x7F && value < 0xA0) << first << " " << second;
      }
      ASSERT_EQ(Printable(safe), safe);
    }
  }
}

TEST(PrintableTest, LimitsCombiningMarks) {
  std::string marked = "a";
  for (int i = 0; i < 1000; ++i) marked += "\u0301";
  EXPECT_EQ(Printable(marked).size(), 1u + 8 * 2);
}

TEST(RelativeTimeTest, UsesTheLargestUnit) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  const struct {
    absl::Duration age;
    const char* text;
  } cases[] = {
      {absl::ZeroDuration(), "just now"},
      {absl::Seconds(1.9), "just now"},
      {absl::Seconds(12), "12 s ago"},
      {absl::Seconds(59.9), "59 s ago"},
      {absl::Minutes(3), "3 min ago"},
      {absl::Minutes(59), "59 min ago"},
      {absl::Hours(23), "23 h ago"},
      {absl::Hours(24), "1 day ago"},
      {absl::Hours(24 * 30), "30 days ago"},
      {absl::Hours(24 * 31), "1 month ago"},
      {absl::Hours(24 * 364), "11 months ago"},
      {absl::Hours(24 * 365), "1 year ago"},
      {absl::Hours(24 * 731), "2 years ago"},
      {-absl::Seconds(9), "just now"},  // clocks differ
      {-absl::Minutes(5), "in 5 min"},
  };
  for (const auto& [age, text] : cases) {
    EXPECT_EQ(RelativeTime(now - age, now), text);
  }
  // Times out of range do no harm.
  EXPECT_NE(RelativeTime(absl::InfinitePast(), now), "");
  EXPECT_NE(RelativeTime(absl::InfiniteFuture(), now), "");
}

TEST(GapMessageTest, SaysWhatIsMissingAndWhatToDo) {
  const struct {
    int gap;
    const char* message;
  } cases[] = {
      {::mentions::v1::GAP_SEARCH_INDEX,
       "history is incomplete: mentions that GitHub's search index does not "
       "know are missing; use --history=complete to read everything"},
      {::mentions::v1::GAP_ANONYMOUS,
       "history is incomplete: without a token, reviews and edits of "
       "descriptions are missing; set GITHUB_TOKEN"},
      {::mentions::v1::GAP_NO_GRAPHQL,
       "history is incomplete: reviews and edits of descriptions are missing, "
       "because GitHub's GraphQL API is not available; check that the token "
       "and the GitHub server allow it"},
      {99,
       "history is incomplete for a reason that this program does not know "
       "(99); a newer version may explain it"},
  };
  for (const auto& [gap, message] : cases) {
    EXPECT_EQ(GapMessage(static_cast<::mentions::v1::Gap>(gap)), message);
  }
}

}  // namespace
}  // namespace mentiond::terminal
