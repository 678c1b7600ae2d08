// The server's command-line options.

#ifndef MENTIOND_SERVER_OPTIONS_H_
#define MENTIOND_SERVER_OPTIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "absl/time/time.h"

#include "server/logging.h"

namespace mentiond {

// One for each processor that this process may use.
int DefaultEventLoops();

struct ServerOptions {
  std::string listen = "127.0.0.1:50051";
  std::string github_api = "https://api.github.com";
  absl::Duration poll_interval = absl::Seconds(60);
  absl::Duration keepalive_message_interval = absl::Seconds(30);  // 0: off
  absl::Duration max_stream_age;                                  // 0: any
  absl::Duration drain_timeout = absl::Seconds(10);
  int full_poll_every = 10;
  absl::Duration full_read_interval = absl::Hours(24);
  int max_streams = 100'000;
  int max_streams_per_token = 0;  // 0: any number, here and below
  int max_streams_per_peer = 0;
  int max_streams_per_connection = 0;
  int64_t grpc_memory_bytes = 0;
  int requests_per_token = 1;
  int requests_per_minute = 900;
  int max_requests = 1000;
  absl::Duration slow_reader_timeout = absl::Minutes(5);
  absl::Duration dead_client_timeout = absl::Seconds(40);
  int event_loops = DefaultEventLoops();
  int stream_buffer_bytes = 256 << 10;
  std::string github_ca_file;  // empty: the system's certificates
  LogFormat log_format = LogFormat::kText;
  LogLevel log_level = LogLevel::kInfo;
  std::string tls_cert;       // empty: no TLS
  std::string tls_key;        // likewise
  std::string tls_client_ca;  // empty: clients need no certificate
  bool allow_plaintext = false;
  std::string authorization_policy;  // empty: everybody may call
  bool channelz = true;              // as given, or: without a policy
  std::string metrics_listen;        // empty: not served
  std::string admin_listen;          // likewise
  bool allow_remote_admin = false;
  bool allow_core_dumps = false;
  std::string webhook_listen;  // empty: no webhooks
  std::string webhook_secret_file;

  // Every option's name and value, as text.
  std::map<std::string, std::string> settings;
};

// Text to print and a code to exit with, instead of serving.
struct ExitEarly {
  std::string text;
  // 0: --help or --version, the text is for standard output; 2: usage error,
  // the text is for standard error.
  int code = 0;
};

// Every option --a_name may also be given as MENTIOND_A_NAME in the
// environment; the command line comes first. Has no side effects: does not
// print or exit.
std::variant<ServerOptions, ExitEarly> ParseServerOptions(
    int argc, const char* const* argv);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_OPTIONS_H_
