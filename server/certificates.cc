#include "server/certificates.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace mentiond {

namespace {

absl::StatusOr<std::string> ReadSome(const Certificates::FileReader& read,
                                     const std::string& path) {
  absl::StatusOr<std::string> text = read(path);
  if (text.ok() && text->empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is empty"));
  }
  return text;
}

}  // namespace

absl::StatusOr<Certificates::Loaded> Certificates::ReadOnce() const {
  Loaded loaded;
  auto certificate = ReadSome(read_, paths_.certificate);
  if (!certificate.ok()) return certificate.status();
  loaded.contents.certificate = *std::move(certificate);
  auto key = ReadSome(read_, paths_.key);
  if (!key.ok()) return key.status();
  loaded.contents.key = Secret(*std::move(key));
  if (!paths_.client_ca.empty()) {
    auto client_ca = ReadSome(read_, paths_.client_ca);
    if (!client_ca.ok()) return client_ca.status();
    loaded.contents.client_ca = *std::move(client_ca);
  }
  // Most looks end here, and OpenSSL gets no more copies of the key to leave in
  // freed memory.
  if (loaded.contents == loaded_.contents) return loaded_;
  const auto validity = CheckCertificates(loaded.contents);
  if (!validity.ok()) {
    return absl::Status(
        validity.status().code(),
        absl::StrCat(paths_.certificate, ", ", paths_.key,
                     paths_.client_ca.empty() ? "" : ", ", paths_.client_ca,
                     ": ", validity.status().message()));
  }
  loaded.validity = *validity;
  return loaded;
}

absl::StatusOr<Certificates::Loaded> Certificates::Read() const {
  absl::StatusOr<Loaded> loaded = ReadOnce();
  // If the directory was swapped behind the first file, a key that is not the
  // certificate's is no fault of anybody, and they fit each other now.
  if (!loaded.ok()) loaded = ReadOnce();
  return loaded;
}

absl::StatusOr<std::shared_ptr<Certificates>> Certificates::Load(
    CertificatePaths paths, const Clock& clock, FileReader read) {
  std::shared_ptr<Certificates> certificates(
      new Certificates(std::move(paths), clock, std::move(read)));
  absl::MutexLock lock(&certificates->mutex_);
  absl::StatusOr<Loaded> loaded = certificates->Read();
  if (!loaded.ok()) return loaded.status();
  certificates->Use(*std::move(loaded));
  certificates->CheckDates();
  return certificates;
}

CertificateContents Certificates::contents() const {
  absl::MutexLock lock(&mutex_);
  return loaded_.contents;
}

void Certificates::Use(Loaded loaded) {
  loaded_ = std::move(loaded);
  date_complaint_.clear();
}

void Certificates::CheckDates() {
  const std::string complaint = loaded_.validity.Complaint(clock_.Now());
  if (!complaint.empty() && complaint != date_complaint_) {
    LOG(WARNING) << "the certificate in " << paths_.certificate << " "
                 << complaint << ": clients that check will refuse it";
  }
  date_complaint_ = complaint;
}

std::optional<CertificateContents> Certificates::TakeChange() {
  absl::MutexLock lock(&mutex_);
  if (!look_.IsDue(clock_.Now())) return std::nullopt;
  absl::StatusOr<Loaded> loaded = Read();
  const std::string complaint(loaded.status().message());
  if (!loaded.ok() && complaint != complaint_) {
    LOG(ERROR) << "the new certificates are not used: " << complaint;
  }
  complaint_ = complaint;
  const bool is_new = loaded.ok() && loaded->contents != loaded_.contents;
  if (is_new) {
    Use(*std::move(loaded));
    LOG(INFO) << "using new certificates from " << paths_.certificate;
  }
  CheckDates();
  if (!is_new) return std::nullopt;
  return loaded_.contents;
}

}  // namespace mentiond
