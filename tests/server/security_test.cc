// Certificates and policies that are replaced while the server runs.

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/authorization.h"
#include "server/certificates.h"
#include "tests/authority.h"
#include "tests/fakes/fake_clock.h"
#include "tests/secret_mount.h"

namespace mentiond {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string File(const std::string& name) {
  return testing::TempDir() + "/" + name;
}

// As a swap of its directory does it.
std::string Put(const std::string& name, const std::string& text) {
  std::ofstream(File(name + ".new")) << text;
  std::rename(File(name + ".new").c_str(), File(name).c_str());
  return File(name);
}

TEST(CertificatesTest, NewOnesAreTakenWhenTheyAreGood) {
  if (const std::string why_not = Authority::WhyNot(); !why_not.empty()) {
    GTEST_SKIP() << why_not;
  }
  FakeClock clock;
  Authority authority;
  const Authority::Pair first = authority.Issue("DNS:localhost");
  const Authority::Pair second = authority.Issue("DNS:localhost");
  const CertificatePaths paths = {
      .certificate = Put("cert.pem", first.certificate),
      .key = Put("key.pem", first.key),
      .client_ca = Put("ca.pem", authority.certificate())};
  const auto certificates = Certificates::Load(paths, clock);
  ASSERT_TRUE(certificates.ok()) << certificates.status();
  EXPECT_EQ((*certificates)->contents().key.Expose(), first.key);
  EXPECT_FALSE((*certificates)->TakeChange());

  // Given files that do not fit each other, the old ones stay,
  Put("cert.pem", second.certificate);
  EXPECT_FALSE((*certificates)->TakeChange()) << "not looked at yet";
  clock.Advance(absl::Seconds(1));
  EXPECT_FALSE((*certificates)->TakeChange());
  EXPECT_EQ((*certificates)->contents().key.Expose(), first.key);
  // until they do.
  Put("key.pem", second.key);
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ((*certificates)->TakeChange()->certificate, second.certificate);
  clock.Advance(absl::Seconds(1));
  EXPECT_FALSE((*certificates)->TakeChange()) << "that was all";

  const std::string broken = "-----BEGIN CERTIFICATE-----\nbroken\n";
  for (const auto& [name, text] :
       {std::pair("cert.pem", std::string()),
        {"cert.pem", "-----BEGIN"},
        {"cert.pem", second.certificate + broken},
        {"key.pem", "x"},
        {"ca.pem", "x"},
        {"ca.pem", authority.certificate() + broken}}) {
    const std::string good = [&, file = name] {
      std::ifstream in(File(file));
      return std::string(std::istreambuf_iterator<char>(in), {});
    }();
    Put(name, text);
    clock.Advance(absl::Seconds(1));
    EXPECT_FALSE((*certificates)->TakeChange()) << name;
    EXPECT_FALSE(Certificates::Load(paths, clock).ok()) << name;
    Put(name, good);
  }
  std::remove(File("key.pem").c_str());
  EXPECT_THAT(std::string(Certificates::Load(paths, clock).status().message()),
              HasSubstr("key.pem"));
}

// The lines that are logged while it lives, of a severity or worse.
class Log final : public google::LogSink {
 public:
  explicit Log(google::LogSeverity least) : least_(least) {
    google::AddLogSink(this);
  }
  ~Log() override { google::RemoveLogSink(this); }
  std::vector<std::string> lines;

 private:
  void send(google::LogSeverity severity, const char*, const char*, int,
            const google::LogMessageTime&, const char* message,
            size_t size) override {
    if (severity >= least_) lines.emplace_back(message, size);
  }

