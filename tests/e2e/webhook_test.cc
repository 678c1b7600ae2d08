// From a webhook delivery to the subscriber.

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeResponse;

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

// Polls so seldom that nothing comes but by a delivery, nor a heartbeat but
// after a poll.
class WebhookTest : public testing::Test {
 protected:
  // A stream whose first poll is over.
  std::unique_ptr<Stream> Subscribe(const std::string& repo) {
    auto stream = service_.Subscribe(repo);
    EXPECT_EQ(stream->ReadHistory().size(), 0);
    EXPECT_TRUE(stream->Next(SubscribeResponse::kHeartbeat));
    return stream;
  }
  // Expects that the next thing on the stream is this mention, and then the
  // heartbeat of the poll that found it: so there was none before.
  static void ExpectNext(Stream& stream, const std::string& body) {
    const auto mention = stream.Next();
    ASSERT_TRUE(mention.has_value());
    EXPECT_EQ(mention->mention().body(), body) << mention->ShortDebugString();
    const auto heartbeat = stream.Next();
    ASSERT_TRUE(heartbeat.has_value());
    EXPECT_TRUE(heartbeat->has_heartbeat()) << heartbeat->ShortDebugString();
  }

  // The status of the response.
  int Deliver(const std::string& body, const std::string& signature) {
    const auto result = httplib::Client(url_).Post(
        "/hooks/github",
        {{"X-GitHub-Event", "issue_comment"},
         {"X-GitHub-Delivery", absl::StrCat("delivery-", ++deliveries_)},
         {"X-Hub-Signature-256", signature}},
        body, "application/json");
    return result ? result->status : 0;
  }
  int DeliverOf(const std::string& repo) {
    const std::string body = absl::StrCat(
        R"({"action":"created","comment":{"body":"@octocat is not in here"},)",
        R"("repository":{"full_name":")", repo, "\"}}");
    return Deliver(body, Sign(body));
  }

  Service service_{[](FakeGitHub&) {
    const std::string file = testing::TempDir() + "/webhook_secret";
    std::ofstream(file) << kSecret << "\n";
    return Launch{.flags = {"--poll_interval=10h",
                            "--keepalive_message_interval=0",
                            "--webhook_listen=127.0.0.1:0",
                            "--webhook_secret_file=" + file}};
  }};
  const std::string url_ = service_.UrlInLog("receiving webhooks");
  FakeRepository& repo_ = service_.github().repo(kRepo);
  const int64_t pull_ = repo_.AddPull("mona", "Hello");
  int deliveries_ = 0;
};

// Shows: a webhook makes streams poll at once
TEST_F(WebhookTest, StreamsOnItsRepositoryPollAtOnceWhenADeliveryComes) {
  FakeRepository& elsewhere = service_.github().repo("octo/other");
  const int64_t pull = elsewhere.AddPull("mona", "Hello");
  const auto stream = Subscribe(kRepo);
  const auto other = Subscribe("octo/other");
  for (int i = 0; i < 3; ++i) {
    // Given a mention that a poll would find in hours
    const std::string body = absl::StrCat("@octocat number ", i);
    repo_.AddIssueComment(pull_, "hubot", body);
    // when GitHub delivers that something has happened there,
    EXPECT_EQ(DeliverOf("Octo/Demo"), 200);
    // then it comes, as GitHub's API has it.
    ExpectNext(*stream, body);
  }
  // Nothing has happened on the other one until there is a delivery for it.
  elsewhere.AddIssueComment(pull, "hubot", "@octocat elsewhere");
  EXPECT_EQ(DeliverOf("octo/other"), 200);
  ExpectNext(*other, "@octocat elsewhere");
}

TEST_F(WebhookTest, WhatIsNotGitHubsChangesNothing) {
  const auto stream = Subscribe(kRepo);
  const std::string body = R"({"repository":{"full_name":"octo/demo"}})";
  EXPECT_EQ(Deliver(body, ""), 401);
  EXPECT_EQ(Deliver(body, Sign("something else")), 401);
  const std::string large(3 << 20, ' ');
  // Or 0: the connection is closed before all of it is sent.
  EXPECT_THAT(Deliver(large, Sign(large)), testing::AnyOf(413, 0));
  // Nor is a body read that has no length, or would be decompressed.
  httplib::Client hostile(url_);
  hostile.set_compress(true);
  EXPECT_EQ(hostile.Post("/hooks/github", body, "application/json")->status,
            415);
  const auto chunked = httplib::Client(url_).Post(
      "/hooks/github",
      [&](size_t, httplib::DataSink& sink) {
        sink.write(body.data(), body.size());
        sink.done();
        return true;
      },
      "application/json");
  if (chunked) {
    EXPECT_EQ(chunked->status, 411);
  }
  EXPECT_EQ(DeliverOf("a/b"), 200);
  // And nothing else is served there.
  httplib::Client client(url_);
  EXPECT_EQ(client.Get("/hooks/github")->status, 404);
  EXPECT_EQ(client.Get("/")->status, 404);
  // Only now there is a poll.
  repo_.AddIssueComment(pull_, "hubot", "@octocat");
  EXPECT_EQ(DeliverOf(kRepo), 200);
  ExpectNext(*stream, "@octocat");
}

}  // namespace
}  // namespace mentiond
