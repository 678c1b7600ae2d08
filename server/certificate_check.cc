#include "server/certificate_check.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace mentiond {
namespace {

template <auto Free>
struct Freer {
  void operator()(auto* object) const { Free(object); }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

// Reads where `text` is: makes no copy.
Bio Over(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Never prompts for a passphrase.
int NoPassphrase(char*, int, int, void*) { return 0; }

// Of the last failure on this thread.
const char* Reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason != nullptr ? reason : "for a reason that OpenSSL does not name";
}

template <typename... Words>
absl::Status Wrong(const Words&... words) {
  return absl::InvalidArgumentError(absl::StrCat(words...));
}

size_t CountOf(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

// gRPC would not see what is behind one.
bool HasNul(std::string_view text) { return text.find('\0') != text.npos; }

absl::StatusOr<std::vector<Certificate>> ParseAll(std::string_view pem,
                                                  const char* what) {
  if (HasNul(pem)) return Wrong(what, ": not a text file");
  const Bio input = Over(pem);
  std::vector<Certificate> all;
  ERR_clear_error();
  while (Certificate one{
      PEM_read_bio_X509_AUX(input.get(), nullptr, NoPassphrase, nullptr)}) {
    all.push_back(std::move(one));
  }
  const unsigned long error = ERR_peek_last_error();
  // The only good end: no block begins in what is left.
  if (ERR_GET_LIB(error) != ERR_LIB_PEM ||
      ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
    return Wrong(what, ": certificate ", all.size() + 1,
                 " cannot be parsed: ", Reason());
  }
  if (all.empty()) return Wrong(what, ": no certificate in PEM");
  // Nor does OpenSSL see a block whose first line is damaged.
  if (std::max(CountOf(pem, "BEGIN CERTIFICATE-"),
               CountOf(pem, "END CERTIFICATE-")) > all.size()) {
    return Wrong(what, ": a BEGIN or END line is damaged");
  }
  return all;
}

absl::Status UsePair(SSL_CTX* context, std::vector<Certificate> chain,
                     const Secret& pem) {
  if (HasNul(pem.Expose())) return Wrong("the key: not a text file");
  const Bio input = Over(pem.Expose());
  const Key key(
      PEM_read_bio_PrivateKey(input.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) return Wrong("the key: not PEM without a passphrase");
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
    return Wrong("the key is not the certificate's");
  }
  // OpenSSL also refuses what its security level does not allow.
  for (size_t i = 0; i < chain.size(); ++i) {
    const bool is_used =
        i == 0 ? SSL_CTX_use_certificate(context, chain[i].get()) == 1
               : SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1;
    if (!is_used) {
      return Wrong("the certificate: number ", i + 1,
                   " cannot be used: ", Reason());
    }
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return Wrong("the key cannot be used: ", Reason());
  }
  return absl::OkStatus();
}

absl::Status UseAuthorities(SSL_CTX* context, std::string_view pem) {
  const auto all = ParseAll(pem, "the clients' authorities");
  if (!all.ok()) return all.status();
  for (const Certificate& one : *all) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get()) != 1) {
      return Wrong("the clients' authorities cannot be used: ", Reason());
    }
  }
  return absl::OkStatus();
}

absl::Time ToTime(const ASN1_TIME* time, absl::Time otherwise) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return otherwise;
  return absl::FromTM(parts, absl::UTCTimeZone());
}

absl::StatusOr<CertificateValidity> Check(const CertificateContents& contents) {
  const Context context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return Wrong("no TLS: ", Reason());
  auto chain = ParseAll(contents.certificate, "the certificate");
  if (!chain.ok()) return chain.status();
  const X509* first = chain->front().get();
  CertificateValidity validity;
  validity.begin = ToTime(X509_get0_notBefore(first), validity.begin);
  validity.end = ToTime(X509_get0_notAfter(first), validity.end);
  absl::Status status = UsePair(context.get(), *std::move(chain), contents.key);
  if (status.ok() && !contents.client_ca.empty()) {
    status = UseAuthorities(context.get(), contents.client_ca);
  }
  if (!status.ok()) return status;
  return validity;
}

}  // namespace

std::string CertificateValidity::Complaint(absl::Time now) const {
  const auto format = [](absl::Time time) {
    return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
  };
  if (now < begin) return absl::StrCat("is not valid before ", format(begin));
  if (now > end) return absl::StrCat("expired at ", format(end));
  return "";
}

absl::StatusOr<CertificateValidity> CheckCertificates(
    const CertificateContents& contents) {
  auto checked = Check(contents);
  // What a failure leaves on this thread would be taken for another's.
  ERR_clear_error();
  return checked;
}

}  // namespace mentiond