  const google::LogSeverity least_;
};

TEST(CertificatesTest, OneThatHasExpiredIsUsedAndTheLogSaysSoOnce) {
  if (const std::string why_not = Authority::WhyNot(); !why_not.empty()) {
    GTEST_SKIP() << why_not;
  }
  Authority authority;
  const Authority::Pair first = authority.Issue("DNS:localhost");
  const Authority::Pair second = authority.Issue("DNS:localhost");
  // Certificates are valid by the real clock.
  FakeClock clock(absl::Now() + absl::Minutes(1));
  const Log log(google::GLOG_WARNING);
  const auto certificates =
      Certificates::Load({.certificate = Put("cert.pem", first.certificate),
                          .key = Put("key.pem", first.key),
                          .client_ca = ""},
                         clock);
  ASSERT_TRUE(certificates.ok()) << certificates.status();
  EXPECT_THAT(log.lines, ElementsAre());
  // It ends while it is in use,
  for (int look = 0; look < 3; ++look) {
    clock.Advance(absl::Hours(48));
    EXPECT_FALSE((*certificates)->TakeChange());
  }
  EXPECT_THAT(log.lines, ElementsAre(HasSubstr("expired at ")));
  // or has ended when it is put there.
  Put("cert.pem", second.certificate);
  Put("key.pem", second.key);
  clock.Advance(absl::Seconds(1));
  EXPECT_TRUE((*certificates)->TakeChange());
  EXPECT_THAT(log.lines,
              ElementsAre(HasSubstr("expired at "), HasSubstr("expired at ")));
}

class SwapTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why_not = Authority::WhyNot(); !why_not.empty()) {
      GTEST_SKIP() << why_not;
    }
    authority_.emplace();
    for (Authority::Pair& pair : pairs_) {
      pair = authority_->Issue("DNS:localhost");
    }
    mount_.emplace(Files(pairs_[0]));
    auto loaded = Certificates::Load(
        {.certificate = *mount_ / "tls.crt",
         .key = *mount_ / "tls.key",
         .client_ca = *mount_ / "ca.crt"},
        clock_, [this](const std::string& path) { return Read(path); });
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    certificates_ = *std::move(loaded);
  }

  SecretMount::Files Files(const Authority::Pair& pair) const {
    return {{"tls.crt", pair.certificate},
            {"tls.key", pair.key},
            {"ca.crt", authority_->certificate()}};
  }
  // Swaps the directory when the certificate has been read and the key has not.
  absl::StatusOr<std::string> Read(const std::string& path) {
    auto text = ReadWholeFile(path);
    if (path == *mount_ / "tls.crt" && !next_.empty()) {
      mount_->Swap(Files(next_.front()));
      next_.erase(next_.begin());
    }
    return text;
  }

  // Certificates are valid by the real one.
  FakeClock clock_{absl::Now() + absl::Minutes(1)};
  std::optional<Authority> authority_;
  std::array<Authority::Pair, 3> pairs_;
  std::optional<SecretMount> mount_;
  std::vector<Authority::Pair> next_;
  std::shared_ptr<Certificates> certificates_;
};

TEST_F(SwapTest, BetweenTwoFilesOfALookIsNotNoticed) {
  const Log log(google::GLOG_WARNING);
  next_ = {pairs_[1]};
  const auto change = certificates_->TakeChange();
  EXPECT_TRUE(next_.empty()) << "in the look";
  ASSERT_TRUE(change);
  EXPECT_EQ(change->certificate, pairs_[1].certificate);
  EXPECT_EQ(change->key.Expose(), pairs_[1].key);
  EXPECT_THAT(log.lines, ElementsAre());
}

TEST_F(SwapTest, TwiceInALookLeavesTheOldPairUntilTheNext) {
  next_ = {pairs_[1], pairs_[2]};
  EXPECT_FALSE(certificates_->TakeChange());
  EXPECT_TRUE(next_.empty()) << "in the look";
  EXPECT_EQ(certificates_->contents().certificate, pairs_[0].certificate);
  EXPECT_EQ(certificates_->contents().key.Expose(), pairs_[0].key);
  clock_.Advance(absl::Seconds(1));
  const auto change = certificates_->TakeChange();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->certificate, pairs_[2].certificate);
  EXPECT_EQ(change->key.Expose(), pairs_[2].key);
}

AuthorizationPolicy Policy(const std::string& json) {
  auto policy = AuthorizationPolicy::Parse(json);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return policy.ok() ? *policy : AuthorizationPolicy();
}

constexpr char kPath[] = "/mentions.v1.MentionService/Subscribe";

