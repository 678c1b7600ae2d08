// What certificates the server takes, and what it says of the others.

#include "server/certificate_check.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/authority.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

class CertificateCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why_not = Authority::WhyNot(); !why_not.empty()) {
      GTEST_SKIP() << why_not;
    }
    authority_.emplace();
    pair_ = authority_->Issue("DNS:localhost");
  }

  // Empty: the certificates are taken.
  static std::string WhyNot(const std::string& certificate,
                            const std::string& key,
                            const std::string& client_ca) {
    return std::string(CheckCertificates({.certificate = certificate,
                                          .key = Secret(key),
                                          .client_ca = client_ca})
                           .status()
                           .message());
  }
  static std::string WithoutMiddle(const std::string& pem) {
    return absl::StrCat(pem.substr(0, pem.size() / 3),
                        pem.substr(pem.size() / 2));
  }

  std::optional<Authority> authority_;
  Authority::Pair pair_;
};

TEST_F(CertificateCheckTest, FilesAsPeopleHaveThemAreTaken) {
  const std::string ca = authority_->certificate();
  const std::string text =
      "Certificate:\n    Data:\n        Version: 3 (0x2)\n        Issuer: CN\n";
  const auto crlf = [](const std::string& pem) {
    return absl::StrReplaceAll(pem, {{"\n", "\r\n"}});
  };
  const Authority::Pair rsa = authority_->Issue("DNS:localhost", "rsa:2048");
  const Authority::Pair ed25519 = authority_->Issue("DNS:localhost", "ed25519");
  const struct {
    const char* what;
    std::string certificate;
    std::string key;
    std::string client_ca;
  } cases[] = {
      {"one certificate", pair_.certificate, pair_.key, ""},
      {"a chain", pair_.certificate + ca, pair_.key, ca},
      {"RSA", rsa.certificate + ca, rsa.key, ca},
      {"Ed25519", ed25519.certificate, ed25519.key, ""},
      {"CRLF", crlf(pair_.certificate + ca), crlf(pair_.key), crlf(ca)},
      {"no line end at the end",
       pair_.certificate.substr(0, pair_.certificate.size() - 1),
       pair_.key.substr(0, pair_.key.size() - 1), ca.substr(0, ca.size() - 1)},
      {"openssl x509 -text",
       absl::StrCat(text, pair_.certificate, "\n", text, ca), pair_.key,
       absl::StrCat("# The clients'\n", ca, "\n# another\n", text, ca,
                    "-- \n")},
      {"openssl ecparam -genkey", pair_.certificate,
       absl::StrCat("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
                    "-----END EC PARAMETERS-----\n",
                    pair_.key),
       ""},
      {"all in one file", absl::StrCat(pair_.key, pair_.certificate, ca),
       absl::StrCat(pair_.certificate, ca, pair_.key), ""},
      {"an authority twice", pair_.certificate, pair_.key, ca + ca},
  };
  for (const auto& [what, certificate, key, client_ca] : cases) {
    EXPECT_EQ(WhyNot(certificate, key, client_ca), "") << what;
  }
}

