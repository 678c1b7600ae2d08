// What the program was asked to do: its arguments and environment, read once.

#ifndef MENTIOND_CLIENT_OPTIONS_H_
#define MENTIOND_CLIENT_OPTIONS_H_

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"

#include "client/text_style.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

enum class OutputFormat { kText, kJson };
enum class ColorChoice { kAuto, kAlways, kNever };

struct Options {
  // HOST:PORT.
  std::string server;
  // As given; the server decides whether these are a login and a repository.
  std::string user;
  std::string repo;
  OutputFormat format = OutputFormat::kText;
  std::optional<absl::Time> since;
  // Each once; empty: the server's default.
  std::vector<::mentions::v1::Source> sources;
  // HISTORY_UNSPECIFIED: not given, and left out of the request.
  ::mentions::v1::History history = ::mentions::v1::HISTORY_UNSPECIFIED;
  // Empty: none.
  std::string resume_file;
  ColorChoice color = ColorChoice::kAuto;
  // From $GITHUB_TOKEN; empty: none. Never to be printed.
  std::string token;
  // $NO_COLOR is set to something (no-color.org).
  bool no_color = false;
  // $TERM names a terminal that understands no escape sequences, or none.
  bool dumb_terminal = false;

  // How to draw on an output that is, or is not, a terminal.
  TextStyle Style(bool is_terminal) const;
};

// To print and exit with, instead of running.
struct EarlyExit {
  // 0 for help and version, 2 for a usage error.
  int code = 0;
  // For standard output (code 0) or standard error; with its line end.
  std::string text;
};

// An environment variable's value; nullopt when it is not set.
using Environment =
    std::function<std::optional<std::string>(const std::string& name)>;

// Pure: prints nothing and ends nothing. `argv[0]` is skipped.
std::variant<Options, EarlyExit> ParseOptions(int argc, const char* const* argv,
                                              const Environment& environment);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_OPTIONS_H_
