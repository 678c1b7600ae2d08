#include "server/webhook.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

// The example of GitHub's documentation.
constexpr char kSecret[] = "It's a Secret to Everybody";
constexpr char kHello[] = "Hello, World!";
constexpr char kHelloSignature[] =
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

constexpr char kComment[] =
    R"({"action":"created","repository":{"full_name":"Octo/Demo"}})";

std::string Sign(const std::string& body) {
  std::array<unsigned char, 32> digest;
  HMAC(EVP_sha256(), kSecret, sizeof(kSecret) - 1,
       reinterpret_cast<const unsigned char*>(body.data()), body.size(),
       digest.data(), nullptr);
  return absl::StrCat("sha256=", absl::BytesToHexString(std::string(
                                     digest.begin(), digest.end())));
}

class WebhookTest : public testing::Test {
 protected:
  void Expect(int status, const std::string& body, const std::string& id,
              const std::string& signature,
              const std::string& event = "issue_comment") {
    const WebhookAnswer answer = checker_.Check(
        {.signature = signature, .event = event, .id = id, .body = body});
    EXPECT_EQ(answer.status, status) << body << signature.substr(0, 100);
    EXPECT_EQ(answer.repo, status == 200 ? "Octo/Demo" : "");
  }

  WebhookChecker checker_{Secret(kSecret)};
};

TEST_F(WebhookTest, TakesWhatIsSignedWithTheSecretOnce) {
  Expect(202, kHello, "hello", kHelloSignature);  // about nothing
  std::string wrong = Sign(kComment);
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  for (const std::string& signature :
       {std::string(), std::string("sha256="), wrong, Sign(kComment) + "0",
        Sign(kComment).substr(7), std::string(kHelloSignature),
        std::string(100'000, 'a')}) {
    Expect(401, kComment, "one", signature);
  }
  // That was not taken for a delivery that has been received.
  Expect(200, kComment, "one", Sign(kComment));
  Expect(202, kComment, "one", Sign(kComment));
  // It is remembered until so many others have come.
  for (size_t i = 1; i < WebhookChecker::kMaxRemembered; ++i) {
    Expect(202, kHello, absl::StrCat("hello ", i), kHelloSignature);
  }
  Expect(202, kComment, "one", Sign(kComment));
  Expect(202, kHello, "one more", kHelloSignature);
  Expect(200, kComment, "one", Sign(kComment));
}

TEST_F(WebhookTest, RefusesWhatIsNoDelivery) {
  Expect(400, kHello, "", kHelloSignature);
  Expect(400, kHello, std::string(65, 'a'), kHelloSignature);
  Expect(400, kHello, "x", kHelloSignature, /*event=*/"");
}

TEST_F(WebhookTest, ReadsNothingButTheNameOfARepository) {
  // Any other content is signed as well, and still not trusted.
  int id = 0;
  for (const char* body :
       {"", "[]", R"({"repository":"octo/demo"})",
        R"({"repository":{"full_name":7}})",
        R"({"repository":{"full_name":"../../x"}})",
        R"({"repository":{"full_name":"https://evil.example/a/b"}})",
        R"({"repository":{"full_name":"a/b")"}) {
    Expect(202, body, absl::StrCat(++id), Sign(body));
  }
}

}  // namespace
}  // namespace mentiond