TEST(AuthorizationTest, DeniesBeforeItAllowsAndOtherwiseDenies) {
  const AuthorizationPolicy policy = Policy(R"({
      "name": "policy",
      "deny_rules": [
        {"name": "d", "source": {"principals": ["spiffe://corp/bad/*"]}}],
      "allow_rules": [
        {"name": "a", "source": {"principals": ["spiffe://corp/*", "*.corp"]},
         "request": {"paths": ["/mentions.v1.MentionService/*"]}},
        {"name": "b", "source": {"principals": ["exact"]}}]})");
  EXPECT_TRUE(policy.Allows({"spiffe://corp/team"}, kPath));
  EXPECT_TRUE(policy.Allows({"other", "host.corp"}, kPath));
  EXPECT_TRUE(policy.Allows({"exact"}, "/any.Service/Method"));
  EXPECT_FALSE(policy.Allows({"spiffe://corp/bad/one"}, kPath));
  EXPECT_FALSE(policy.Allows({"host.corp", "spiffe://corp/bad/one"}, kPath));
  EXPECT_FALSE(policy.Allows({"spiffe://corp/team"}, "/any.Service/Method"));
  EXPECT_FALSE(policy.Allows({"exactly"}, kPath));
  EXPECT_FALSE(policy.Allows({}, kPath));
  EXPECT_FALSE(Policy(R"({"name":"p","allow_rules":[]})").Allows({"a"}, kPath));
}

TEST(AuthorizationTest, WithoutPrincipalsARuleIsForAnybody) {
  const AuthorizationPolicy anybody =
      Policy(R"({"name":"p","allow_rules":[{"name":"a"}]})");
  EXPECT_TRUE(anybody.Allows({}, kPath));
  const AuthorizationPolicy named = Policy(
      R"({"name":"p","allow_rules":[{"name":"a","source":{"principals":["*"]}}]})");
  EXPECT_FALSE(named.Allows({}, kPath));
  EXPECT_TRUE(named.Allows({"x"}, kPath));
}

TEST(AuthorizationTest, RefusesWhatItDoesNotUnderstand) {
  for (const auto& [json, why] :
       std::vector<std::pair<const char*, const char*>>{
           {"", "not JSON"},
           {"[]", "object"},
           {R"({"name":"p"})", "allow_rules"},
           {R"({"allow_rules":[]})", "name"},
           {R"({"name":"p","allow_rules":[{}]})", "name"},
           {R"({"name":"p","allow_rules":{}})", "list"},
           {R"({"name":"p","allow_rules":[1]})", "object"},
           {R"({"name":"p","allow_rules":[],"more":1})", "policy.more"},
           {R"({"name":"p","allow_rules":[{"name":"a",
               "request":{"headers":[]}}]})",
            "request.headers"},
           {R"({"name":"p","allow_rules":[{"name":"a",
               "source":{"principals":[1]}}]})",
            "strings"}}) {
    const auto policy = AuthorizationPolicy::Parse(json);
    ASSERT_FALSE(policy.ok()) << json;
    EXPECT_THAT(std::string(policy.status().message()), HasSubstr(why));
  }
}

TEST(AuthorizationTest, ANewFileIsUsedIfItIsGood) {
  FakeClock clock;
  const std::string path = Put(
      "policy.json",
      R"({"name":"p","allow_rules":[{"name":"a","source":{"principals":["a"]}}]})");
  const auto file = AuthorizationFile::Load(path, clock);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE((*file)->Check({"a"}, kPath).ok());
  EXPECT_TRUE(absl::IsPermissionDenied((*file)->Check({"b"}, kPath)));
  Put("policy.json", "{");
  clock.Advance(absl::Seconds(1));
  EXPECT_TRUE((*file)->Check({"a"}, kPath).ok()) << "the old one";
  Put("policy.json",
      R"({"name":"p","allow_rules":[{"name":"a","source":{"principals":["b"]}}]})");
  clock.Advance(absl::Seconds(1));
  EXPECT_TRUE((*file)->Check({"b"}, kPath).ok());
  EXPECT_FALSE((*file)->Check({"a"}, kPath).ok());
}

}  // namespace
}  // namespace mentiond
