// Whether gRPC will take certificates: it keeps the old ones if it does not,
// and says so only in a log of its own; and what it cannot parse behind the
// first certificate it leaves out without a word.

#ifndef MENTIOND_SERVER_CERTIFICATE_CHECK_H_
#define MENTIOND_SERVER_CERTIFICATE_CHECK_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "lib/base/secret.h"

namespace mentiond {

// All in PEM.
struct CertificateContents {
  std::string certificate;  // the server's first, then the intermediate ones
  Secret key;
  std::string client_ca;  // empty: clients need no certificate

  friend bool operator==(const CertificateContents&,
                         const CertificateContents&) = default;
};

// When clients accept the server's certificate.
struct CertificateValidity {
  absl::Time begin = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();

  // What is wrong at that time; empty: nothing.
  std::string Complaint(absl::Time now) const;
};

// OK if every certificate of each file can be parsed to the file's end, the key
// is the first certificate's, and OpenSSL takes them all for a server as gRPC
// sets one up. Text around the PEM blocks is allowed. INVALID_ARGUMENT says
// what is wrong, and never shows any of the key.
//
// Dates are not checked: a certificate that has expired is better than none to
// clients that do not look.
absl::StatusOr<CertificateValidity> CheckCertificates(
    const CertificateContents& contents);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_CERTIFICATE_CHECK_H_
