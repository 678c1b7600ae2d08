#include "server/options.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <thread>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "lib/base/version.h"

namespace mentiond {
namespace {

// Far more than any machine can serve.
constexpr int kMaxStreams = 10'000'000;
// Edits that the issues listing does not show are found up to this many polls
// late.
constexpr int kMaxFullPollEvery = 1'000;
// GitHub's secondary rate limit allows 100 concurrent requests.
constexpr int kMaxRequestsPerToken = 100;
constexpr int kMaxRequests = 100'000;
constexpr int kMaxEventLoops = 1024;
constexpr int kMaxBufferBytes = 1 << 30;

std::string CheckDuration(const std::string& text) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) {
    return "must be a duration such as 60s, 1m30s or 500ms";
  }
  return duration > absl::ZeroDuration() ? "" : "must be positive";
}

// So few requests that polls would hardly happen are a mistake.
std::string CheckPerMinute(const std::string& text) {
  constexpr int kFewest = 60;
  int count = 0;
  if (!absl::SimpleAtoi(text, &count) || (count != 0 && count < kFewest) ||
      count > 1'000'000) {
    return absl::StrCat("must be 0, or from ", kFewest, " to 1000000");
  }
  return "";
}

std::string CheckDurationOrZero(const std::string& text) {
  return text == "0" || text == "0s" ? "" : CheckDuration(text);
}

// --help and --version.
bool IsInformation(const CLI::Option& option) {
  const std::string& name = option.get_single_name();
  return name == "help" || name == "version";
}

std::string CheckApiUrl(const std::string& text) {
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, "https://") &&
      !absl::ConsumePrefix(&rest, "http://")) {
    return "must be an HTTP or HTTPS URL";
  }
  if (rest.empty() || rest.front() == '/') return "must contain a host";
  if (absl::StrContains(rest, '@') || absl::StrContains(rest, '?') ||
      absl::StrContains(rest, '#')) {
    return "must not contain a user, query or fragment";
  }
  return "";
}

ExitEarly UsageError(const char* what) {
  return {absl::StrCat("mentiond: ", what,
                       "\nRun with --help for more information.\n"),
          2};
}

}  // namespace

int DefaultEventLoops() {
  return std::clamp<int>(static_cast<int>(std::thread::hardware_concurrency()),
                         1, kMaxEventLoops);
}