TEST_F(CertificateCheckTest, WhatGrpcWouldRefuseOrLeaveOutIsRefused) {
  const std::string ca = authority_->certificate();
  const Authority::Pair other = authority_->Issue("DNS:localhost");
  const Authority::Pair rsa = authority_->Issue("DNS:localhost", "rsa:2048");
  const Authority::Pair weak = authority_->Issue("DNS:localhost", "rsa:1024");
  const std::string no_base64 =
      "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
  const std::string no_certificate =
      "-----BEGIN CERTIFICATE-----\nMTIzNA==\n-----END CERTIFICATE-----\n";
  const std::string with_passphrase = absl::StrReplaceAll(
      pair_.key, {{"BEGIN PRIVATE KEY-----\n",
                   "BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                   "DEK-Info: AES-256-CBC,000102030405060708090a0b0c0d0e0f\n"
                   "\n"},
                  {"END PRIVATE KEY", "END EC PRIVATE KEY"}});
  const auto headless = [](const std::string& pem) {
    return absl::StrReplaceAll(pem, {{"-----BEGIN", "----BEGIN"}});
  };
  const struct {
    std::string certificate;
    std::string key;
    std::string client_ca;
    const char* why;
  } cases[] = {
      {"", pair_.key, "", "the certificate: no certificate"},
      {"some text", pair_.key, "", "the certificate: no certificate"},
      {pair_.key, pair_.key, "", "the certificate: no certificate"},
      {WithoutMiddle(pair_.certificate), pair_.key, "", "certificate 1"},
      {pair_.certificate + WithoutMiddle(ca), pair_.key, "", "certificate 2"},
      {pair_.certificate + ca.substr(0, ca.size() / 2), pair_.key, "",
       "certificate 2"},
      {pair_.certificate + no_base64, pair_.key, "", "certificate 2"},
      {pair_.certificate + no_certificate, pair_.key, "", "certificate 2"},
      {pair_.certificate + headless(ca), pair_.key, "", "BEGIN or END"},
      {ca + pair_.certificate, pair_.key, "", "not the certificate's"},
      {absl::StrCat(pair_.certificate, std::string(1, '\0'), ca), pair_.key, "",
       "not a text file"},
      {weak.certificate, weak.key, "", "too small"},
      {pair_.certificate, "", "", "the key: not PEM"},
      {pair_.certificate, pair_.certificate, "", "the key: not PEM"},
      {pair_.certificate, WithoutMiddle(pair_.key), "", "the key: not PEM"},
      {pair_.certificate, with_passphrase, "", "without a passphrase"},
      {pair_.certificate, "engine:pkcs11:1", "", "the key: not PEM"},
      {pair_.certificate, std::string(1, '\0') + pair_.key, "",
       "not a text file"},
      {pair_.certificate, other.key, "", "not the certificate's"},
      {pair_.certificate, rsa.key, "", "not the certificate's"},
      {pair_.certificate, pair_.key, "x", "authorities: no certificate"},
      {pair_.certificate, pair_.key, ca + no_base64,
       "authorities: certificate 2"},
      {pair_.certificate, pair_.key, ca + no_certificate,
       "authorities: certificate 2"},
      {pair_.certificate, pair_.key, ca + WithoutMiddle(ca),
       "authorities: certificate 2"},
      {pair_.certificate, pair_.key, ca + headless(ca),
       "authorities: a BEGIN or END"},
  };
  for (const auto& [certificate, key, client_ca, why] : cases) {
    EXPECT_THAT(WhyNot(certificate, key, client_ca), HasSubstr(why))
        << certificate << client_ca;
  }
}

TEST_F(CertificateCheckTest, AChainThatIsCutAnywhereIsRefused) {
  const std::string& leaf = pair_.certificate;
  const std::string chain = leaf + authority_->certificate();
  // Up to here the rest is text like any other.
  const size_t visible =
      leaf.size() + std::string("-----BEGIN CERTIFICATE").size();
  for (size_t size = 0; size < chain.size(); ++size) {
    const bool is_whole = size + 1 >= leaf.size() && size <= visible;
    const bool is_all = size + 1 == chain.size();  // but for the line end
    EXPECT_EQ(WhyNot(chain.substr(0, size), pair_.key, "").empty(),
              is_whole || is_all)
        << size << " of " << chain.size();
  }
}

TEST_F(CertificateCheckTest, KnowsTheDatesAndWhatIsWrongWithThem) {
  const auto validity = CheckCertificates(
      {.certificate = pair_.certificate, .key = Secret(pair_.key)});
  ASSERT_TRUE(validity.ok()) << validity.status();
  EXPECT_LE(validity->begin, absl::Now());
  EXPECT_GE(validity->begin, absl::Now() - absl::Minutes(10));
  EXPECT_EQ(validity->end - validity->begin, absl::Hours(48));
  EXPECT_EQ(validity->Complaint(validity->begin), "");
  EXPECT_EQ(validity->Complaint(validity->end), "");
  EXPECT_THAT(validity->Complaint(validity->begin - absl::Seconds(1)),
              HasSubstr("not valid before 20"));
  EXPECT_THAT(validity->Complaint(validity->end + absl::Seconds(1)),
              HasSubstr("expired at 20"));
}

}  // namespace
}  // namespace mentiond
