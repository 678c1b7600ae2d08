#include "server/certificates.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace mentiond {
namespace {

template <auto Free>
struct Freer {
  void operator()(auto* object) const { Free(object); }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

// Reads where `text` is: makes no copy.
Bio Over(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Never prompts for a passphrase.
int NoPassphrase(char*, int, int, void*) { return 0; }

absl::Status CheckPair(const CertificateContents& contents) {
  const Bio certificates = Over(contents.certificate);
  const Certificate first(
      PEM_read_bio_X509(certificates.get(), nullptr, NoPassphrase, nullptr));
  if (first == nullptr) {
    return absl::InvalidArgumentError("the certificate is not PEM");
  }
  const Bio keys = Over(contents.key.Expose());
  const Key key(
      PEM_read_bio_PrivateKey(keys.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        "the key is not PEM without a passphrase");
  }
  if (X509_check_private_key(first.get(), key.get()) != 1) {
    return absl::InvalidArgumentError("the key is not the certificate's");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckCertificates(const CertificateContents& contents) {
  absl::Status status = CheckPair(contents);
  if (status.ok() && !contents.client_ca.empty()) {
    const Bio authorities = Over(contents.client_ca);
    const Certificate one(
        PEM_read_bio_X509(authorities.get(), nullptr, NoPassphrase, nullptr));
    if (one == nullptr) {
      status =
          absl::InvalidArgumentError("the clients' authorities are not PEM");
    }
  }
  // What a failure leaves on this thread would be taken for another's.
  ERR_clear_error();
  return status;
}

namespace {

absl::StatusOr<std::string> ReadSome(const std::string& path) {
  absl::StatusOr<std::string> text = ReadWholeFile(path);
  if (text.ok() && text->empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is empty"));
  }
  return text;
}

}  // namespace

absl::StatusOr<CertificateContents> Certificates::Read(
    const CertificatePaths& paths) {
  CertificateContents contents;
  auto certificate = ReadSome(paths.certificate);
  if (!certificate.ok()) return certificate.status();
  contents.certificate = *std::move(certificate);
  auto key = ReadSome(paths.key);
  if (!key.ok()) return key.status();
  contents.key = Secret(*std::move(key));
  if (!paths.client_ca.empty()) {
    auto client_ca = ReadSome(paths.client_ca);
    if (!client_ca.ok()) return client_ca.status();
    contents.client_ca = *std::move(client_ca);
  }
  absl::Status status = CheckCertificates(contents);
  if (!status.ok()) {
    return absl::Status(status.code(),
                        absl::StrCat(paths.certificate, ", ", paths.key, " ",
                                     paths.client_ca, ": ", status.message()));
  }
  return contents;
}

absl::StatusOr<std::shared_ptr<Certificates>> Certificates::Load(
    CertificatePaths paths, const Clock& clock) {
  absl::StatusOr<CertificateContents> contents = Read(paths);
  if (!contents.ok()) return contents.status();
  std::shared_ptr<Certificates> certificates(
      new Certificates(std::move(paths), clock));
  absl::MutexLock lock(&certificates->mutex_);
  certificates->contents_ = *std::move(contents);
  return certificates;
}

CertificateContents Certificates::contents() const {
  absl::MutexLock lock(&mutex_);
  return contents_;
}

std::optional<CertificateContents> Certificates::TakeChange() {
  absl::MutexLock lock(&mutex_);
  if (!look_.IsDue(clock_.Now())) return std::nullopt;
  absl::StatusOr<CertificateContents> contents = Read(paths_);
  if (!contents.ok()) {
    const std::string complaint(contents.status().message());
    if (complaint != complaint_) {
      LOG(ERROR) << "the new certificates are not used: " << complaint;
    }
    complaint_ = complaint;
    return std::nullopt;
  }
  complaint_.clear();
  if (*contents == contents_) return std::nullopt;
  contents_ = *contents;
  LOG(INFO) << "using new certificates from " << paths_.certificate;
  return contents_;
}

}  // namespace mentiond
