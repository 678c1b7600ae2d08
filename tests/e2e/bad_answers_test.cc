// What GitHub should not send and sometimes does: no crash, and nothing lost
// but what was bad itself.

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

class BadAnswersTest : public testing::Test {
 protected:
  BadAnswersTest()
      : repo_(service_.github().repo(kRepo)),
        pull_(repo_.AddPull("mona", "Hello")) {}

  // Whether the history is read in the end despite these responses.
  void ExpectHistoryDespite(const Fault& fault) {
    service_.github().AddFault(fault);
    const auto stream = service_.Subscribe(kRepo, "octocat");
    EXPECT_EQ(stream->ReadHistory().size(), 1);
  }

  Service service_;
  FakeRepository& repo_;
  const int64_t pull_;
};

TEST_F(BadAnswersTest, FaultsThatPassDoNotEndAStream) {
  repo_.AddIssueComment(pull_, "hubot", "@octocat");
  ExpectHistoryDespite(Fault::HtmlBadGateway("/issues"));
  ExpectHistoryDespite(Fault::Answer("/issues/comments", 200, "not JSON"));
  ExpectHistoryDespite(Fault::Answer("/issues", 200, R"({"a": 1})"));
  ExpectHistoryDespite(Fault::Answer("/pulls/comments", 500));
  ExpectHistoryDespite(Fault::Answer("/reviews", 200, "\"text\""));
  ExpectHistoryDespite(Fault::Close("/issues"));
  ExpectHistoryDespite(Fault::Truncate("/issues/comments", 20));
}

TEST_F(BadAnswersTest, ABadItemAmongGoodOnesIsLeftOut) {
  service_.github().AddFault(Fault::Answer(
      "/issues/comments", 200,
      absl::StrCat(
          R"([{"id":"7","body":"@octocat"}, null, 5, [],)",
          R"({"id":1,"user":null,"body":null,"html_url":"https://x/pull/1#a",)",
          R"("created_at":"2024-01-01T00:00:00Z",)",
          R"("updated_at":"2024-01-01T00:00:00Z"},)",
          R"({"id":2,"user":{"login":"mona"},"body":"@octocat",)",
          R"("html_url":"https://x/pull/1#b",)",
          R"("created_at":"2024-01-01T00:00:00Z",)",
          R"("updated_at":"2024-01-01T00:00:00Z"}])")));
  const auto stream = service_.Subscribe(kRepo, "octocat");
  const auto mentions = stream->ReadHistory();
  ASSERT_EQ(mentions.size(), 1);
  EXPECT_EQ(mentions[0].id(), 2);
  // The log counts them and shows nothing of them.
  const auto line = service_.server().WaitForLine(
      Subprocess::Stream::kStderr,
      [](std::string_view text) {
        return text.find("left out 4 malformed items") !=
               std::string_view::npos;
      },
      Deadline());
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->find("octocat"), std::string::npos);
}

TEST_F(BadAnswersTest, LongBodiesArrive) {
  std::string body(1 << 20, 'x');
  body += " @octocat";
  repo_.AddIssueComment(pull_, "hubot", body);
  const auto mentions = service_.Subscribe(kRepo, "octocat")->ReadHistory();
  ASSERT_EQ(mentions.size(), 1);
  EXPECT_EQ(mentions[0].body(), body);
}

TEST_F(BadAnswersTest, LastingRefusalsEndTheStreamWithTheirStatus) {
  struct Case {
    int status;
    grpc::StatusCode code;
  };
  // The last one with 401, as the token is not tried for a minute then.
  for (const Case& c : {Case{403, grpc::StatusCode::PERMISSION_DENIED},
                        Case{404, grpc::StatusCode::NOT_FOUND},
                        Case{410, grpc::StatusCode::FAILED_PRECONDITION},
                        Case{451, grpc::StatusCode::FAILED_PRECONDITION},
                        Case{401, grpc::StatusCode::UNAUTHENTICATED}}) {
    Fault fault =
        Fault::Answer("/issues", c.status, R"({"message":"So it is"})");
    fault.times = std::nullopt;
    service_.github().AddFault(fault);
    const grpc::Status status = service_.Subscribe(kRepo, "octocat")->Finish();
    EXPECT_EQ(status.error_code(), c.code) << c.status;
    EXPECT_NE(status.error_message().find("So it is"), std::string::npos)
        << status.error_message();
    service_.github().ClearFaults();
  }
}

TEST_F(BadAnswersTest, NoTokenShowsInTheLogOrTheStatus) {
  mentions::v1::SubscribeRequest request;
  request.set_repo(kRepo);
  request.set_user("octocat");
  request.set_token("ghp_verysecret");
  service_.github().SetTokensRestricted(true);
  const grpc::Status status = service_.Subscribe(request)->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(status.error_message().find("verysecret"), std::string::npos);

  ASSERT_TRUE(service_.server().Signal(SIGTERM).ok());
  const auto log =
      service_.server().ReadAll(Subprocess::Stream::kStderr, Deadline());
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_NE(log->find("UNAUTHENTICATED"), std::string::npos);
  EXPECT_EQ(log->find("verysecret"), std::string::npos);
}

}  // namespace
}  // namespace mentiond
