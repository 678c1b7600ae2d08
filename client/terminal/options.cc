#include "client/terminal/options.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <CLI/CLI.hpp>

#include "client/terminal/display_width.h"
#include "client/terminal/printable.h"
#include "lib/base/utf8.h"
#include "lib/base/version.h"

namespace mentiond::terminal {
namespace {

std::string VersionLine() { return absl::StrCat("mentions ", kVersion, "\n"); }

constexpr char kDescription[] =
    "Prints the places in the pull requests of GitHub repositories where a "
    "user\n"
    "is mentioned: existing mentions first, then new ones as they appear.\n";

constexpr char kFooter[] =
    "\nEnvironment:\n"
    "  GITHUB_TOKEN  the GitHub token (not set: anonymous access to public\n"
    "                repositories, 60 requests an hour). There is no option\n"
    "                for it, because `ps` shows arguments to all users.\n"
    "  NO_COLOR      disables colours, unless --color=always is given\n"
    "\n"
    "Mentions are printed on standard output, everything else on standard\n"
    "error. Exit codes: 0 if ended by Ctrl-C, SIGTERM or SIGHUP, or because "
    "the\n"
    "output was closed; 1 if the stream failed; 2 for a usage error.\n";

const std::map<std::string, ::mentions::v1::Source>& Sources() {
  static const auto* const sources =
      new std::map<std::string, ::mentions::v1::Source>{
          {"pull_request", ::mentions::v1::SOURCE_PULL_REQUEST},
          {"pull_request_comment", ::mentions::v1::SOURCE_PULL_REQUEST_COMMENT},
          {"review_comment", ::mentions::v1::SOURCE_REVIEW_COMMENT},
          {"review", ::mentions::v1::SOURCE_REVIEW},
          {"issue", ::mentions::v1::SOURCE_ISSUE},
          {"issue_comment", ::mentions::v1::SOURCE_ISSUE_COMMENT},
      };
  return *sources;
}

const std::map<std::string, ::mentions::v1::History>& Histories() {
  static const auto* const histories =
      new std::map<std::string, ::mentions::v1::History>{
          {"complete", ::mentions::v1::HISTORY_COMPLETE},
          {"search", ::mentions::v1::HISTORY_SEARCH},
          {"none", ::mentions::v1::HISTORY_NONE},
      };
  return *histories;
}

EarlyExit UsageError(const std::string& why) {
  // An argument may contain anything; long messages are truncated.
  const std::string line = CutEnd(Printable(why), 300);
  return {2, absl::StrCat("mentions: ", line,
                          "\nTry 'mentions --help' for more information.\n")};
}

// Whether `server` is HOST:PORT, with brackets around IPv6 addresses.
bool IsHostAndPort(const std::string& server) {
  const size_t colon = server.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  const std::string host = server.substr(0, colon);
  const std::string port = server.substr(colon + 1);
  int number = 0;
  const bool digits = !port.empty() && port.size() <= 5 &&
                      std::all_of(port.begin(), port.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || !absl::SimpleAtoi(port, &number)) return false;
  if (number < 1 || number > 65535) return false;
  if (host.find_first_of("/ ") != std::string::npos) return false;
  const bool bracketed = host.front() == '[' && host.back() == ']';
  return bracketed || host.find(':') == std::string::npos;
}

// CLI11's help, with the required options in the usage line.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: mentions --server=ADDR:PORT --user=LOGIN [OPTIONS] "
           "OWNER/NAME...\n";
  }
  std::string make_positionals(const CLI::App*) const override { return ""; }
};

// The options as CLI11 parses them, before validation.
struct RawOptions {
  Options options;
  std::string format = "text";
  std::string since;
  std::vector<std::string> sources;
  std::optional<std::string> history;
  std::optional<std::string> token_command;
  std::string color = "auto";
};

