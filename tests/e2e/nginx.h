// A real nginx before the stand-in GitHub, as Enterprise Server's front is
// before its API: TLS with a certificate of a private authority, HTTP/2, and
// REST below /api/v3 and GraphQL at /api/graphql.

#ifndef MENTIOND_TESTS_E2E_NGINX_H_
#define MENTIOND_TESTS_E2E_NGINX_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/authority.h"
#include "tests/subprocess.h"
#include "tests/temp_directory.h"

namespace mentiond {

// One request as nginx saw it.
struct NginxRequest {
  std::string protocol;  // "HTTP/2.0"
  std::string connection;
  int number_on_connection = 0;
  // Whether the connection resumed an earlier TLS session.
  bool session_reused = false;
  int status = 0;
  std::string target;
};

// Runs from its construction, unprivileged where the test is, in a directory
// of its own. Whatever it cannot do ends the test program.
class Nginx {
 public:
  // Why there cannot be one here; empty: there can.
  static std::string WhyNot();

  // `backend` is "http://HOST:PORT".
  explicit Nginx(const std::string& backend);
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  int port() const { return port_; }
  // https://localhost:PORT/api/v3; the certificate is for no other name.
  std::string api_url() const;
  // The authority's certificate.
  std::string ca_file() const;

  // Stops it, and returns the requests that it responded to, as their responses
  // ended.
  std::vector<NginxRequest> StopAndReadLog();

 private:
  void WriteConfig(const std::string& backend) const;
  bool Start();

  const TempDirectory directory_;
  int port_ = 0;
  std::unique_ptr<Subprocess> process_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_E2E_NGINX_H_
