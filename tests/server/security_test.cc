// Certificates and policies that are replaced while the server runs.

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/authorization.h"
#include "server/certificates.h"
#include "tests/authority.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/secret_mount.h"
#include "tests/temp_directory.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;

// As a swap of its directory does it.
void Put(const std::string& path, const std::string& text) {
  std::ofstream(path + ".new") << text;
  std::filesystem::rename(path + ".new", path);
}

class CertificatesTest : public testing::Test {
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
    auto loaded = Load();
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    certificates_ = *std::move(loaded);
  }

  SecretMount::Files Files(const Authority::Pair& pair) const {
    return {{"tls.crt", pair.certificate},
            {"tls.key", pair.key},
            {"ca.crt", authority_->certificate()}};
  }
  absl::StatusOr<std::shared_ptr<Certificates>> Load() {
    return Certificates::Load(
        {.certificate = *mount_ / "tls.crt",
         .key = *mount_ / "tls.key",
         .client_ca = *mount_ / "ca.crt"},
        clock_, [this](const std::string& path) { return Read(path); });
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
  // What a look at the files a second later finds, which may be nothing.
  std::optional<CertificateContents> LookAgain() {
    clock_.Advance(absl::Seconds(1));
    return certificates_->TakeChange();
  }

  const CapturedLog log_;
  // Certificates are valid by the real one.
  FakeClock clock_{absl::Now() + absl::Minutes(1)};
  std::optional<Authority> authority_;
  std::array<Authority::Pair, 3> pairs_;
  std::optional<SecretMount> mount_;
  std::vector<Authority::Pair> next_;
  std::shared_ptr<Certificates> certificates_;
};

TEST_F(CertificatesTest, NewOnesAreTakenWhenTheyAreGood) {
  const auto& [first, second, third] = pairs_;
  EXPECT_EQ(certificates_->contents().key.Expose(), first.key);
  EXPECT_FALSE(certificates_->TakeChange());
  // Given files that do not fit each other, the old ones stay,
  mount_->Swap(Files({second.certificate, first.key}));
  EXPECT_FALSE(certificates_->TakeChange()) << "not looked at yet";
  EXPECT_FALSE(LookAgain());
  EXPECT_EQ(log_.With("not used").size(), 1U);
  EXPECT_EQ(certificates_->contents().key.Expose(), first.key);
  // until they do.
  mount_->Swap(Files(second));
  EXPECT_EQ(LookAgain()->certificate, second.certificate);
  EXPECT_FALSE(LookAgain()) << "that was all";

  for (const auto& [name, text] : {std::pair("tls.crt", ""),
                                   {"tls.crt", "-----BEGIN"},
                                   {"tls.key", "x"},
                                   {"ca.crt", "x"}}) {
    SecretMount::Files files = Files(second);
    files[name] = text;
    mount_->Swap(files);
    EXPECT_FALSE(LookAgain()) << name;
    EXPECT_FALSE(Load().ok()) << name;
  }
  SecretMount::Files files = Files(second);
  files.erase("tls.key");
  mount_->Swap(files);
  EXPECT_THAT(std::string(Load().status().message()), HasSubstr("tls.key"));
}

TEST_F(CertificatesTest, OneThatHasExpiredIsUsedAndTheLogSaysSoOnce) {
  EXPECT_EQ(log_.With("expired at ").size(), 0U);
  // It ends while it is in use,
  for (int look = 0; look < 3; ++look) {
    clock_.Advance(absl::Hours(48));
    EXPECT_FALSE(certificates_->TakeChange());
  }
  EXPECT_EQ(log_.With("expired at ").size(), 1U);
  // or has ended when it is put there.
  mount_->Swap(Files(pairs_[1]));
  EXPECT_TRUE(LookAgain());
  EXPECT_EQ(log_.With("expired at ").size(), 2U);
}

TEST_F(CertificatesTest, ASwapBetweenTwoFilesOfALookIsNotNoticed) {
  next_ = {pairs_[1]};
  const auto change = certificates_->TakeChange();
  EXPECT_TRUE(next_.empty()) << "in the look";
  ASSERT_TRUE(change);
  EXPECT_EQ(change->certificate, pairs_[1].certificate);
  EXPECT_EQ(change->key.Expose(), pairs_[1].key);
  EXPECT_EQ(log_.With("not used").size(), 0U);
}

