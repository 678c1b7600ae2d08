#include "tests/e2e/nginx.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"

namespace mentiond {
namespace {

constexpr char kNginx[] = "/usr/sbin/nginx";
// For what takes a fraction of a second on an idle machine.
constexpr absl::Duration kPatience = absl::Seconds(60);
// Somebody else may take the port that was free a moment ago.
constexpr int kAttempts = 10;

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  CHECK(fd >= 0 && bind(fd, generic, size) == 0 &&
        getsockname(fd, generic, &size) == 0);
  close(fd);
  return ntohs(address.sin_port);
}

void Write(const std::string& file, std::string_view text) {
  std::ofstream out(file);
  out << text;
  CHECK(out.flush().good()) << file;
}

}  // namespace

std::string Nginx::WhyNot() {
  if (access(kNginx, X_OK) != 0) {
    return "nginx is not installed (Debian's package nginx)";
  }
  return Authority::WhyNot();
}

Nginx::Nginx(const std::string& backend) {
  Authority authority;
  const Authority::Pair pair = authority.Issue("DNS:localhost");
  Write(directory_ / "authority.pem", authority.certificate());
  Write(directory_ / "server.pem", pair.certificate);
  Write(directory_ / "server.key", pair.key);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    port_ = FreePort();
    WriteConfig(backend);
    if (Start()) return;
  }
  LOG(FATAL) << "nginx does not start";
}

std::string Nginx::api_url() const {
  return absl::StrCat("https://localhost:", port_, "/api/v3");
}

std::string Nginx::ca_file() const { return directory_ / "authority.pem"; }

void Nginx::WriteConfig(const std::string& backend) const {
  // One process, which is ours to end, and nobody to change to.
  std::string config =
      "daemon off;\n"
      "master_process off;\n"
      "pid nginx.pid;\n"
      // "notice" is what says that it listens.
      "error_log stderr notice;\n"
      "events {}\n"
      "http {\n"
      "  log_format seen '$server_protocol $connection $connection_requests '\n"
      "                  '$ssl_session_reused $status $request_uri';\n"
      "  access_log access.log seen;\n";
  for (const char* kind :
       {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    absl::StrAppend(&config, "  ", kind, "_temp_path ", kind, ";\n");
  }
  absl::StrAppend(&config,
                  "  server {\n"
                  "    listen 127.0.0.1:",
                  port_,
                  " ssl http2;\n"
                  "    server_name localhost;\n"
                  "    ssl_certificate server.pem;\n"
                  "    ssl_certificate_key server.key;\n"
                  "    location /api/v3/ {\n"
                  "      proxy_pass ",
                  backend,
                  "/;\n"
                  "      proxy_http_version 1.1;\n"
                  "      proxy_set_header Connection '';\n"
                  "      proxy_set_header X-Forwarded-Proto $scheme;\n"
                  "      proxy_set_header X-Forwarded-Host $http_host;\n"
                  "      proxy_set_header X-Forwarded-Prefix /api/v3;\n"
                  "    }\n"
                  "    location = /api/graphql {\n"
                  "      proxy_pass ",
                  backend,
                  "/graphql;\n"
                  "      proxy_http_version 1.1;\n"
                  "      proxy_set_header Connection '';\n"
                  "    }\n"
                  "  }\n"
                  "}\n");
  Write(directory_ / "nginx.conf", config);
}

bool Nginx::Start() {
  // `-e`: not even before the configuration is read does it log elsewhere.
  auto started =
      Subprocess::Start({kNginx, "-e", "stderr", "-p", directory_.path() + "/",
                         "-c", "nginx.conf"});
  CHECK(started.ok()) << started.status();
  process_ = *std::move(started);
  // Said when its sockets listen.
  const auto line = process_->WaitForLine(
      Subprocess::Stream::kStderr,
      [](std::string_view text) {
        return text.find("event method") != std::string_view::npos;
      },
      absl::Now() + kPatience);
  LOG_IF(WARNING, !line.ok()) << line.status();
  return line.ok();
}

std::vector<NginxRequest> Nginx::StopAndReadLog() {
  CHECK(process_->Signal(SIGTERM).ok());
  const auto exit = process_->Wait(absl::Now() + kPatience);
  CHECK(exit.ok()) << exit.status();
  std::ifstream log(directory_ / "access.log");
  std::vector<NginxRequest> requests;
  for (std::string line; std::getline(log, line);) {
    const std::vector<std::string> fields = absl::StrSplit(line, ' ');
    CHECK(fields.size() == 6) << line;
    NginxRequest request;
    request.protocol = fields[0];
    request.connection = fields[1];
    CHECK(absl::SimpleAtoi(fields[2], &request.number_on_connection)) << line;
    request.session_reused = fields[3] == "r";
    CHECK(absl::SimpleAtoi(fields[4], &request.status)) << line;
    request.target = fields[5];
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace mentiond
