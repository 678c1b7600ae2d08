// The server's certificate and key, and the authorities of its clients: files
// that may be replaced while it runs, one by one or by a swap of their
// directory.

#ifndef MENTIOND_SERVER_CERTIFICATES_H_
#define MENTIOND_SERVER_CERTIFICATES_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "lib/base/clock.h"
#include "lib/base/secret.h"
#include "server/watched_file.h"

namespace mentiond {

struct CertificatePaths {
  std::string certificate;  // PEM, with the intermediate ones
  std::string key;          // PEM
  std::string client_ca;    // PEM; empty: clients need no certificate
};

struct CertificateContents {
  std::string certificate;
  Secret key;
  std::string client_ca;

  friend bool operator==(const CertificateContents&,
                         const CertificateContents&) = default;
};

// OK if the key is the certificate's, and both and the authorities can be read.
absl::Status CheckCertificates(const CertificateContents& contents);

// Thread-safe.
class Certificates {
 public:
  // Errors name the file and what is wrong with it. `clock` outlives it.
  static absl::StatusOr<std::shared_ptr<Certificates>> Load(
      CertificatePaths paths, const Clock& clock);

  bool wants_client_certificates() const { return !paths_.client_ca.empty(); }
  CertificateContents contents() const;

  // New contents, if the files hold some and they are good. Looks once a second
  // at most; while they are not good, the old ones stay and the log says so,
  // once.
  std::optional<CertificateContents> TakeChange();

 private:
  Certificates(CertificatePaths paths, const Clock& clock)
      : paths_(std::move(paths)), clock_(clock) {}

  static absl::StatusOr<CertificateContents> Read(
      const CertificatePaths& paths);

  const CertificatePaths paths_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  LookAgain look_ ABSL_GUARDED_BY(mutex_);
  CertificateContents contents_ ABSL_GUARDED_BY(mutex_);
  std::string complaint_ ABSL_GUARDED_BY(mutex_);  // the last one logged
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_CERTIFICATES_H_
