#include "server/options.h"

#include <sstream>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "lib/base/version.h"

namespace mentiond {
namespace {

// Far more than any machine holds.
constexpr int kMaxStreams = 10'000'000;
// An edit that the issues listing does not show is late by so many polls.
constexpr int kMaxFullPollEvery = 1'000;
// GitHub's secondary limit is 100 requests at a time.
constexpr int kMaxRequestsPerToken = 100;
constexpr int kMaxBufferBytes = 1 << 30;

std::string CheckDuration(const std::string& text) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) {
    return "must be a duration such as 60s, 1m30s or 500ms";
  }
  return duration > absl::ZeroDuration() ? "" : "must be longer than nothing";
}

std::string CheckApiUrl(const std::string& text) {
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, "https://") &&
      !absl::ConsumePrefix(&rest, "http://")) {
    return "must be an http or https URL";
  }
  if (rest.empty() || rest.front() == '/') return "must name a host";
  if (absl::StrContains(rest, '@') || absl::StrContains(rest, '?') ||
      absl::StrContains(rest, '#')) {
    return "must be a plain URL without user, query or fragment";
  }
  return "";
}

}  // namespace

std::variant<ServerOptions, ExitEarly> ParseServerOptions(
    int argc, const char* const* argv) {
  ServerOptions options;
  std::string poll_interval = absl::FormatDuration(options.poll_interval);
  std::string full_read_interval =
      absl::FormatDuration(options.full_read_interval);
  std::string slow_reader_timeout =
      absl::FormatDuration(options.slow_reader_timeout);
  std::string dead_client_timeout =
      absl::FormatDuration(options.dead_client_timeout);

  CLI::App app(
      "Streams the places in a GitHub repository's pull requests where a user "
      "is mentioned, over gRPC (mentions.v1.MentionService).",
      "mentiond");
  app.set_version_flag("--version", absl::StrCat("mentiond ", kVersion));
  app.add_option("--listen", options.listen,
                 "Where to serve gRPC; port 0 takes a free one, the log says "
                 "which. The service has no TLS of its own: clients' tokens "
                 "pass here in the clear")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  app.add_option("--github_api", options.github_api,
                 "The GitHub REST API; for Enterprise Server "
                 "https://HOST/api/v3")
      ->type_name("URL")
      ->check(CLI::Validator(CheckApiUrl, ""))
      ->capture_default_str();
  app.add_option("--poll_interval", poll_interval,
                 "How often to look for new mentions")
      ->type_name("DURATION")
      ->check(CLI::Validator(CheckDuration, ""))
      ->capture_default_str();
  app.add_option("--full_poll_every", options.full_poll_every,
                 "Ask for all comments in every N-th poll even if the "
                 "repository's issues and pull requests have not moved; 1: "
                 "always")
      ->type_name("N")
      ->check(CLI::Validator(CLI::Range(1, kMaxFullPollEvery)).description(""))
      ->capture_default_str();
  app.add_option("--full_read_interval", full_read_interval,
                 "How often to read every pull request again, to find edits of "
                 "reviews that GitHub's listings do not show")
      ->type_name("DURATION")
      ->check(CLI::Validator(CheckDuration, ""))
      ->capture_default_str();
  app.add_option("--requests_per_token", options.requests_per_token,
                 "How many requests of one token may be under way at a time; "
                 "GitHub asks for one")
      ->type_name("COUNT")
      ->check(
          CLI::Validator(CLI::Range(1, kMaxRequestsPerToken)).description(""))
      ->capture_default_str();
  app.add_option("--slow_reader_timeout", slow_reader_timeout,
                 "A client that takes nothing for so long, though something "
                 "waits for it, loses its stream; it can resume")
      ->type_name("DURATION")
      ->check(CLI::Validator(CheckDuration, ""))
      ->capture_default_str();
  app.add_option("--dead_client_timeout", dead_client_timeout,
                 "A client whose machine answers nothing for so long, not even "
                 "a ping, is taken for gone; below 20s also one that is busy "
                 "elsewhere, as gRPC looks for pings every 5s then")
      ->type_name("DURATION")
      ->check(CLI::Validator(CheckDuration, ""))
      ->capture_default_str();
  app.add_option("--stream_buffer_bytes", options.stream_buffer_bytes,
                 "How much may wait for a slow client before its stream reads "
                 "no further")
      ->type_name("BYTES")
      ->check(CLI::Validator(CLI::Range(1, kMaxBufferBytes)).description(""))
      ->capture_default_str();
  app.add_option("--github_ca_file", options.github_ca_file,
                 "PEM certificates to trust for GitHub instead of the system's")
      ->type_name("FILE")
      ->check(CLI::ExistingFile.description(""));
  app.add_option("--max_streams", options.max_streams,
                 "How many streams may be open at a time; more are refused")
      ->type_name("COUNT")
      ->check(CLI::Validator(CLI::Range(1, kMaxStreams)).description(""))
      ->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const bool asked_for = app.exit(error, out, err) == 0;
    return asked_for ? ExitEarly{out.str(), 0}
                     : ExitEarly{absl::StrCat("mentiond: ", err.str()), 2};
  }
  absl::ParseDuration(poll_interval, &options.poll_interval);
  absl::ParseDuration(full_read_interval, &options.full_read_interval);
  absl::ParseDuration(slow_reader_timeout, &options.slow_reader_timeout);
  absl::ParseDuration(dead_client_timeout, &options.dead_client_timeout);
  while (absl::EndsWith(options.github_api, "/")) options.github_api.pop_back();
  return options;
}

}  // namespace mentiond
