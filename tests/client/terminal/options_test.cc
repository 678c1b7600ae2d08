#include "client/terminal/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mentiond::terminal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Variables = std::map<std::string, std::string>;

std::variant<Options, EarlyExit> Parse(
    const std::vector<std::string>& arguments,
    const Variables& environment = {}) {
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
std::vector<std::string> With(const std::vector<std::string>& more) {
  std::vector<std::string> all = {"--server=127.0.0.1:50051", "--user=octocat",
                                  "o/r"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Options ParseValid(const std::vector<std::string>& more,
                   const Variables& environment = {}) {
  const auto parsed = Parse(With(more), environment);
  if (const auto* exit = std::get_if<EarlyExit>(&parsed)) {
    ADD_FAILURE() << exit->text;
    return {};
  }
  return std::get<Options>(parsed);
}

std::string UsageError(const std::vector<std::string>& arguments,
                       const Variables& environment = {}) {
  const auto parsed = Parse(arguments, environment);
  const auto* exit = std::get_if<EarlyExit>(&parsed);
  if (exit == nullptr) return "(no error)";
  EXPECT_EQ(exit->code, 2);
  // One line for the error, and one for the hint.
  EXPECT_EQ(std::count(exit->text.begin(), exit->text.end(), '\n'), 2);
  EXPECT_THAT(exit->text, HasSubstr("\nTry 'mentions --help'"));
  return exit->text.substr(0, exit->text.find('\n'));
}

// All of them.
auto Fields(const Options& of) {
  return std::tie(of.server, of.tls, of.tls_ca, of.tls_cert, of.tls_key,
                  of.user, of.repos, of.format, of.since, of.sources,
                  of.history, of.resume_file, of.skip_self, of.skip_bots,
                  of.skip_authors, of.color, of.token, of.token_command,
                  of.no_color, of.dumb_terminal);
}

TEST(OptionsTest, HaveDefaultsAndAreSetByArguments) {
  using namespace ::mentions::v1;
  Options expected = {.server = "127.0.0.1:50051",
                      .user = "octocat",
                      .repos = {"o/r"},
                      .dumb_terminal = true};
  EXPECT_EQ(Fields(ParseValid({})), Fields(expected));
  for (const char* flag : {"--skip_self", "--skip_bots", "--tls"}) {
    const Options options = ParseValid({flag});
    EXPECT_EQ(options.skip_self + options.skip_bots + options.tls, 1) << flag;
  }
  expected.tls = expected.skip_self = expected.skip_bots = true;
  expected.tls_ca = "a";
  expected.tls_cert = "b";
  expected.tls_key = "c";
  expected.repos = {"o/r", "a/b", "e/f", "c/d"};
  expected.format = OutputFormat::kJson;
  expected.since =
      absl::FromCivil(absl::CivilDay(2024, 5, 1), absl::UTCTimeZone());
  expected.sources = {SOURCE_REVIEW, SOURCE_ISSUE_COMMENT, SOURCE_ISSUE};
  expected.history = HISTORY_COMPLETE;
  expected.resume_file = "d";
  expected.skip_authors = {"x", "y", "z[bot]"};
  expected.color = ColorChoice::kNever;
  expected.token_command = "e f";
  EXPECT_EQ(Fields(ParseValid(
                {"--format=json", "--since=2024-05-01T02:00:00+02:00",
                 "--color=never", "--resume_file=d", "--tls", "--tls_ca=a",
                 "--tls_cert=b", "--tls_key=c", "--history=complete", "a/b",
                 "--token_command=e f", "--skip_author=x,y", "--skip_self",
                 // The argument after one is not taken as another.
                 "--skip_bots", "--skip_author", "z[bot]", "e/f", "--source",
                 "review", "c/d",
                 // They can be repeated or separated by commas, and count once.
                 "--source=issue_comment,review,issue"})),
            Fields(expected));
  EXPECT_THAT(
      ParseValid({"--source=pull_request,pull_request_comment,review_comment"})
          .sources,
      ElementsAre(SOURCE_PULL_REQUEST, SOURCE_PULL_REQUEST_COMMENT,
                  SOURCE_REVIEW_COMMENT));
  EXPECT_EQ(ParseValid({"--history=search"}).history, HISTORY_SEARCH);
  EXPECT_EQ(ParseValid({"--history=none"}).history, HISTORY_NONE);
  for (const char* server :
       {"localhost:50051", "mentiond.example:1", "[::1]:65535"}) {
    const auto parsed =
        Parse({absl::StrCat("--server=", server), "--user=u", "o/r"});
    EXPECT_TRUE(std::holds_alternative<Options>(parsed)) << server;
  }
}

TEST(OptionsTest, TheTokenIsFromTheEnvironmentOrACommand) {
  const Variables token = {{"GITHUB_TOKEN", "ghp_secret"}};
  EXPECT_EQ(ParseValid({}, token).token, "ghp_secret");
  EXPECT_TRUE(ParseValid({}, token).has_token());
  const Options options = ParseValid({"--token_command=gh auth token"}, token);
  EXPECT_EQ(options.token, "");
  EXPECT_TRUE(options.has_token());
  // One in an argument is not repeated.
  for (const char* flag : {"--token=ghp_secret", "--github_token=ghp_secret"}) {
    const std::string error = UsageError(With({flag}));
    EXPECT_THAT(error, HasSubstr("set GITHUB_TOKEN"));
    EXPECT_THAT(error, Not(HasSubstr("ghp_secret")));
  }
}

TEST(OptionsTest, NamesTheInvalidArgument) {
  const struct {
    std::vector<std::string> arguments;
    const char* error;
  } cases[] = {
      {{}, "mentions: --server=ADDR:PORT is missing"},
      {{"--server=h:1", "o/r"}, "mentions: --user=LOGIN is missing"},
      {{"--server=h:1", "--user=@", "o/r"},
       "mentions: --user=LOGIN is missing"},
      {{"--server=h:1", "--user=u"},
       "mentions: the repository (OWNER/NAME) is missing"},
      {With({""}), "a repository's name is empty"},
      {With({"o/x", "O/R"}), "the repository is given twice: O/R"},
      {With({"--bogus"}), "--bogus"},
      {With({"--format=xml"}), "--format"},
      {With({"--color=blue"}), "--color"},
      {With({"--source=reviews"}), "--source: unknown: reviews"},
      {With({"--token_command", ""}), "--token_command: the command is empty"},
      {With({"--tls_ca=a"}), "need --tls"},
      {With({"--tls", "--tls_key=c"}), "--tls_cert and --tls_key"},
      // It is safe to print.
      {With({"--format=\x1b[2J\n"}), "␛[2J"},
      {With({"--user=\xff"}), "mentions: an argument is not UTF-8"},
  };
  for (const auto& [arguments, error] : cases) {
    EXPECT_THAT(UsageError(arguments), HasSubstr(error));
  }
  EXPECT_LT(UsageError(With({"--source=" + std::string(9999, 'x')})).size(),
            400u);
  EXPECT_EQ(UsageError(With({}), {{"GITHUB_TOKEN", "ghp_\xff"}}),
            "mentions: GITHUB_TOKEN is not UTF-8");

  const std::map<std::string, std::vector<std::string>> values = {
      {"--history", {"", "all", "Complete", "HISTORY_NONE", "1"}},
      {"--since",
       {"yesterday", "2024-05-01", "2024-05-01T00:00:00",
        "2024-13-01T00:00:00Z", "infinite-past"}},
      {"--server",
       {"localhost", "h:", ":1", "h:0", "h:65536", "h:x", "::1:50051",
        "http://h:1", "h:-1", "h: 1"}},
  };
  for (const auto& [flag, wrong] : values) {
    for (const std::string& value : wrong) {
      std::vector<std::string> arguments = {"--user=u", "o/r"};
      if (flag != "--server") arguments.push_back("--server=h:1");
      arguments.push_back(absl::StrCat(flag, "=", value));
      EXPECT_THAT(UsageError(arguments), HasSubstr(flag)) << value;
    }
  }
}

TEST(OptionsTest, HelpExplainsHowToPassTheToken) {
  const auto help = std::get<EarlyExit>(Parse({"--help"}));
  EXPECT_EQ(help.code, 0);
  for (const char* words : {"mentions --server=ADDR:PORT --user=LOGIN",
                            "GITHUB_TOKEN", "`ps`", "--history MODE"}) {
    EXPECT_THAT(help.text, HasSubstr(words));
  }
  const auto version = std::get<EarlyExit>(Parse({"--version"}));
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.text, testing::StartsWith("mentions "));
}

TEST(OptionsTest, UsesColoursAndLinksOnlyIfSupportedAndEnabled) {
  const struct {
    std::vector<std::string> arguments;
    Variables environment;
    bool terminal;
    bool colors;
    bool hyperlinks;
  } cases[] = {
      {{}, {{"TERM", "xterm"}}, true, true, true},
      {{}, {{"TERM", "xterm"}}, false, false, false},
      {{}, {{"TERM", "dumb"}}, true, false, false},
      {{}, {}, true, false, false},
      {{}, {{"TERM", "xterm"}, {"NO_COLOR", "1"}}, true, false, true},
      {{}, {{"TERM", "xterm"}, {"NO_COLOR", ""}}, true, true, true},
      {{"--color=never"}, {{"TERM", "xterm"}}, true, false, true},
      {{"--color=always"}, {{"NO_COLOR", "1"}}, true, true, false},
      {{"--color=always"}, {{"TERM", "xterm"}}, false, true, false},
  };
  for (const auto& row : cases) {
    const TextStyle style =
        ParseValid(row.arguments, row.environment).Style(row.terminal);
    EXPECT_EQ(style.colors, row.colors) << &row - cases;
    EXPECT_EQ(style.hyperlinks, row.hyperlinks) << &row - cases;
  }
}

}  // namespace
}  // namespace mentiond::terminal