std::variant<ServerOptions, ExitEarly> ParseServerOptions(
    int argc, const char* const* argv) {
  ServerOptions options;
  std::string poll_interval = absl::FormatDuration(options.poll_interval);
  std::string keepalive_message_interval =
      absl::FormatDuration(options.keepalive_message_interval);
  std::string max_stream_age = "0";
  std::string drain_timeout = absl::FormatDuration(options.drain_timeout);
  std::string full_read_interval =
      absl::FormatDuration(options.full_read_interval);
  std::string slow_reader_timeout =
      absl::FormatDuration(options.slow_reader_timeout);
  std::string dead_client_timeout =
      absl::FormatDuration(options.dead_client_timeout);

  CLI::App app(
      "A gRPC server (mentions.v1.MentionService) that streams the places in a "
      "GitHub repository's pull requests where a user is mentioned.",
      "mentiond");
  app.set_version_flag("--version", absl::StrCat("mentiond ", kVersion));
  app.add_option("--listen", options.listen,
                 "Address to serve gRPC on. With port 0, a free port is chosen "
                 "and logged. Without --tls_cert clients' tokens are received "
                 "unencrypted, which on addresses that others can reach needs "
                 "--allow_plaintext")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  app.add_option("--tls_cert", options.tls_cert,
                 "File with the server's certificate and intermediate ones, in "
                 "PEM; with --tls_key, serves TLS. New files are used for new "
                 "connections within a second")
      ->type_name("FILE")
      ->check(CLI::ExistingFile.description(""));
  app.add_option("--tls_key", options.tls_key,
                 "File with the certificate's key, in PEM")
      ->type_name("FILE")
      ->check(CLI::ExistingFile.description(""));
  app.add_option("--tls_client_ca", options.tls_client_ca,
                 "File with the authorities of clients' certificates, in PEM; "
                 "clients then need one (mutual TLS)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile.description(""));
  app.add_flag("--allow_plaintext", options.allow_plaintext,
               "Allow --listen without TLS on an address that others can "
               "reach: behind a proxy or a mesh that encrypts");
  app.add_option("--authorization_policy", options.authorization_policy,
                 "File with a gRPC authorization policy that says who may "
                 "call, by the names in clients' certificates. A new file is "
                 "used within a second. Requires --tls_client_ca")
      ->type_name("FILE")
      ->check(CLI::ExistingFile.description(""));
  const CLI::Option* channelz = app.add_flag(
      "--channelz", options.channelz,
      "Serve channelz, which shows every connection with its client's address "
      "to whoever can connect: an authorization policy does not cover it. "
      "Default: true without --authorization_policy, false with one");
  app.add_option("--github_api", options.github_api,
                 "URL of the GitHub REST API; https://HOST/api/v3 for GitHub "
                 "Enterprise Server")
      ->type_name("URL")
      ->check(CLI::Validator(CheckApiUrl, ""))
      ->capture_default_str();
  app.add_option("--poll_interval", poll_interval,
                 "How often to poll GitHub for new mentions")
      ->type_name("DURATION")
      ->check(CLI::Validator(CheckDuration, ""))
      ->capture_default_str();
  app.add_option("--keepalive_message_interval", keepalive_message_interval,
                 "Send a heartbeat on a stream that has been quiet for this "
                 "long, because proxies cut streams without data, often after "
                 "60s; 0: never")
      ->type_name("DURATION")
      ->check(CLI::Validator(CheckDurationOrZero, ""))
      ->capture_default_str();
  app.add_option("--max_stream_age", max_stream_age,
                 "End streams that have been open for this long, give or take "
                 "a tenth, so that their clients resume them, perhaps on "
                 "another server; 0: never")
      ->type_name("DURATION")
      ->check(CLI::Validator(CheckDurationOrZero, ""))
      ->default_str("0");
  app.add_option("--drain_timeout", drain_timeout,
                 "On SIGTERM or SIGINT, how long clients may take to read the "
                 "end of their streams before the server exits; a second "
                 "signal ends it at once")
      ->type_name("DURATION")
      ->check(CLI::Validator(CheckDuration, ""))
      ->capture_default_str();
  app.add_option("--full_poll_every", options.full_poll_every,
                 "Request all comment listings in every N-th poll, even if no "
                 "issue or pull request has been updated; 1: in every poll")
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
                 "Maximum number of concurrent requests per token; GitHub "
                 "recommends 1")
      ->type_name("COUNT")
      ->check(
          CLI::Validator(CLI::Range(1, kMaxRequestsPerToken)).description(""))
      ->capture_default_str();
  app.add_option("--requests_per_minute", options.requests_per_minute,
                 "Maximum number of requests per token and minute, from "
                 "GitHub's secondary limits. A token that polls more "
                 "repositories than this allows polls each less often. 0: no "
                 "limit, for Enterprise Server without rate limits")
      ->type_name("COUNT")
      ->check(CLI::Validator(CheckPerMinute, ""))
      ->capture_default_str();
  app.add_option(
         "--max_requests", options.max_requests,
         "Maximum number of concurrent requests to GitHub, each of which "
         "may need a connection; further ones wait, polls before "
         "histories. Reduced where the limit of open files demands it")
      ->type_name("COUNT")
      ->check(CLI::Validator(CLI::Range(1, kMaxRequests)).description(""))
      ->capture_default_str();
  app.add_option("--event_loops", options.event_loops,
                 "Number of threads that poll GitHub. All streams of one token "
                 "are on the same one. Default: the number of processors; set "
                 "it in containers whose CPU limit is lower")
      ->type_name("COUNT")
      ->check(CLI::Validator(CLI::Range(1, kMaxEventLoops)).description(""))
      ->capture_default_str();
  app.add_option("--slow_reader_timeout", slow_reader_timeout,
                 "End a stream whose client has read nothing for this long "
                 "although events are pending; the client can resume it")
      ->type_name("DURATION")
      ->check(CLI::Validator(CheckDuration, ""))
      ->capture_default_str();
  app.add_option("--dead_client_timeout", dead_client_timeout,
                 "Consider a client dead, and end its streams, if nothing has "
                 "been received from it for this long, not even a response to "
                 "a ping. Below 20s this may also affect busy clients, which "
                 "may take 5s to process a ping")
      ->type_name("DURATION")
      ->check(CLI::Validator(CheckDuration, ""))
      ->capture_default_str();
  app.add_option("--stream_buffer_bytes", options.stream_buffer_bytes,
                 "Maximum size of the events that are pending for a client; "
                 "its poller waits while the buffer is full")
      ->type_name("BYTES")
      ->check(CLI::Validator(CLI::Range(1, kMaxBufferBytes)).description(""))
      ->capture_default_str();
  app.add_option("--github_ca_file", options.github_ca_file,
                 "File with PEM certificates of the authorities to trust for "
                 "GitHub, instead of the system's")
      ->type_name("FILE")
      ->check(CLI::ExistingFile.description(""));
  app.add_option("--webhook_listen", options.webhook_listen,
                 "Address to receive GitHub's webhooks on, at /hooks/github: "
                 "streams then poll at once when something happens. Off by "
                 "default. Requires --webhook_secret_file")
      ->type_name("ADDR:PORT");
  app.add_option("--webhook_secret_file", options.webhook_secret_file,
                 "File with the secret that GitHub signs the webhooks with")
      ->type_name("FILE")
      ->check(CLI::ExistingFile.description(""));
  app.add_option("--max_streams", options.max_streams,
                 "Maximum number of open streams; further ones are rejected")
      ->type_name("COUNT")
      ->check(CLI::Validator(CLI::Range(1, kMaxStreams)).description(""))
      ->capture_default_str();

  app.add_option("--max_streams_per_token", options.max_streams_per_token,
                 "Maximum number of open streams with the same GitHub token; "
                 "0: any")
      ->type_name("COUNT")
      ->check(CLI::Validator(CLI::Range(0, kMaxStreams)).description(""))
      ->capture_default_str();
  app.add_option("--max_streams_per_peer", options.max_streams_per_peer,
                 "Maximum number of open streams from the same address, or "
                 "/64 of IPv6 addresses; it may be a proxy's; 0: any")
      ->type_name("COUNT")
      ->check(CLI::Validator(CLI::Range(0, kMaxStreams)).description(""))
      ->capture_default_str();
  app.add_option("--max_streams_per_connection",
                 options.max_streams_per_connection,
                 "Maximum number of open streams on one connection; clients "
                 "wait or open another one; 0: any")
      ->type_name("COUNT")
      ->check(CLI::Validator(CLI::Range(0, kMaxStreams)).description(""))
      ->capture_default_str();
  app.add_option("--grpc_memory_bytes", options.grpc_memory_bytes,
                 "Maximum memory for gRPC's buffers: beyond it, gRPC reads "
                 "less and refuses connections; 0: any")
      ->type_name("BYTES")
      ->check(CLI::NonNegativeNumber.description(""))
      ->capture_default_str();
  app.add_flag("--allow_core_dumps", options.allow_core_dumps,
               "Let the system write core dumps, which contain clients' "
               "tokens, and let debuggers attach");
  app.add_option("--metrics_listen", options.metrics_listen,
                 "Address to serve Prometheus metrics and health checks on, at "
                 "/metrics, /livez and /readyz. Off by default")
      ->type_name("ADDR:PORT");
  app.add_option("--admin_listen", options.admin_listen,
                 "Address to serve pages for operators on: /streams, /config "
                 "and /loglevel. They are for this machine only and must be on "
                 "a loopback address. Off by default")
      ->type_name("ADDR:PORT");
  app.add_flag("--allow_remote_admin", options.allow_remote_admin,
               "Allow --admin_listen on an address that others can reach");
  app.add_option("--log_format", options.log_format,
                 "Format of the log on standard error: text, or json, one "
                 "object per line")
      ->transform(CLI::CheckedTransformer(std::map<std::string, LogFormat>{
                                              {"text", LogFormat::kText},
                                              {"json", LogFormat::kJson}})
                      .description(""))
      ->type_name("text|json")
      ->default_str("text");
  app.add_option("--log_level", options.log_level,
                 "What to log: info (also when streams open and end), warning "
                 "or error")
      ->transform(CLI::CheckedTransformer(std::map<std::string, LogLevel>{
                                              {"info", LogLevel::kInfo},
                                              {"warning", LogLevel::kWarning},
                                              {"error", LogLevel::kError}})
                      .description(""))
      ->type_name("info|warning|error")
      ->default_str("info");
  for (CLI::Option* option : app.get_options()) {
    if (IsInformation(*option)) continue;
    option->envname(absl::StrCat(
        "MENTIOND_", absl::AsciiStrToUpper(option->get_lnames().front())));
  }
  app.footer(
      "Each option may also be given in the environment, as "
      "MENTIOND_ and its name in upper case.");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const bool requested = app.exit(error, out, err) == 0;
    return requested ? ExitEarly{out.str(), 0}
                     : ExitEarly{absl::StrCat("mentiond: ", err.str()), 2};
  }
  if (options.webhook_listen.empty() != options.webhook_secret_file.empty()) {
    return UsageError(
        "--webhook_listen and --webhook_secret_file are only of use together");
  }
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return UsageError("--tls_cert and --tls_key are only of use together");
  }
  if (!options.tls_client_ca.empty() && options.tls_cert.empty()) {
    return UsageError("--tls_client_ca needs --tls_cert and --tls_key");
  }
  if (!options.authorization_policy.empty() && options.tls_client_ca.empty()) {
    return UsageError(
        "--authorization_policy needs --tls_client_ca: its principals are the "
        "names in clients' certificates");
  }
  if (channelz->count() == 0) {
    options.channelz = options.authorization_policy.empty();
  }
  for (const CLI::Option* option : app.get_options()) {
    if (IsInformation(*option)) continue;
    std::string& value = options.settings[option->get_lnames().front()];
    if (option->get_items_expected() == 0) {
      value = option->count() > 0 && option->as<bool>() ? "true" : "false";
    } else {
      value = option->count() > 0 ? option->results().front()
                                  : option->get_default_str();
    }
  }
  options.settings["channelz"] = options.channelz ? "true" : "false";
  // CLI11 has replaced the names.
  options.settings["log_format"] =
      options.log_format == LogFormat::kJson ? "json" : "text";
  options.settings["log_level"] = LogLevelName(options.log_level);
  absl::ParseDuration(poll_interval, &options.poll_interval);
  absl::ParseDuration(max_stream_age, &options.max_stream_age);
  absl::ParseDuration(drain_timeout, &options.drain_timeout);
  absl::ParseDuration(keepalive_message_interval,
                      &options.keepalive_message_interval);
  absl::ParseDuration(full_read_interval, &options.full_read_interval);
  absl::ParseDuration(slow_reader_timeout, &options.slow_reader_timeout);
  absl::ParseDuration(dead_client_timeout, &options.dead_client_timeout);
  while (absl::EndsWith(options.github_api, "/")) options.github_api.pop_back();
  return options;
}

}  // namespace mentiond