TEST_F(CertificatesTest, TwoSwapsInALookLeaveTheOldPairUntilTheNext) {
  next_ = {pairs_[1], pairs_[2]};
  EXPECT_FALSE(certificates_->TakeChange());
  EXPECT_TRUE(next_.empty()) << "in the look";
  EXPECT_EQ(certificates_->contents().certificate, pairs_[0].certificate);
  EXPECT_EQ(certificates_->contents().key.Expose(), pairs_[0].key);
  const auto change = LookAgain();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->certificate, pairs_[2].certificate);
  EXPECT_EQ(change->key.Expose(), pairs_[2].key);
}

constexpr char kPath[] = "/mentions.v1.MentionService/Subscribe";

TEST(AuthorizationTest, DeniesBeforeItAllowsAndOtherwiseDenies) {
  constexpr char kPolicy[] = R"({
      "name": "policy",
      "deny_rules": [
        {"name": "d", "source": {"principals": ["spiffe://corp/bad/*"]}}],
      "allow_rules": [
        {"name": "a", "source": {"principals": ["spiffe://corp/*", "*.corp"]},
         "request": {"paths": ["/mentions.v1.MentionService/*"]}},
        {"name": "b", "source": {"principals": ["exact"]}}]})";
  constexpr char kNobody[] = R"({"name":"p","allow_rules":[]})";
  // Without principals a rule is for anybody.
  constexpr char kAnybody[] = R"({"name":"p","allow_rules":[{"name":"a"}]})";
  constexpr char kNamed[] = R"({"name":"p","allow_rules":[
      {"name":"a","source":{"principals":["*"]}}]})";
  const struct {
    const char* policy;
    std::vector<std::string> principals;
    const char* path;
    bool allowed;
  } cases[] = {
      {kPolicy, {"spiffe://corp/team"}, kPath, true},
      {kPolicy, {"other", "host.corp"}, kPath, true},
      {kPolicy, {"exact"}, "/any.Service/Method", true},
      {kPolicy, {"spiffe://corp/bad/one"}, kPath, false},
      {kPolicy, {"host.corp", "spiffe://corp/bad/one"}, kPath, false},
      {kPolicy, {"spiffe://corp/team"}, "/any.Service/Method", false},
      {kPolicy, {"exactly"}, kPath, false},
      {kPolicy, {}, kPath, false},
      {kNobody, {"a"}, kPath, false},
      {kAnybody, {}, kPath, true},
      {kNamed, {}, kPath, false},
      {kNamed, {"x"}, kPath, true},
  };
  for (const auto& row : cases) {
    const auto policy = AuthorizationPolicy::Parse(row.policy);
    ASSERT_TRUE(policy.ok()) << policy.status();
    EXPECT_EQ(policy->Allows(row.principals, row.path), row.allowed)
        << testing::PrintToString(row.principals) << row.path;
  }
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
  const TempDirectory directory;
  const std::string path = directory / "policy.json";
  const auto allow = [](const std::string& name) {
    return R"({"name":"p","allow_rules":[{"name":"a","source":{"principals":[")" +
           name + R"("]}}]})";
  };
  Put(path, allow("a"));
  const auto file = AuthorizationFile::Load(path, clock);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE((*file)->Check({"a"}, kPath).ok());
  EXPECT_TRUE(absl::IsPermissionDenied((*file)->Check({"b"}, kPath)));
  Put(path, "{");
  clock.Advance(absl::Seconds(1));
  EXPECT_TRUE((*file)->Check({"a"}, kPath).ok()) << "the old one";
  Put(path, allow("b"));
  clock.Advance(absl::Seconds(1));
  EXPECT_TRUE((*file)->Check({"b"}, kPath).ok());
  EXPECT_FALSE((*file)->Check({"a"}, kPath).ok());
}

}  // namespace
}  // namespace mentiond