void Declare(CLI::App& app, RawOptions& raw) {
  app.footer(kFooter);
  auto formatter = std::make_shared<HelpFormatter>();
  formatter->column_width(28);
  app.formatter(std::move(formatter));
  app.add_option("repo", raw.options.repos, "the repositories")
      ->type_name("OWNER/NAME");
  app.add_option("--server", raw.options.server, "the address of mentiond")
      ->type_name("ADDR:PORT");
  app.add_flag("--tls", raw.options.tls, "encrypt the connection");
  app.add_option("--tls_ca", raw.options.tls_ca,
                 "the authorities to trust, in PEM, instead of the\n"
                 "system's")
      ->type_name("PATH");
  app.add_option("--tls_cert", raw.options.tls_cert,
                 "this program's certificate, in PEM, if the server\n"
                 "wants one; with --tls_key")
      ->type_name("PATH");
  app.add_option("--tls_key", raw.options.tls_key, "the certificate's key")
      ->type_name("PATH");
  app.add_option("--user", raw.options.user,
                 "whose mentions to show; also a team as org/team,\n"
                 "or '*' for anyone's")
      ->type_name("LOGIN");
  app.add_option("--format", raw.format,
                 "text (default), or json: one event per line")
      ->type_name("text|json");
  app.add_option("--since", raw.since,
                 "leave out mentions last changed before this time,\n"
                 "for example 2024-05-01T00:00:00Z")
      ->type_name("RFC3339");
  app.add_option("--source", raw.sources,
                 "where to look (may be repeated or comma-separated):\n"
                 "pull_request, pull_request_comment,\n"
                 "review_comment, review (the default is these\n"
                 "four), issue, issue_comment")
      ->type_name("SOURCE")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--history", raw.history,
                 "which existing mentions to print first:\n"
                 "complete (default): all; reads the whole repository\n"
                 "search: those that GitHub's search finds; much\n"
                 "  cheaper for very large repositories, but may\n"
                 "  miss some\n"
                 "none: no existing mentions, only new ones\n"
                 "A resumed stream keeps its original mode.")
      ->type_name("MODE");
  app.add_option("--token_command", raw.token_command,
                 "a command that prints the GitHub token, instead of\n"
                 "GITHUB_TOKEN: for tokens that expire, as it is run\n"
                 "again for a new one; for example 'gh auth token'")
      ->type_name("CMD");
  app.add_flag("--skip_self", raw.options.skip_self,
               "leave out what the user wrote");
  app.add_flag("--skip_bots", raw.options.skip_bots,
               "leave out what bots wrote");
  app.add_option("--skip_author", raw.options.skip_authors,
                 "leave out what these users and apps wrote (may be\n"
                 "repeated or comma-separated)")
      ->type_name("LOGIN")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--resume_file", raw.options.resume_file,
                 "resume where the last run with this file ended")
      ->type_name("PATH");
  app.add_option("--color", raw.color, "auto (default), always or never")
      ->type_name("WHEN");
  app.set_version_flag("--version", VersionLine(), "print the version");
}

