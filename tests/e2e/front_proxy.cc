#include "tests/e2e/front_proxy.h"

#include <unistd.h>

#include <fstream>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "glog/logging.h"

namespace mentiond {
namespace {

using Kind = FrontProxy::Kind;

constexpr absl::Duration kPatience = absl::Seconds(60);

constexpr char kNginx[] = "/usr/sbin/nginx";
constexpr char kNginxConfig[] = R"(
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path client_body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen unix:DIRECTORY/front.sock http2;
    location / {
      TIMEOUT
      grpc_pass grpc://BACKEND;
    }
  }
}
)";

constexpr char kHaproxy[] = "/usr/sbin/haproxy";
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

std::string Config(Kind kind, const std::string& directory,
                   const std::string& backend,
                   std::optional<absl::Duration> timeout) {
  std::string limit;
  if (kind == Kind::kHaproxy) {
    limit = absl::StrCat(
        absl::ToInt64Milliseconds(timeout.value_or(absl::Seconds(50))), "ms");
  } else if (timeout) {
    limit = absl::StrCat("grpc_read_timeout ",
                         absl::ToInt64Milliseconds(*timeout), "ms;");
  }
  return absl::StrReplaceAll(
      kind == Kind::kNginx ? kNginxConfig : kHaproxyConfig,
      {{"DIRECTORY", directory}, {"BACKEND", backend}, {"TIMEOUT", limit}});
}

}  // namespace

std::string FrontProxy::WhyNot(Kind kind) {
  const char* program = kind == Kind::kNginx ? kNginx : kHaproxy;
  if (access(program, X_OK) == 0) return "";
  return absl::StrCat(program, " is not installed");
}

FrontProxy::FrontProxy(Kind kind, const std::string& backend,
                       std::optional<absl::Duration> timeout) {
  const std::string config = directory_ / "config";
  std::ofstream(config) << Config(kind, directory_.path(), backend, timeout);
  auto started =
      kind == Kind::kNginx
          ? Subprocess::Start({kNginx, "-e", "stderr", "-p",
                               directory_.path() + "/", "-c", config})
          : Subprocess::Start({kHaproxy, "-db", "-f", config});
  CHECK(started.ok()) << started.status();
  process_ = *std::move(started);
  const absl::Time deadline = absl::Now() + kPatience;
  while (access((directory_ / "front.sock").c_str(), F_OK) != 0) {
    CHECK(absl::Now() < deadline) << "the proxy does not start";
    std::this_thread::yield();
  }
}

std::string FrontProxy::address() const {
  return absl::StrCat("unix:", directory_ / "front.sock");
}

}  // namespace mentiond
