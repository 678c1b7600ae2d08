// A real proxy in front of mentiond, as operators put one there.

#ifndef MENTIOND_TESTS_E2E_FRONT_PROXY_H_
#define MENTIOND_TESTS_E2E_FRONT_PROXY_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"

#include "tests/subprocess.h"
#include "tests/temp_directory.h"

namespace mentiond {

// Runs from its construction in a directory of its own, and listens on a socket
// there. Whatever it cannot do ends the test program.
class FrontProxy {
 public:
  enum class Kind { kNginx, kHaproxy };

  // Why there cannot be one here; empty: there can.
  static std::string WhyNot(Kind kind);

  // Before `backend`, HOST:PORT; cuts streams on which no data has come for
  // `timeout`. nullopt: as by default (nginx: 60 s; HAProxy: Debian's 50 s).
  FrontProxy(Kind kind, const std::string& backend,
             std::optional<absl::Duration> timeout);
  FrontProxy(const FrontProxy&) = delete;
  FrontProxy& operator=(const FrontProxy&) = delete;

  // For gRPC's channels.
  std::string address() const;

 private:
  const TempDirectory directory_;
  std::unique_ptr<Subprocess> process_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_E2E_FRONT_PROXY_H_
