#include "client/terminal/printable.h"

#include <gtest/gtest.h>
#include <unistr.h>

#include <cstdint>
#include <string>

namespace mentiond::terminal {
namespace {

TEST(PrintableTest, DoesNotChangeOrdinaryTextInAnyScript) {
  for (const char* text :
       {"plain ASCII ~", "Grüße, žluťoučký kůň", "これは日本語です", "שלום",
        "👩‍👩‍👧 🎉 ❤️", "می‌خواهم"}) {
    EXPECT_EQ(Printable(text), text);
  }
}

TEST(PrintableTest, MakesControlCharactersVisible) {
  // Sets the title, clears the screen, hides text, writes to the clipboard.
  EXPECT_EQ(Printable("\x1b]0;owned\x07"), "␛]0;owned␇");
  EXPECT_EQ(Printable("\x1b[2J\x1b[8mhidden"), "␛[2J␛[8mhidden");
  EXPECT_EQ(Printable("\x1b]52;c;cm0gLXJm\x1b\\"), "␛]52;c;cm0gLXJm␛\\");
  EXPECT_EQ(Printable("\x08\x7f"), "␈␡");
  EXPECT_EQ(Printable(std::string_view("\0", 1)), "␀");
}

TEST(PrintableTest, ReplacesC1Controls) {
  // CSI and OSC as single code points, and CSI as a Latin-1 byte.
  EXPECT_EQ(Printable("\u009b31m"), "\uFFFD31m");
  EXPECT_EQ(Printable("\u009d0;x\u009c"), "\uFFFD0;x\uFFFD");
  EXPECT_EQ(Printable("\x9b"
                      "31m"),
            "\uFFFD31m");
}

TEST(PrintableTest, NeverReturnsControlCharacters) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string bytes = {static_cast<char>(first),
                                 static_cast<char>(second), 'x'};
      const std::string safe = Printable(bytes);
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

TEST(PrintableTest, RemovesBidirectionalControls) {
  EXPECT_EQ(Printable("a\u202Eb\u2066c\u2069"), "abc");
}

TEST(PrintableTest, RemovesInvisibleCharacters) {
  EXPECT_EQ(Printable("a\u200Bb\u200Ec\uFEFFd\u00ADe\U000E0041"), "abcde");
}

TEST(PrintableTest, CollapsesWhitespace) {
  EXPECT_EQ(Printable("a\r\nb\t\t c\u2028d\u00A0 e"), "a b c d e");
  EXPECT_EQ(Printable(" \n a"), " a");
}

TEST(PrintableTest, ReplacesInvalidUtf8) {
  EXPECT_EQ(Printable("a\xff\xfe"), "a\uFFFD\uFFFD");
  // An overlong "/", a surrogate, a value above U+10FFFF, a truncated sequence.
  EXPECT_EQ(Printable("\xc0\xaf"), "\uFFFD\uFFFD");
  EXPECT_EQ(Printable("\xed\xa0\x80"), "\uFFFD");
  EXPECT_EQ(Printable("\xf4\x90\x80\x80"), "\uFFFD");
  EXPECT_EQ(Printable("\xe4\xb8"), "\uFFFD");
}

TEST(PrintableTest, LimitsCombiningMarks) {
  std::string marked = "a";
  for (int i = 0; i < 1000; ++i) marked += "\u0301";
  EXPECT_EQ(Printable(marked).size(), 1u + 8 * 2);
}

}  // namespace
}  // namespace mentiond::terminal
