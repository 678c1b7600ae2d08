// The program's options, read from its arguments and environment.

#ifndef MENTIOND_CLIENT_TERMINAL_OPTIONS_H_
#define MENTIOND_CLIENT_TERMINAL_OPTIONS_H_

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"

#include "client/terminal/text_style.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond::terminal {

enum class OutputFormat { kText, kJson };
enum class ColorChoice { kAuto, kAlways, kNever };

struct Options {
  // HOST:PORT.
  std::string server;
  // Whether the connection is encrypted, and the PEM files for that: the
  // server's authorities (empty: the system's), and the program's own
  // certificate and key, if it needs one.
  bool tls = false;
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  // As given; validated by the server. At least one repository, none twice.
  std::string user;
  std::vector<std::string> repos;
  OutputFormat format = OutputFormat::kText;
  std::optional<absl::Time> since;
  // Without duplicates. Empty: the server's default.
  std::vector<::mentions::v1::Source> sources;
  // HISTORY_UNSPECIFIED: not given, and not sent.
  ::mentions::v1::History history = ::mentions::v1::HISTORY_UNSPECIFIED;
  // Empty: none.
  std::string resume_file;
  bool skip_self = false;
  bool skip_bots = false;
  std::vector<std::string> skip_authors;
  ColorChoice color = ColorChoice::kAuto;
  // From $GITHUB_TOKEN; empty: none, or from the command. Must never be
  // printed.
  std::string token;
  // Prints a token; empty: none.
  std::string token_command;
  // $NO_COLOR is set and not empty (see no-color.org).
  bool no_color = false;
  // $TERM is "dumb", empty or not set: escape sequences are not supported.
  bool dumb_terminal = false;

  bool has_token() const { return !token.empty() || !token_command.empty(); }

  // The style for an output that is or is not a terminal.
  TextStyle Style(bool is_terminal) const;
};

// Text to print and a code to exit with, instead of running.
struct EarlyExit {
  // 0 for help and version, 2 for a usage error.
  int code = 0;
  // For standard output (code 0) or standard error; ends in a newline.
  std::string text;
};

// Returns the value of an environment variable; nullopt if it is not set.
using Environment =
    std::function<std::optional<std::string>(const std::string& name)>;

// Has no side effects: does not print or exit. Skips `argv[0]`.
std::variant<Options, EarlyExit> ParseOptions(int argc, const char* const* argv,
                                              const Environment& environment);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_OPTIONS_H_
