#include "tests/e2e/proxies.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "glog/logging.h"

#include "tests/authority.h"

namespace mentiond {
namespace {

// For what takes a fraction of a second on an idle machine.
constexpr absl::Duration kPatience = absl::Seconds(60);

constexpr char kNginx[] = "/usr/sbin/nginx";
constexpr char kHaproxy[] = "/usr/sbin/haproxy";

// One process, which is ours to end, and nobody to change to.
constexpr char kNginxConfig[] = R"(
daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events {}
http {
  log_format seen '$server_protocol $connection $request_uri';
  access_log access.log seen;
  client_body_temp_path client_body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
SERVER
  }
}
)";

constexpr char kFrontServer[] = R"(
    listen unix:DIRECTORY/front.sock http2;
    location / {
      TIMEOUT
      grpc_pass grpc://BACKEND;
    }
)";

constexpr char kApiServer[] = R"(
    listen 127.0.0.1:PORT ssl http2;
    server_name localhost;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    proxy_http_version 1.1;
    proxy_set_header Connection '';
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Prefix /api/v3;
    location /api/v3/ {
      proxy_pass BACKEND/;
    }
    location = /api/graphql {
      proxy_pass BACKEND/graphql;
    }
)";

constexpr char kHaproxyConfig[] = R"(
defaults
  mode http
  timeout connect 5s
  timeout client TIMEOUT
  timeout server TIMEOUT
frontend front
  bind unix@DIRECTORY/front.sock proto h2
  default_backend mentiond
backend mentiond
  server one BACKEND proto h2
)";

void Write(const std::string& file, std::string_view text) {
  std::ofstream out(file);
  out << text;
  CHECK(out.flush().good()) << file;
}

std::unique_ptr<Subprocess> Start(const std::vector<std::string>& command) {
  auto started = Subprocess::Start(command);
  CHECK(started.ok()) << started.status();
  return *std::move(started);
}

std::unique_ptr<Subprocess> StartNginx(const TempDirectory& directory,
                                       const std::string& server) {
  Write(directory / "config",
        absl::StrReplaceAll(kNginxConfig, {{"SERVER", server}}));
  // `-e`: not even before the configuration is read does it log elsewhere.
  return Start({kNginx, "-e", "stderr", "-p", directory.path() + "/", "-c",
                directory / "config"});
}

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

std::string IsNotInstalled(const char* program) {
  if (access(program, X_OK) == 0) return "";
  return absl::StrCat(program, " is not installed");
}

}  // namespace

std::string FrontProxy::WhyNot(Kind kind) {
  return IsNotInstalled(kind == Kind::kNginx ? kNginx : kHaproxy);
}

FrontProxy::FrontProxy(Kind kind, const std::string& backend,
                       std::optional<absl::Duration> timeout) {
  const auto with = [&](const char* config, const std::string& limit) {
    return absl::StrReplaceAll(config, {{"DIRECTORY", directory_.path()},
                                        {"BACKEND", backend},
                                        {"TIMEOUT", limit}});
  };
  const std::string limit = absl::StrCat(
      absl::ToInt64Milliseconds(timeout.value_or(absl::Seconds(50))), "ms");
  if (kind == Kind::kHaproxy) {
    Write(directory_ / "config", with(kHaproxyConfig, limit));
    process_ = Start({kHaproxy, "-db", "-f", directory_ / "config"});
  } else {
    process_ = StartNginx(
        directory_,
        with(kFrontServer,
             timeout ? absl::StrCat("grpc_read_timeout ", limit, ";") : ""));
  }
  const absl::Time deadline = absl::Now() + kPatience;
  while (access((directory_ / "front.sock").c_str(), F_OK) != 0) {
    CHECK(absl::Now() < deadline) << "the proxy does not start";
    std::this_thread::yield();
  }
}

std::string FrontProxy::address() const {
  return absl::StrCat("unix:", directory_ / "front.sock");
}

std::string Nginx::WhyNot() {
  const std::string why_not = IsNotInstalled(kNginx);
  return why_not.empty() ? Authority::WhyNot() : why_not;
}

Nginx::Nginx(const std::string& backend) {
  Authority authority;
  const Authority::Pair pair = authority.Issue("DNS:localhost");
  Write(ca_file(), authority.certificate());
  Write(directory_ / "server.pem", pair.certificate);
  Write(directory_ / "server.key", pair.key);
  // Somebody else may take the port that was free a moment ago.
  for (int attempt = 0; attempt < 10; ++attempt) {
    port_ = FreePort();
    process_ = StartNginx(
        directory_,
        absl::StrReplaceAll(
            kApiServer, {{"PORT", absl::StrCat(port_)}, {"BACKEND", backend}}));
    // Said when its sockets listen.
    if (process_
            ->WaitForText(Subprocess::Stream::kStderr, "event method",
                          absl::Now() + kPatience)
            .ok()) {
      return;
    }
  }
  LOG(FATAL) << "nginx does not start";
}

std::string Nginx::api_url() const {
  return absl::StrCat("https://localhost:", port_, "/api/v3");
}

std::vector<NginxRequest> Nginx::StopAndReadLog() {
  CHECK(process_->Signal(SIGTERM).ok());
  CHECK(process_->Wait(absl::Now() + kPatience).ok());
  std::ifstream log(directory_ / "access.log");
  std::vector<NginxRequest> requests;
  NginxRequest request;
  while (log >> request.protocol >> request.connection >> request.target) {
    requests.push_back(request);
  }
  return requests;
}

}  // namespace mentiond
