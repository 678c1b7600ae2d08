// What certificates the server takes, and what it says of the others.

#include "server/certificate_check.h"

#include <optional>
#include <string>

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

  std::optional<Authority> authority_;
  Authority::Pair pair_;
};

TEST_F(CertificateCheckTest, FilesAsPeopleHaveThemAreTaken) {
  const auto& [cert, key] = pair_;
  const std::string ca = authority_->certificate();
  const std::string text =
      "Certificate:\n    Data:\n        Version: 3 (0x2)\n        Issuer: CN\n";
  const std::string parameters =  // openssl ecparam -genkey
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
      "-----END EC PARAMETERS-----\n";
  const auto crlf = [](const std::string& pem) {
    return absl::StrReplaceAll(pem, {{"\n", "\r\n"}});
  };
  const auto without_end = [](const std::string& pem) {
    return pem.substr(0, pem.size() - 1);
  };
  const Authority::Pair rsa = authority_->Issue("DNS:localhost", "rsa:2048");
  const Authority::Pair ed25519 = authority_->Issue("DNS:localhost", "ed25519");
  const struct {
    const char* what;
    std::string certificate;
    std::string key;
    std::string client_ca;
  } cases[] = {
      {"one certificate", cert, key, ""},
      {"a chain", cert + ca, key, ca},
      {"RSA", rsa.certificate + ca, rsa.key, ca},
      {"Ed25519", ed25519.certificate, ed25519.key, ""},
      {"CRLF", crlf(cert + ca), crlf(key), crlf(ca)},
      {"no line end", without_end(cert), without_end(key), without_end(ca)},
      {"openssl x509 -text", absl::StrCat(text, cert, "\n", text, ca), key,
       absl::StrCat("# The clients'\n", ca, "\n# another\n", text, ca,
                    "-- \n")},
      {"parameters", cert, parameters + key, ""},
      {"all in one file", key + cert + ca, cert + ca + key, ""},
      {"an authority twice", cert, key, ca + ca},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(WhyNot(row.certificate, row.key, row.client_ca), "") << row.what;
  }
}

TEST_F(CertificateCheckTest, WhatGrpcWouldRefuseOrLeaveOutIsRefused) {
  const auto& [cert, key] = pair_;
  const std::string ca = authority_->certificate();
  const Authority::Pair other = authority_->Issue("DNS:localhost");
  const Authority::Pair rsa = authority_->Issue("DNS:localhost", "rsa:2048");
  const Authority::Pair weak = authority_->Issue("DNS:localhost", "rsa:1024");
  const auto pem = [](const char* text) {
    return absl::StrCat("-----BEGIN CERTIFICATE-----\n", text,
                        "\n-----END CERTIFICATE-----\n");
  };
  const std::string with_passphrase = absl::StrReplaceAll(
      key, {{"BEGIN PRIVATE KEY-----\n",
             "BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
             "DEK-Info: AES-256-CBC,000102030405060708090a0b0c0d0e0f\n\n"},
            {"END PRIVATE KEY", "END EC PRIVATE KEY"}});
  const auto headless = [](const std::string& text) {
    return absl::StrReplaceAll(text, {{"-----BEGIN", "----BEGIN"}});
  };
  const auto holed = [](const std::string& text) {
    return text.substr(0, text.size() / 3) + text.substr(text.size() / 2);
  };
  const std::string nul(1, '\0');
  const struct {
    std::string certificate;
    std::string key;
    std::string client_ca;
    const char* why;
  } cases[] = {
      {"", key, "", "the certificate: no certificate"},
      {"some text", key, "", "the certificate: no certificate"},
      {key, key, "", "the certificate: no certificate"},
      {holed(cert), key, "", "certificate 1"},
      {cert + holed(ca), key, "", "certificate 2"},
      {cert + pem("!!!!"), key, "", "certificate 2"},
      {cert + pem("MTIzNA=="), key, "", "certificate 2"},
      {cert + headless(ca), key, "", "BEGIN or END"},
      {ca + cert, key, "", "not the certificate's"},
      {cert + nul + ca, key, "", "not a text file"},
      {weak.certificate, weak.key, "", "too small"},
      {cert, "", "", "the key: not PEM"},
      {cert, cert, "", "the key: not PEM"},
      {cert, holed(key), "", "the key: not PEM"},
      {cert, with_passphrase, "", "without a passphrase"},
      {cert, "engine:pkcs11:1", "", "the key: not PEM"},
      {cert, nul + key, "", "not a text file"},
      {cert, other.key, "", "not the certificate's"},
      {cert, rsa.key, "", "not the certificate's"},
      {cert, key, "x", "authorities: no certificate"},
      {cert, key, ca + pem("!!!!"), "authorities: certificate 2"},
      {cert, key, ca + pem("MTIzNA=="), "authorities: certificate 2"},
      {cert, key, ca + holed(ca), "authorities: certificate 2"},
      {cert, key, ca + headless(ca), "authorities: a BEGIN or END"},
  };
  for (const auto& row : cases) {
    EXPECT_THAT(WhyNot(row.certificate, row.key, row.client_ca),
                HasSubstr(row.why))
        << row.certificate << row.client_ca;
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
