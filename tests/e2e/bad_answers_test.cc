// What GitHub should not send and sometimes does: nothing is lost but what was
// bad itself, and what lasts ends the stream with a status that says so.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/service.h"

namespace mentiond {
namespace {

TEST(BadAnswersTest, FaultsThatPassDoNotEndAStream) {
  Service service;
  FakeRepository& repo = service.github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "Hello");
  repo.AddIssueComment(pull, "hubot", "@octocat");
  repo.AddReview(pull, "hubot", "@octocat");
  for (const Fault& fault :
       {Fault::HtmlBadGateway("/issues?"), Fault::Close("/issues?"),
        Fault::Answer("/issues?", 200, R"({"a": 1})"),
        Fault::Answer("/issues/comments?", 200, "not JSON"),
        Fault::Truncate("/issues/comments?", 20),
        Fault::Answer("/pulls/comments?", 500),
        Fault::Answer("/graphql", 200, "\"text\""),
        Fault::Answer("/graphql", 502)}) {
    service.github().ClearLog();
    service.github().AddFault(fault);
    EXPECT_EQ(service.Subscribe()->ReadHistory().size(), 2U);
    std::vector<std::string> hit;
    for (const RequestRecord& request : service.github().requests()) {
      if (request.faulted) hit.push_back(request.target);
    }
    EXPECT_THAT(
        hit, testing::ElementsAre(testing::HasSubstr(fault.target_contains)));
  }
}

TEST(BadAnswersTest, LastingRefusalsEndTheStreamWithTheirStatus) {
  Service service;
  service.github().repo(kRepo);
  struct Case {
    int status;
    grpc::StatusCode code;
    const char* reason;
  };
  // The last one with 401, as the token is not tried for a minute then.
  for (const Case& c :
       {Case{403, grpc::StatusCode::PERMISSION_DENIED, "GITHUB_FORBIDS"},
        Case{404, grpc::StatusCode::NOT_FOUND, "GITHUB_NOT_FOUND"},
        Case{410, grpc::StatusCode::FAILED_PRECONDITION, "GITHUB_GONE"},
        Case{451, grpc::StatusCode::FAILED_PRECONDITION, "GITHUB_GONE"},
        Case{401, grpc::StatusCode::UNAUTHENTICATED,
             "GITHUB_TOKEN_REJECTED"}}) {
    Fault fault =
        Fault::Answer("/issues", c.status, R"({"message":"So it is"})");
    fault.times = std::nullopt;
    service.github().AddFault(fault);
    const grpc::Status status = service.Subscribe()->Finish();
    EXPECT_EQ(status.error_code(), c.code) << c.status;
    EXPECT_EQ(ReasonOf(status), c.reason);
    EXPECT_THAT(status.error_message(), testing::HasSubstr("So it is"));
    service.github().ClearFaults();
  }
}

}  // namespace
}  // namespace mentiond
