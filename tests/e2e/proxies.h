// Real proxies, as operators put them before mentiond and companies before
// their API.

#ifndef MENTIOND_TESTS_E2E_PROXIES_H_
#define MENTIOND_TESTS_E2E_PROXIES_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "tests/subprocess.h"
#include "tests/temp_directory.h"

namespace mentiond {

// In front of mentiond. Runs from its construction in a directory of its own,
// and listens on a socket there. Whatever it cannot do ends the test program.
class FrontProxy {
 public:
  enum class Kind { kNginx, kHaproxy };

  // Why there cannot be one here; empty: there can.
  static std::string WhyNot(Kind kind);

  // Before `backend`, HOST:PORT; cuts streams on which no data has come for
  // `timeout`. nullopt: as by default (nginx: 60 s; HAProxy: Debian's 50 s).
  FrontProxy(Kind kind, const std::string& backend,
             std::optional<absl::Duration> timeout);

  // For gRPC's channels.
  std::string address() const;

 private:
  const TempDirectory directory_;
  std::unique_ptr<Subprocess> process_;
};

// One request as nginx saw it.
struct NginxRequest {
  std::string protocol;  // "HTTP/2.0"
  std::string connection;
  std::string target;
};

// nginx before the stand-in GitHub, as Enterprise Server's front is before its
// API: TLS with a certificate of a private authority, HTTP/2, and REST below
// /api/v3 and GraphQL at /api/graphql. Otherwise as FrontProxy.
class Nginx {
 public:
  static std::string WhyNot();

  // `backend` is "http://HOST:PORT".
  explicit Nginx(const std::string& backend);

  int port() const { return port_; }
  // https://localhost:PORT/api/v3; the certificate is for no other name.
  std::string api_url() const;
  // The authority's certificate.
  std::string ca_file() const { return directory_ / "authority.pem"; }

  // Stops it, and returns the requests that it responded to, as their responses
  // ended.
  std::vector<NginxRequest> StopAndReadLog();

 private:
  const TempDirectory directory_;
  int port_ = 0;
  std::unique_ptr<Subprocess> process_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_E2E_PROXIES_H_
