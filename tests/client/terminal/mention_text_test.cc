#include "client/terminal/mention_text.h"

#include <gtest/gtest.h>

#include "lib/base/proto_time.h"

namespace mentiond::terminal {
namespace {

using ::mentions::v1::Mention;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr TextStyle kPlain;
constexpr TextStyle kTerminal = {.colors = true, .hyperlinks = true};

Mention AMention() {
  Mention mention;
  mention.set_source(::mentions::v1::SOURCE_PULL_REQUEST_COMMENT);
  mention.set_id(7);
  mention.set_pull_request(123);
  mention.set_author("alice");
  mention.set_body("Hi @Octocat, look");
  mention.add_offsets(3);
  mention.set_url("https://github.com/o/r/pull/123#issuecomment-7");
  *mention.mutable_created_at() = ToProto(kNow - absl::Minutes(3));
  *mention.mutable_updated_at() = ToProto(kNow - absl::Minutes(3));
  return mention;
}

TEST(MentionTextTest, IsPlainWithoutStyle) {
  EXPECT_EQ(MentionText(AMention(), "", kNow, 80, kPlain),
            "alice commented on pull request #123 · 3 min ago\n"
            "  Hi @Octocat, look\n"
            "  https://github.com/o/r/pull/123#issuecomment-7\n"
            "\n");
}

TEST(MentionTextTest, HasColoursAndALinkOnATerminal) {
  EXPECT_EQ(
      MentionText(AMention(), "", kNow, 80, kTerminal),
      "\x1b[1malice\x1b[0m commented on pull request \x1b[36m#123\x1b[0m"
      "\x1b[2m · 3 min ago\x1b[0m\n"
      "  Hi \x1b[1m\x1b[33m@Octocat\x1b[0m, look\n"
      "  \x1b[2m\x1b]8;;https://github.com/o/r/pull/123#issuecomment-7\x1b\\"
      "https://github.com/o/r/pull/123#issuecomment-7"
      "\x1b]8;;\x1b\\\x1b[0m\n"
      "\n");
}

TEST(MentionTextTest, DescribesEachSource) {
  const auto headline = [](::mentions::v1::Source source) {
    Mention mention = AMention();
    mention.set_source(source);
    const std::string text = MentionText(mention, "", kNow, 80, kPlain);
    return text.substr(0, text.find(" ·"));
  };
  EXPECT_EQ(headline(::mentions::v1::SOURCE_PULL_REQUEST),
            "alice opened pull request #123");
  EXPECT_EQ(headline(::mentions::v1::SOURCE_REVIEW_COMMENT),
            "alice commented on the diff of pull request #123");
  EXPECT_EQ(headline(::mentions::v1::SOURCE_REVIEW),
            "alice reviewed pull request #123");
  EXPECT_EQ(headline(::mentions::v1::SOURCE_ISSUE), "alice opened issue #123");
  EXPECT_EQ(headline(::mentions::v1::SOURCE_ISSUE_COMMENT),
            "alice commented on issue #123");
  EXPECT_EQ(headline(static_cast<::mentions::v1::Source>(99)),
            "alice wrote in #123");
}

TEST(MentionTextTest, NamesTheRepositoryIfThereIsOneToName) {
  const std::string text = MentionText(AMention(), "o/r", kNow, 80, kPlain);
  EXPECT_EQ(text.substr(0, text.find(" ·")),
            "alice commented on pull request o/r#123");
}

TEST(MentionTextTest, ShowsAsMuchOfTheTitleAsFits) {
  Mention mention = AMention();
  mention.set_title("Read \x1b[2J the cache of all the pages only once");
  const auto headline = [&mention](int width) {
    const std::string text = MentionText(mention, "", kNow, width, kPlain);
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(headline(120),
            "alice commented on pull request #123 Read ␛[2J the cache of all "
            "the pages only once · 3 min ago");
  EXPECT_EQ(headline(80),
            "alice commented on pull request #123 Read ␛[2J the cache of all "
            "the… · 3 min ago");
  EXPECT_EQ(headline(50), "alice commented on pull request #123 · 3 min ago");
  EXPECT_EQ(headline(40), "alice commented on pull request #123");
}

TEST(MentionTextTest, ShowsWhenItWasUpdated) {
  Mention mention = AMention();
  *mention.mutable_created_at() = ToProto(kNow - absl::Hours(24 * 800));
  const std::string text = MentionText(mention, "", kNow, 80, kPlain);
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "alice commented on pull request #123 · 2 years ago, updated 3 min "
            "ago");
}

TEST(MentionTextTest, DescribesADeletedAccount) {
  Mention mention = AMention();
  mention.clear_author();
  mention.clear_created_at();
  mention.clear_updated_at();
  const std::string text = MentionText(mention, "", kNow, 80, kPlain);
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "a deleted account commented on pull request #123");
}

TEST(MentionTextTest, LeavesOutTheTimeOnANarrowTerminal) {
  const std::string text = MentionText(AMention(), "", kNow, 40, kPlain);
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "alice commented on pull request #123");
}

TEST(MentionTextTest, IsSafeToPrint) {
  Mention mention = AMention();
  mention.set_author("a\x1b[31m\n");
  mention.set_offsets(0, 0);
  mention.set_body("@octocat \x1b]8;;http://evil/\x1b\\click\u009b2J");
  mention.set_url("https://x/\x1b\\\x1b]0;t\x07");
  const std::string text =
      MentionText(mention, "", kNow, 80, {.hyperlinks = true});
  EXPECT_EQ(text,
            "a␛[31m  commented on pull request #123 · 3 min ago\n"
            "  @octocat ␛]8;;http://evil/␛\\click\uFFFD2J\n"
            "  https://x/␛\\␛]0;t␇\n"
            "\n");
}

TEST(MentionTextTest, LinksOnlyHttpAndHttpsUrls) {
  EXPECT_EQ(Linked(kTerminal, "file:///etc/passwd"), "file:///etc/passwd");
  EXPECT_EQ(Linked(kTerminal, "javascript:x"), "javascript:x");
  EXPECT_EQ(Linked(kTerminal, "https://ex\u00e4mple/"),
            "https://ex\u00e4mple/");
  EXPECT_EQ(Linked(kTerminal, "http://a/"),
            "\x1b]8;;http://a/\x1b\\http://a/\x1b]8;;\x1b\\");
}

}  // namespace
}  // namespace mentiond::terminal
