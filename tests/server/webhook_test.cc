#include "server/webhook.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

// The example of GitHub's documentation.
constexpr char kSecret[] = "It's a Secret to Everybody";
constexpr char kHello[] = "Hello, World!";
constexpr char kHelloSignature[] =
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

class WebhookTest : public testing::Test {
 protected:
  // With the signature that `openssl dgst -sha256 -hmac` gives for the body.
  WebhookAnswer Check(const std::string& body, const std::string& signature,
                      const std::string& id = "one") {
    return checker_.Check({.signature = signature,
                           .event = "issue_comment",
                           .id = id,
                           .body = body});
  }

  WebhookChecker checker_{Secret(kSecret)};
};

constexpr char kComment[] =
    R"({"action":"created","repository":{"full_name":"Octo/Demo"}})";
constexpr char kCommentSignature[] =
    "sha256=e53b650b23419f58806ed08a9191b014089b635e9afc7e2ab23e069e41d2ddce";

TEST_F(WebhookTest, AcceptsWhatIsSignedWithTheSecret) {
  EXPECT_EQ(Check(kHello, kHelloSignature).status, 202) << "about nothing";
  const WebhookAnswer answer = Check(kComment, kCommentSignature, "two");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.repo, "Octo/Demo");
}

TEST_F(WebhookTest, RefusesWhatIsNot) {
  std::string wrong = kCommentSignature;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  for (const std::string& signature :
       {std::string(), std::string("sha256="), wrong,
        absl::StrCat(kCommentSignature, "0"),
        std::string(kCommentSignature).substr(7), std::string(kHelloSignature),
        std::string(100'000, 'a')}) {
    const WebhookAnswer answer = Check(kComment, signature);
    EXPECT_EQ(answer.status, 401) << signature.substr(0, 100);
    EXPECT_EQ(answer.repo, "");
  }
  // It was not taken for a delivery that has been received.
  EXPECT_EQ(Check(kComment, kCommentSignature).status, 200);
}

TEST_F(WebhookTest, IgnoresWhatIsRepeated) {
  EXPECT_EQ(Check(kComment, kCommentSignature).status, 200);
  const WebhookAnswer again = Check(kComment, kCommentSignature);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.repo, "");
  // As long as so many others have come since.
  for (size_t i = 0; i < WebhookChecker::kMaxRemembered; ++i) {
    Check(kHello, kHelloSignature, absl::StrCat("hello ", i));
  }
  EXPECT_EQ(Check(kComment, kCommentSignature).status, 200);
}

TEST_F(WebhookTest, RefusesWhatIsNoDelivery) {
  EXPECT_EQ(Check(kHello, kHelloSignature, "").status, 400);
  EXPECT_EQ(Check(kHello, kHelloSignature, std::string(65, 'a')).status, 400);
  EXPECT_EQ(checker_
                .Check({.signature = kHelloSignature,
                        .event = "",
                        .id = "x",
                        .body = kHello})
                .status,
            400);
}

TEST_F(WebhookTest, ReadsNothingButTheNameOfARepository) {
  // Any other content is signed as well, and still not trusted.
  const struct {
    const char* body;
    const char* signature;
  } cases[] = {
      {R"()",
       "sha256="
       "66a0c074deaa0f489ead6537e0d32f9a344b90bbeda705b6ed45ecd3b413fb40"},
      {R"([])",
       "sha256="
       "3c77e8e7f87744ca870cf37ba75921f2672fcd699c53a4a45e99a881df55d846"},
      {R"({"repository":"octo/demo"})",
       "sha256="
       "5c48c9e6dba734ee300dfde9917f7316d6645ec79fe40d0d6a7c1357c8b532bb"},
      {R"({"repository":{"full_name":7}})",
       "sha256="
       "e578141ed5a454e89ca625569ddbd333d2cfdae5041961b3962211877e5956b9"},
      {R"({"repository":{"full_name":"../../x"}})",
       "sha256="
       "18d5d7b8a33d2b8b912dee9c185a0bc002cbf1097d944eecf66725407e2a1fc4"},
      {R"({"repository":{"full_name":"https://evil.example/a/b"}})",
       "sha256="
       "02c63f699ff78992611b8ef9920cca8c98f4418c1e5b2ae8abc8e4a427107099"},
      {R"({"repository":{"full_name":"a/b")",
       "sha256="
       "c9f85832a278b368cac1a789d1c71ac898b080d3ab70f550eb6abffc4dbfced8"},
  };
  int id = 0;
  for (const auto& [body, signature] : cases) {
    const WebhookAnswer answer = Check(body, signature, absl::StrCat(++id));
    EXPECT_EQ(answer.status, 202) << body;
    EXPECT_EQ(answer.repo, "") << body;
  }
}

}  // namespace
}  // namespace mentiond
