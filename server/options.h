// The server's command line.

#ifndef MENTIOND_SERVER_OPTIONS_H_
#define MENTIOND_SERVER_OPTIONS_H_

#include <string>
#include <variant>

#include "absl/time/time.h"

namespace mentiond {

struct ServerOptions {
  std::string listen = "127.0.0.1:50051";
  std::string github_api = "https://api.github.com";
  absl::Duration poll_interval = absl::Seconds(60);
  int full_poll_every = 10;
  absl::Duration full_read_interval = absl::Hours(24);
  int max_streams = 100'000;
  int requests_per_token = 1;
  absl::Duration slow_reader_timeout = absl::Minutes(5);
  absl::Duration dead_client_timeout = absl::Seconds(40);
  int stream_buffer_bytes = 256 << 10;
  std::string github_ca_file;  // empty: the system's
};

// What the command line asks for instead of serving: print and exit.
struct ExitEarly {
  std::string text;
  int code = 0;  // 0: --help or --version, text for stdout; 2: usage, stderr
};

// Pure.
std::variant<ServerOptions, ExitEarly> ParseServerOptions(
    int argc, const char* const* argv);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_OPTIONS_H_
