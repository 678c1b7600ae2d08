#include "client/terminal/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace mentiond::terminal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::variant<Options, EarlyExit> Parse(
    std::vector<std::string> arguments,
    const std::map<std::string, std::string>& environment = {}) {
  std::vector<const char*> argv = {"mentions"};
  for (const std::string& argument : arguments)
    argv.push_back(argument.c_str());
  return ParseOptions(
      static_cast<int>(argv.size()), argv.data(),
      [&environment](const std::string& name) -> std::optional<std::string> {
        const auto found = environment.find(name);
        if (found == environment.end()) return std::nullopt;
        return found->second;
      });
}

// The required arguments, followed by `more`.
std::vector<std::string> With(std::vector<std::string> more) {
  std::vector<std::string> all = {"--server=127.0.0.1:50051", "--user=octocat",
                                  "o/r"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Options ParseValid(const std::vector<std::string>& more,
                   const std::map<std::string, std::string>& environment = {}) {
  const auto parsed = Parse(With(more), environment);
  if (const auto* exit = std::get_if<EarlyExit>(&parsed)) {
    ADD_FAILURE() << exit->text;
    return {};
  }
  return std::get<Options>(parsed);
}

std::string UsageError(const std::vector<std::string>& arguments) {
  const auto parsed = Parse(arguments);
  const auto* exit = std::get_if<EarlyExit>(&parsed);
  if (exit == nullptr) return "(no error)";
  EXPECT_EQ(exit->code, 2);
  // One line for the error, and one for the hint.
  EXPECT_EQ(std::count(exit->text.begin(), exit->text.end(), '\n'), 2);
  EXPECT_THAT(exit->text, HasSubstr("\nTry 'mentions --help'"));
  return exit->text.substr(0, exit->text.find('\n'));
}

TEST(OptionsTest, HasDefaults) {
  const Options options = ParseValid({});
  EXPECT_EQ(options.server, "127.0.0.1:50051");
  EXPECT_EQ(options.user, "octocat");
  EXPECT_THAT(options.repos, ElementsAre("o/r"));
  EXPECT_EQ(options.format, OutputFormat::kText);
  EXPECT_EQ(options.since, std::nullopt);
  EXPECT_THAT(options.sources, IsEmpty());
  EXPECT_EQ(options.resume_file, "");
  EXPECT_EQ(options.token, "");
}

TEST(OptionsTest, ParsesAllArguments) {
  const Options options =
      ParseValid({"--format=json", "--since=2024-05-01T02:00:00+02:00",
                  "--resume_file=/tmp/token", "--color=never"});
  EXPECT_EQ(options.format, OutputFormat::kJson);
  EXPECT_EQ(options.since,
            absl::FromCivil(absl::CivilDay(2024, 5, 1), absl::UTCTimeZone()));
  EXPECT_EQ(options.resume_file, "/tmp/token");
  EXPECT_EQ(options.color, ColorChoice::kNever);
}

TEST(OptionsTest, SourcesCanBeRepeatedOrCommaSeparated) {
  using namespace ::mentions::v1;
  EXPECT_THAT(
      ParseValid({"--source=review,issue", "--source=issue_comment"}).sources,
      ElementsAre(SOURCE_REVIEW, SOURCE_ISSUE, SOURCE_ISSUE_COMMENT));
  EXPECT_THAT(ParseValid({"--source=pull_request,pull_request_comment,"
                          "review_comment,review,review"})
                  .sources,
              ElementsAre(SOURCE_PULL_REQUEST, SOURCE_PULL_REQUEST_COMMENT,
                          SOURCE_REVIEW_COMMENT, SOURCE_REVIEW));
  // The argument after a source is not taken as another source.
  const auto parsed =
      Parse({"--server=h:1", "--user=u", "--source", "review", "o/r"});
  ASSERT_TRUE(std::holds_alternative<Options>(parsed));
  EXPECT_THAT(std::get<Options>(parsed).repos, ElementsAre("o/r"));
}

TEST(OptionsTest, TakesSeveralRepositoriesAndSkippedAuthors) {
  const Options options =
      ParseValid({"a/b", "c/d", "--skip_author=x,y", "--skip_self",
                  "--skip_bots", "--skip_author", "z[bot]", "e/f"});
  EXPECT_THAT(options.repos, ElementsAre("o/r", "a/b", "c/d", "e/f"));
  EXPECT_THAT(options.skip_authors, ElementsAre("x", "y", "z[bot]"));
  EXPECT_TRUE(options.skip_self);
  EXPECT_TRUE(options.skip_bots);
}

TEST(OptionsTest, PrefersTheTokenCommand) {
  const Options options = ParseValid({"--token_command=gh auth token"},
                                     {{"GITHUB_TOKEN", "ghp_secret"}});
  EXPECT_EQ(options.token_command, "gh auth token");
  EXPECT_EQ(options.token, "");
  EXPECT_TRUE(options.has_token());
}

TEST(OptionsTest, NamesTheFilesForTls) {
  const Options options =
      ParseValid({"--tls", "--tls_ca=a", "--tls_cert=b", "--tls_key=c"});
  EXPECT_TRUE(options.tls);
  EXPECT_EQ(options.tls_ca + options.tls_cert + options.tls_key, "abc");
  EXPECT_FALSE(ParseValid({}).tls);
  EXPECT_THAT(UsageError(With({"--tls_ca=a"})), HasSubstr("need --tls"));
  EXPECT_THAT(UsageError(With({"--tls", "--tls_key=c"})),
              HasSubstr("--tls_cert and --tls_key"));
}

TEST(OptionsTest, ParsesTheHistoryMode) {
  EXPECT_EQ(ParseValid({}).history, ::mentions::v1::HISTORY_UNSPECIFIED);
  const struct {
    const char* argument;
    ::mentions::v1::History history;
  } cases[] = {
      {"--history=complete", ::mentions::v1::HISTORY_COMPLETE},
      {"--history=search", ::mentions::v1::HISTORY_SEARCH},
      {"--history=none", ::mentions::v1::HISTORY_NONE},
  };
  for (const auto& [argument, history] : cases) {
    EXPECT_EQ(ParseValid({argument}).history, history) << argument;
  }
  for (const char* argument :
       {"--history=", "--history=all", "--history=Complete",
        "--history=HISTORY_NONE", "--history=1"}) {
    EXPECT_THAT(UsageError(With({argument})), HasSubstr("--history"))
        << argument;
  }
}

TEST(OptionsTest, AcceptsATokenOnlyFromTheEnvironment) {
  EXPECT_EQ(ParseValid({}, {{"GITHUB_TOKEN", "ghp_secret"}}).token,
            "ghp_secret");
  const std::string error = UsageError(With({"--token=ghp_secret"}));
  EXPECT_THAT(error, HasSubstr("GITHUB_TOKEN"));
  EXPECT_THAT(error, Not(HasSubstr("ghp_secret")));
}

TEST(OptionsTest, NamesTheInvalidArgument) {
  EXPECT_EQ(UsageError({}), "mentions: --server=ADDR:PORT is missing");
  EXPECT_EQ(UsageError({"--server=h:1", "o/r"}),
            "mentions: --user=LOGIN is missing");
  EXPECT_EQ(UsageError({"--server=h:1", "--user=@", "o/r"}),
            "mentions: --user=LOGIN is missing");
  EXPECT_EQ(UsageError({"--server=h:1", "--user=u"}),
            "mentions: the repository (OWNER/NAME) is missing");
  EXPECT_THAT(UsageError(With({"--format=xml"})), HasSubstr("--format"));
  EXPECT_THAT(UsageError(With({"--color=blue"})), HasSubstr("--color"));
  EXPECT_THAT(UsageError(With({"--source=reviews"})),
              HasSubstr("--source: unknown: reviews"));
  EXPECT_THAT(UsageError(With({"--bogus"})), HasSubstr("--bogus"));
  EXPECT_THAT(UsageError(With({"o/x", "O/R"})),
              HasSubstr("the repository is given twice: O/R"));
}

TEST(OptionsTest, SinceRequiresADateATimeAndAZone) {
  for (const char* since : {"yesterday", "2024-05-01", "2024-05-01T00:00:00",
                            "2024-13-01T00:00:00Z", "infinite-past"}) {
    EXPECT_THAT(UsageError(With({std::string("--since=") + since})),
                HasSubstr("--since"))
        << since;
  }
}

TEST(OptionsTest, ServerRequiresAHostAndAPort) {
  for (const char* server :
       {"localhost:50051", "mentiond.example:1", "[::1]:65535"}) {
    EXPECT_TRUE(std::holds_alternative<Options>(
        Parse({std::string("--server=") + server, "--user=u", "o/r"})))
        << server;
  }
  for (const char* server : {"localhost", "h:", ":1", "h:0", "h:65536", "h:x",
                             "::1:50051", "http://h:1", "h:-1", "h: 1"}) {
    EXPECT_THAT(
        UsageError({std::string("--server=") + server, "--user=u", "o/r"}),
        HasSubstr("--server"))
        << server;
  }
}

TEST(OptionsTest, ErrorMessagesAreSafeToPrint) {
  EXPECT_THAT(UsageError(With({"--format=\x1b[2J\n"})), HasSubstr("␛[2J"));
  EXPECT_LT(UsageError(With({"--source=" + std::string(9999, 'x')})).size(),
            400u);
}

TEST(OptionsTest, HelpExplainsHowToPassTheToken) {
  const auto parsed = Parse({"--help"});
  const auto& exit = std::get<EarlyExit>(parsed);
  EXPECT_EQ(exit.code, 0);
  EXPECT_THAT(exit.text, HasSubstr("mentions --server=ADDR:PORT --user=LOGIN"));
  EXPECT_THAT(exit.text, HasSubstr("GITHUB_TOKEN"));
  EXPECT_THAT(exit.text, HasSubstr("`ps`"));
  EXPECT_THAT(exit.text, HasSubstr("--history MODE"));
  const auto version = std::get<EarlyExit>(Parse({"--version"}));
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.text, testing::StartsWith("mentions "));
}

TEST(OptionsTest, UsesColoursOnlyIfSupportedAndEnabled) {
  const std::map<std::string, std::string> xterm = {{"TERM", "xterm"}};
  EXPECT_TRUE(ParseValid({}, xterm).Style(true).colors);
  EXPECT_FALSE(ParseValid({}, xterm).Style(false).colors);
  EXPECT_FALSE(ParseValid({"--color=never"}, xterm).Style(true).colors);
  EXPECT_TRUE(ParseValid({"--color=always"}, xterm).Style(false).colors);
  EXPECT_FALSE(ParseValid({}, {{"TERM", "dumb"}}).Style(true).colors);
  EXPECT_FALSE(ParseValid({}, {}).Style(true).colors);
  EXPECT_FALSE(ParseValid({}, {{"TERM", "xterm"}, {"NO_COLOR", "1"}})
                   .Style(true)
                   .colors);
  EXPECT_TRUE(
      ParseValid({}, {{"TERM", "xterm"}, {"NO_COLOR", ""}}).Style(true).colors);
  EXPECT_TRUE(
      ParseValid({"--color=always"}, {{"TERM", "xterm"}, {"NO_COLOR", "1"}})
          .Style(true)
          .colors);
}

TEST(OptionsTest, UsesHyperlinksOnlyOnATerminal) {
  const std::map<std::string, std::string> xterm = {{"TERM", "xterm"}};
  EXPECT_TRUE(ParseValid({}, xterm).Style(true).hyperlinks);
  EXPECT_FALSE(ParseValid({"--color=always"}, xterm).Style(false).hyperlinks);
  EXPECT_FALSE(ParseValid({}, {{"TERM", "dumb"}}).Style(true).hyperlinks);
}

TEST(OptionsTest, RejectsInvalidUtf8WithoutPrintingIt) {
  const std::string error =
      UsageError({"--server=127.0.0.1:50051", "--user=\xff", "o/r"});
  EXPECT_THAT(error, HasSubstr("not UTF-8"));
  EXPECT_THAT(error, Not(HasSubstr("\xff")));
  const auto parsed = Parse(With({}), {{"GITHUB_TOKEN", "ghp_\xff"}});
  const auto* exit = std::get_if<EarlyExit>(&parsed);
  ASSERT_NE(exit, nullptr);
  EXPECT_EQ(exit->code, 2);
  EXPECT_THAT(exit->text, HasSubstr("GITHUB_TOKEN"));
  EXPECT_THAT(exit->text, Not(HasSubstr("ghp_")));
}

}  // namespace
}  // namespace mentiond::terminal
