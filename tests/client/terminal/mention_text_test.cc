#include "client/terminal/mention_text.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"

#include "client/terminal/display_width.h"
#include "client/terminal/excerpt.h"
#include "lib/base/proto_time.h"
#include "tests/client/responses.h"

namespace mentiond::terminal {
namespace {

using ::mentions::v1::Mention;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr TextStyle kPlain;
constexpr TextStyle kTerminal = {.colors = true, .hyperlinks = true};

Mention MentionOf(const std::function<void(Mention&)>& change = nullptr) {
  Mention mention =
      AMention(123, "Hi @Octocat, look", kNow - absl::Minutes(3)).mention();
  *mention.mutable_updated_at() = mention.created_at();
  if (change) change(mention);
  return mention;
}

TEST(MentionTextTest, IsPlainWithoutStyleAndHasColoursAndALinkOnATerminal) {
  EXPECT_EQ(MentionText(MentionOf(), "", kNow, 80, kPlain),
            "alice commented on pull request #123 · 3 min ago\n"
            "  Hi @Octocat, look\n"
            "  https://github.com/o/r/pull/123\n"
            "\n");
  EXPECT_EQ(MentionText(MentionOf(), "", kNow, 80, kTerminal),
            "\x1b[1malice\x1b[0m commented on pull request \x1b[36m#123\x1b[0m"
            "\x1b[2m · 3 min ago\x1b[0m\n"
            "  Hi \x1b[1m\x1b[33m@Octocat\x1b[0m, look\n"
            "  \x1b[2m\x1b]8;;https://github.com/o/r/pull/123\x1b\\"
            "https://github.com/o/r/pull/123"
            "\x1b]8;;\x1b\\\x1b[0m\n"
            "\n");
}

TEST(MentionTextTest, TheHeadlineSaysWhoDidWhatWhereAndWhen) {
  using namespace ::mentions::v1;
  const auto source = [](int value) {
    return [value](Mention& mention) {
      mention.set_source(static_cast<Source>(value));
    };
  };
  const auto title = [](Mention& mention) {
    mention.set_title("Read \x1b[2J the cache of all the pages only once");
  };
  const auto old = [](Mention& mention) {
    *mention.mutable_created_at() = ToProto(kNow - absl::Hours(24 * 800));
  };
  const auto unknown = [](Mention& mention) {
    mention.clear_author();
    mention.clear_created_at();
    mention.clear_updated_at();
  };
  const struct {
    std::function<void(Mention&)> change;
    int width;
    const char* headline;
  } cases[] = {
      {source(SOURCE_PULL_REQUEST), 80,
       "alice opened pull request #123 · 3 min ago"},
      {source(SOURCE_REVIEW_COMMENT), 80,
       "alice commented on the diff of pull request #123 · 3 min ago"},
      {source(SOURCE_REVIEW), 80,
       "alice reviewed pull request #123 · 3 min ago"},
      {source(SOURCE_ISSUE), 80, "alice opened issue #123 · 3 min ago"},
      {source(SOURCE_ISSUE_COMMENT), 80,
       "alice commented on issue #123 · 3 min ago"},
      {source(99), 80, "alice wrote in #123 · 3 min ago"},
      // As much of the title and the time as fits.
      {title, 120,
       "alice commented on pull request #123 Read ␛[2J the cache of all the "
       "pages only once · 3 min ago"},
      {title, 80,
       "alice commented on pull request #123 Read ␛[2J the cache of all the… "
       "· 3 min ago"},
      {title, 50, "alice commented on pull request #123 · 3 min ago"},
      {title, 40, "alice commented on pull request #123"},
      {nullptr, 40, "alice commented on pull request #123"},
      {old, 80,
       "alice commented on pull request #123 · 2 years ago, updated 3 min ago"},
      {unknown, 80, "a deleted account commented on pull request #123"},
  };
  for (const auto& [change, width, headline] : cases) {
    const std::string text =
        MentionText(MentionOf(change), "", kNow, width, kPlain);
    EXPECT_EQ(text.substr(0, text.find('\n')), headline) << width;
  }
}

TEST(MentionTextTest, IsSafeToPrint) {
  const Mention mention = MentionOf([](Mention& to) {
    to.set_author("a\x1b[31m\n");
    to.set_offsets(0, 0);
    to.set_body("@octocat \x1b]8;;http://evil/\x1b\\click\u009b2J");
    to.set_url("https://x/\x1b\\\x1b]0;t\x07");
  });
  EXPECT_EQ(MentionText(mention, "", kNow, 80, {.hyperlinks = true}),
            "a␛[31m  commented on pull request #123 · 3 min ago\n"
            "  @octocat ␛]8;;http://evil/␛\\click\uFFFD2J\n"
            "  https://x/␛\\␛]0;t␇\n"
            "\n");
}

TEST(MentionTextTest, LinksOnlyHttpAndHttpsUrls) {
  for (const char* url :
       {"file:///etc/passwd", "javascript:x", "https://ex\u00e4mple/"}) {
    EXPECT_EQ(Linked(kTerminal, url), url);
  }
  EXPECT_EQ(Linked(kTerminal, "http://a/"),
            "\x1b]8;;http://a/\x1b\\http://a/\x1b]8;;\x1b\\");
}

// That of the first "@octocat", if there is one.
Excerpt ExcerptOf(const std::string& body, int width) {
  const size_t at = absl::AsciiStrToLower(body).find("@octocat");
  return MakeExcerpt(
      body, at == std::string::npos ? std::nullopt : std::optional(at), width);
}

TEST(ExcerptTest, IsTheLineOfTheMentionCutToTheWidth) {
  const std::string large(130'000, 'x');
  const struct {
    std::string body;
    int width;
    const char* shown;  // with the mention in brackets
  } cases[] = {
      {"first line\r\n  cc  @OctoCat \tplease\r\nlast line", 60,
       "cc [@OctoCat] please"},
      // The next line, too, after a line of logins.
      {"@octocat, @b-c:\n\n\nhave a look\nmore", 60,
       "[@octocat], @b-c: have a look"},
      {"@octocat", 60, "[@octocat]"},
      {"Thanks @octocat\nmore", 60, "Thanks [@octocat]"},
      // A long line is cut at its end, begins at the sentence, or is cut at
      // both ends.
      {"Dear @octocat could you look at this one some day", 30,
       "Dear [@octocat] could you look…"},
      {"There is much to say about all of this and more. I think @octocat "
       "knows",
       40, "… I think [@octocat] knows"},
      {"some words that go on and on until at last we come to @octocat and "
       "then some more that also go on",
       40, "…come to [@octocat] and then some more…"},
      {large + " @octocat " + large, 40,
       "…xxxxxxxx [@octocat] xxxxxxxxxxxxxxxxxxxx…"},
      // It is safe to print.
      {"\x1b[31mred @octocat \x1b]0;t\x07 \u202E\xff", 60,
       "␛[31mred [@octocat] ␛]0;t␇ \uFFFD"},
      {"a\r@octocat\rb", 60, "[@octocat] b"},
      // Without a mention the first line that is not empty.
      {"\n\n  hello &#64;octocat \nmore", 60, "[]hello &#64;octocat"},
      {"", 60, "[]"},
      {" \r\n ", 60, "[]"},
  };
  for (const auto& [body, width, shown] : cases) {
    const Excerpt excerpt = ExcerptOf(body, width);
    EXPECT_EQ(excerpt.before + "[" + excerpt.mention + "]" + excerpt.after,
              shown);
  }
}

TEST(ExcerptTest, NeverExceedsTheWidth) {
  const std::string body =
      "長い文章がここにあります。とても長いです。 @octocat "
      "そして🎉🎉もっと続きます e\u0301e\u0301 until the end of the line";
  for (int width = 1; width < 120; ++width) {
    const Excerpt excerpt = ExcerptOf(body, width);
    EXPECT_LE(DisplayWidth(excerpt.before) + DisplayWidth(excerpt.mention) +
                  DisplayWidth(excerpt.after),
              width);
  }
}

TEST(ExcerptTest, ShowsWhicheverMentionBeginsAtTheOffset) {
  const struct {
    const char* body;
    size_t offset;
    const char* mention;
  } cases[] = {
      {"ask @org/team-1, not @octocat_x", 4, "@org/team-1"},
      {"ask @org/team-1, not @octocat_x", 21, "@octocat_x"},
      // The offset is not trusted.
      {"abc", 0, ""},
      {"abc", 3, ""},
      {"abc", 4, ""},
      {"abc", SIZE_MAX, ""},
      {"ab@", 2, "@"},
  };
  for (const auto& [body, offset, mention] : cases) {
    const Excerpt excerpt = MakeExcerpt(body, offset, 60);
    EXPECT_EQ(excerpt.mention, mention);
    EXPECT_EQ(excerpt.before + excerpt.mention + excerpt.after, body);
  }
}

}  // namespace
}  // namespace mentiond::terminal
