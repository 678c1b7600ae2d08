// From a webhook delivery to the subscriber.

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

constexpr char kSecret[] = "a secret";

std::string Sign(const std::string& body) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  HMAC(EVP_sha256(), kSecret, sizeof(kSecret) - 1,
       reinterpret_cast<const unsigned char*>(body.data()), body.size(),
       digest.data(), &size);
  return absl::StrCat("sha256=",
                      absl::BytesToHexString(absl::string_view(
                          reinterpret_cast<const char*>(digest.data()), size)));
}

// Polls so seldom that nothing comes but by a delivery.
class WebhookTest : public testing::Test {
 protected:
  WebhookTest()
      : secret_file_(testing::TempDir() + "/webhook_secret"),
        service_([this](FakeGitHub&) {
          std::ofstream(secret_file_) << kSecret << "\n";
          return Launch{.flags = {"--poll_interval=10h",
                                  "--webhook_listen=127.0.0.1:0",
                                  "--webhook_secret_file=" + secret_file_}};
        }),
        repo_(service_.github().repo("octo/demo")),
        pull_(repo_.AddPull("mona", "Hello")) {
    constexpr char kPrefix[] = "http://";
    const auto line = service_.server().WaitForLine(
        Subprocess::Stream::kStderr,
        [](std::string_view text) {
          return text.find("receiving webhooks") != std::string_view::npos;
        },
        Deadline());
    EXPECT_TRUE(line.ok()) << line.status();
    const size_t begin = line->find(kPrefix);
    url_ = line->substr(begin, line->find("/hooks") - begin);
  }

  // The status of the response.
  int Deliver(const std::string& body, const std::string& signature) {
    httplib::Client client(url_);
    const auto result = client.Post("/hooks/github",
                                    {{"X-GitHub-Event", "issue_comment"},
                                     {"X-GitHub-Delivery", NextId()},
                                     {"X-Hub-Signature-256", signature}},
                                    body, "application/json");
    return result ? result->status : 0;
  }
  std::string NextId() { return absl::StrCat("delivery-", ++deliveries_); }

  const std::string secret_file_;
  Service service_;
  FakeRepository& repo_;
  const int64_t pull_;
  std::string url_;
  int deliveries_ = 0;
};

constexpr char kBody[] =
    R"({"action":"created","comment":{"body":"@octocat is not in here"},)"
    R"("repository":{"full_name":"Octo/Demo"}})";

TEST_F(WebhookTest, AStreamPollsAtOnceWhenADeliveryComes) {
  const auto stream = service_.Subscribe("octo/demo", "octocat");
  const auto other = service_.Subscribe("octo/other", "octocat");
  EXPECT_EQ(stream->ReadHistory().size(), 0);
  for (int i = 0; i < 3; ++i) {
    // Given a mention that a poll would find in hours
    const std::string body = absl::StrCat("@octocat number ", i);
    repo_.AddIssueComment(pull_, "hubot", body);
    // when GitHub delivers that something has happened there, more than once,
    const absl::Time delivered = absl::Now();
    EXPECT_EQ(Deliver(kBody, Sign(kBody)), 200);
    EXPECT_EQ(Deliver(kBody, Sign(kBody)), 200);
    // then it comes, as GitHub's API has it.
    const auto mention = stream->NextMention();
    ASSERT_TRUE(mention.has_value());
    EXPECT_EQ(mention->body(), body);
    std::cout << "delivered to the client after " << absl::Now() - delivered
              << "\n";
  }
}

TEST_F(WebhookTest, WhatIsNotGitHubsChangesNothing) {
  const auto stream = service_.Subscribe("octo/demo", "octocat");
  EXPECT_EQ(stream->ReadHistory().size(), 0);
  const size_t before = service_.github().requests().size();
  EXPECT_EQ(Deliver(kBody, ""), 401);
  EXPECT_EQ(Deliver(kBody, Sign("something else")), 401);
  const std::string large(3 << 20, ' ');
  // Or 0: the connection is closed before all of it is sent.
  EXPECT_THAT(Deliver(large, Sign(large)), testing::AnyOf(413, 0));
  // Nor is a body read that has no length, or would be decompressed.
  httplib::Client hostile(url_);
  hostile.set_compress(true);
  EXPECT_EQ(hostile.Post("/hooks/github", kBody, "application/json")->status,
            415);
  const auto chunked = httplib::Client(url_).Post(
      "/hooks/github",
      [](size_t, httplib::DataSink& sink) {
        sink.write(kBody, sizeof(kBody) - 1);
        sink.done();
        return true;
      },
      "application/json");
  if (chunked) {
    EXPECT_EQ(chunked->status, 411);
  }
  const std::string elsewhere = R"({"repository":{"full_name":"a/b"}})";
  EXPECT_EQ(Deliver(elsewhere, Sign(elsewhere)), 200);
  // And nothing else is served there.
  httplib::Client client(url_);
  EXPECT_EQ(client.Get("/hooks/github")->status, 404);
  EXPECT_EQ(client.Get("/")->status, 404);
  EXPECT_EQ(service_.github().requests().size(), before);
}

}  // namespace
}  // namespace mentiond
