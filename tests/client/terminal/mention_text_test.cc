#include "client/terminal/mention_text.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

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
      {[](Mention& mention) {
         *mention.mutable_created_at() = ToProto(kNow - absl::Hours(24 * 800));
       },
       80,
       "alice commented on pull request #123 · 2 years ago, updated 3 min ago"},
      {[](Mention& mention) {
         mention.clear_author();
         mention.clear_created_at();
         mention.clear_updated_at();
       },
       80, "a deleted account commented on pull request #123"},
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

}  // namespace
}  // namespace mentiond::terminal
