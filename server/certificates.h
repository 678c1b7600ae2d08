// The server's certificate and key, and the authorities of its clients: files
// that may be replaced while it runs, one by one or by a swap of their
// directory.

#ifndef MENTIOND_SERVER_CERTIFICATES_H_
#define MENTIOND_SERVER_CERTIFICATES_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "lib/base/clock.h"
#include "server/certificate_check.h"
#include "server/watched_file.h"

namespace mentiond {

struct CertificatePaths {
  std::string certificate;  // PEM, with the intermediate ones
  std::string key;          // PEM
  std::string client_ca;    // PEM; empty: clients need no certificate
};

// Thread-safe.
class Certificates {
 public:
  using FileReader =
      std::function<absl::StatusOr<std::string>(const std::string& path)>;

  // Errors name the file and what is wrong with it. `clock` outlives it.
  static absl::StatusOr<std::shared_ptr<Certificates>> Load(
      CertificatePaths paths, const Clock& clock,
      FileReader read = ReadWholeFile);

  bool wants_client_certificates() const { return !paths_.client_ca.empty(); }
  CertificateContents contents() const;

  // New contents, if the files hold some and they are good. Looks once a second
  // at most; while they are not good, the old ones stay and the log says so,
  // once. It also says once when the certificate in use is out of its dates.
  std::optional<CertificateContents> TakeChange();

 private:
  struct Loaded {
    CertificateContents contents;
    CertificateValidity validity;
  };

  Certificates(CertificatePaths paths, const Clock& clock, FileReader read)
      : paths_(std::move(paths)), clock_(clock), read_(std::move(read)) {}

  // What the files hold, if it is good.
  absl::StatusOr<Loaded> Read() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Loaded> ReadOnce() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Use(Loaded loaded) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CheckDates() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const CertificatePaths paths_;
  const Clock& clock_;
  const FileReader read_;
  mutable absl::Mutex mutex_;
  LookAgain look_ ABSL_GUARDED_BY(mutex_);
  Loaded loaded_ ABSL_GUARDED_BY(mutex_);
  // The last ones logged: about the files, and about loaded_.
  std::string complaint_ ABSL_GUARDED_BY(mutex_);
  std::string date_complaint_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_CERTIFICATES_H_