// Validates what can be validated without a server; nullopt if valid.
std::optional<EarlyExit> Validate(RawOptions& raw) {
  Options& options = raw.options;
  if (options.server.empty()) {
    return UsageError("--server=ADDR:PORT is missing");
  }
  if (!IsHostAndPort(options.server)) {
    return UsageError(absl::StrCat(
        "--server: not ADDR:PORT (like 127.0.0.1:50051): ", options.server));
  }
  if (options.user.empty() || options.user == "@") {
    return UsageError("--user=LOGIN is missing");
  }
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return UsageError("--tls_cert and --tls_key are only of use together");
  }
  if (!options.tls && !(options.tls_ca + options.tls_cert).empty()) {
    return UsageError("--tls_ca, --tls_cert and --tls_key need --tls");
  }
  if (raw.token_command && raw.token_command->empty()) {
    return UsageError("--token_command: the command is empty");
  }
  options.token_command = raw.token_command.value_or("");
  if (options.repos.empty()) {
    return UsageError("the repository (OWNER/NAME) is missing");
  }
  absl::flat_hash_set<std::string> seen;
  for (const std::string& repo : options.repos) {
    if (repo.empty()) return UsageError("a repository's name is empty");
    if (!seen.insert(absl::AsciiStrToLower(repo)).second) {
      return UsageError(absl::StrCat("the repository is given twice: ", repo));
    }
  }
  if (raw.format != "text" && raw.format != "json") {
    return UsageError(
        absl::StrCat("--format: neither text nor json: ", raw.format));
  }
  options.format =
      raw.format == "json" ? OutputFormat::kJson : OutputFormat::kText;
  if (raw.color == "always") {
    options.color = ColorChoice::kAlways;
  } else if (raw.color == "never") {
    options.color = ColorChoice::kNever;
  } else if (raw.color != "auto") {
    return UsageError(
        absl::StrCat("--color: not auto, always or never: ", raw.color));
  }
  if (!raw.since.empty()) {
    absl::Time since;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, raw.since, &since, &error) ||
        since == absl::InfiniteFuture() || since == absl::InfinitePast()) {
      return UsageError(absl::StrCat(
          "--since: not a time like 2024-05-01T00:00:00Z: ", raw.since));
    }
    options.since = since;
  }
  for (const std::string& name : raw.sources) {
    const auto found = Sources().find(name);
    if (found == Sources().end()) {
      return UsageError(absl::StrCat("--source: unknown: ", name));
    }
    auto& sources = options.sources;
    if (std::find(sources.begin(), sources.end(), found->second) ==
        sources.end()) {
      sources.push_back(found->second);
    }
  }
  if (raw.history) {
    const auto found = Histories().find(*raw.history);
    if (found == Histories().end()) {
      return UsageError(absl::StrCat(
          "--history: not complete, search or none: ", *raw.history));
    }
    options.history = found->second;
  }
  return std::nullopt;
}

// A token on the command line is already exposed in the shell's history and in
// `ps`; it must not be repeated in an error message.
bool HasTokenArgument(int argc, const char* const* argv) {
  return std::any_of(argv + std::min(argc, 1), argv + argc,
                     [](const char* argument) {
                       return absl::StartsWith(argument, "--github_token") ||
                              (absl::StartsWith(argument, "--token") &&
                               !absl::StartsWith(argument, "--token_command"));
                     });
}

}  // namespace

TextStyle Options::Style(bool is_terminal) const {
  const bool escapes = is_terminal && !dumb_terminal;
  return {
      .colors = color == ColorChoice::kAlways ||
                (color == ColorChoice::kAuto && escapes && !no_color),
      .hyperlinks = escapes,
  };
}

std::variant<Options, EarlyExit> ParseOptions(int argc, const char* const* argv,
                                              const Environment& environment) {
  if (HasTokenArgument(argc, argv)) {
    return UsageError(
        "tokens are not accepted as arguments, because `ps` would show them: "
        "set GITHUB_TOKEN, or give --token_command");
  }
  // Other bytes can neither be sent nor shown in an error message.
  if (!std::all_of(argv, argv + argc,
                   [](const char* argument) { return IsUtf8(argument); })) {
    return UsageError("an argument is not UTF-8");
  }
  RawOptions raw;
  CLI::App app(kDescription);
  try {
    Declare(app, raw);
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return EarlyExit{0, app.help()};
  } catch (const CLI::CallForVersion&) {
    return EarlyExit{0, VersionLine()};
  } catch (const CLI::Error& error) {
    return UsageError(error.what());
  }
  if (std::optional<EarlyExit> error = Validate(raw)) return *std::move(error);
  if (!IsUtf8(environment("GITHUB_TOKEN").value_or(""))) {
    return UsageError("GITHUB_TOKEN is not UTF-8");
  }
  Options options = std::move(raw.options);
  if (options.token_command.empty()) {
    options.token = environment("GITHUB_TOKEN").value_or("");
  }
  options.no_color = !environment("NO_COLOR").value_or("").empty();
  const std::string term = environment("TERM").value_or("");
  options.dumb_terminal = term.empty() || term == "dumb";
  return options;
}

}  // namespace mentiond::terminal
