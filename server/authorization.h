// Who may call: gRPC's authorization policy, a JSON file.
// https://github.com/grpc/proposal/blob/master/A43-grpc-authorization-api.md
//
// gRPC has it built in, but Debian's library lacks the classes that read such a
// file. Of the format, `source.principals` and `request.paths` are supported; a
// policy with `request.headers` is refused, not read in part.

#ifndef MENTIOND_SERVER_AUTHORIZATION_H_
#define MENTIOND_SERVER_AUTHORIZATION_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "lib/base/clock.h"
#include "server/watched_file.h"

namespace mentiond {

class AuthorizationPolicy {
 public:
  // INVALID_ARGUMENT says what is wrong with the JSON.
  static absl::StatusOr<AuthorizationPolicy> Parse(const std::string& json);

  // Whether a caller with these names, as its certificate has them (none: it
  // has no certificate), may call a method, "/package.Service/Method".
  bool Allows(const std::vector<std::string>& principals,
              std::string_view path) const;

 private:
  // Each matches a value exactly, or all that begin ("a*") or end ("*a") so, or
  // any but none ("*").
  using Patterns = std::vector<std::string>;
  struct Rule {
    Patterns principals;  // empty: any caller
    Patterns paths;       // empty: any method
  };
  friend struct PolicyReader;

  static bool Matches(const Rule& rule,
                      const std::vector<std::string>& principals,
                      std::string_view path);

  std::vector<Rule> deny_;
  std::vector<Rule> allow_;
};

// A policy in a file that may be replaced while the server runs. Thread-safe.
class AuthorizationFile {
 public:
  // Errors name the file. `clock` outlives it.
  static absl::StatusOr<std::unique_ptr<AuthorizationFile>> Load(
      std::string path, const Clock& clock);

  // OK, or PERMISSION_DENIED. Looks for a new policy once a second at most;
  // while that is not good, the old one stays and the log says so, once.
  absl::Status Check(const std::vector<std::string>& principals,
                     std::string_view method);

 private:
  AuthorizationFile(std::string path, const Clock& clock)
      : path_(std::move(path)), clock_(clock) {}

  absl::Status Read() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const Clock& clock_;
  absl::Mutex mutex_;
  LookAgain look_ ABSL_GUARDED_BY(mutex_);
  std::string text_ ABSL_GUARDED_BY(mutex_);  // of the policy
  AuthorizationPolicy policy_ ABSL_GUARDED_BY(mutex_);
  std::string complaint_ ABSL_GUARDED_BY(mutex_);  // the last one logged
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_AUTHORIZATION_H_
