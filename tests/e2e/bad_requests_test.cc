// What a client may get wrong in its request: the same word for each, and the
// name of the field.

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "proto/google/rpc/error_details.pb.h"
#include "tests/e2e/service.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;

struct Case {
  const char* field;
  std::string value;
};

TEST(BadRequestsTest, EachIsRefusedByTheNameOfItsField) {
  Service service;
  std::vector<Case> cases;
  for (const std::string& repo :
       {std::string(), std::string("a"), std::string("a/b/c"),
        std::string("a/.."), std::string("../x"),
        std::string("https://evil.example/a/b"), std::string(10 << 10, 'x'),
        std::string("a/b\n"), std::string("a/b\0", 4), std::string("a/\xff")}) {
    cases.push_back({"repo", repo});
  }
  for (const std::string& user :
       {std::string(), std::string("-a"), std::string("a--b"),
        std::string(40, 'a'), std::string("a/b/c"), std::string("a b"),
        std::string("\xff")}) {
    cases.push_back({"user", user});
  }
  for (const std::string& token :
       {std::string("ghp_x\nHost: evil"), std::string("ghp_x\r"),
        std::string("ghp_\u00e4"), std::string("ghp_\xff"),
        std::string(2000, 'x')}) {
    cases.push_back({"token", token});
  }
  cases.push_back({"resume_token", "abc"});

  for (const Case& bad : cases) {
    SubscribeRequest request;
    request.set_repo("octo/demo");
    request.set_user("octocat");
    request.set_token(kToken);
    const auto* field =
        SubscribeRequest::descriptor()->FindFieldByName(bad.field);
    SubscribeRequest::GetReflection()->SetString(&request, field, bad.value);

    const grpc::Status status = service.Subscribe(request)->Finish();

    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT)
        << bad.field << " " << bad.value;
    EXPECT_EQ(status.error_message().rfind(std::string(bad.field) + ": ", 0),
              0U)
        << status.error_message();
    google::rpc::Status details;
    google::rpc::BadRequest field_of;
    ASSERT_TRUE(details.ParseFromString(status.error_details()));
    ASSERT_GE(details.details_size(), 2);
    ASSERT_TRUE(details.details(0).UnpackTo(&field_of));
    EXPECT_EQ(field_of.field_violations(0).field(), bad.field);
    EXPECT_EQ(status.error_message().find("ghp_"), std::string::npos)
        << "a token is never repeated";
  }
  EXPECT_EQ(service.github().stats().requests, 0) << "GitHub hears of none";
}

TEST(BadRequestsTest, TimesAndSourcesToo) {
  Service service;
  const auto error = [&](const std::function<void(SubscribeRequest&)>& spoil) {
    SubscribeRequest request;
    request.set_repo("octo/demo");
    request.set_user("octocat");
    request.set_token(kToken);
    spoil(request);
    const grpc::Status status = service.Subscribe(request)->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message().substr(0, status.error_message().find(':'));
  };
  EXPECT_EQ(error([](auto& r) { r.mutable_since()->set_nanos(-1); }), "since");
  EXPECT_EQ(error([](auto& r) { r.mutable_since()->set_seconds(1LL << 60); }),
            "since");
  EXPECT_EQ(
      error([](auto& r) { r.add_sources(mentions::v1::SOURCE_UNSPECIFIED); }),
      "sources");
  EXPECT_EQ(error([](auto& r) {
              r.add_sources(static_cast<mentions::v1::Source>(99));
            }),
            "sources");
}

}  // namespace
}  // namespace mentiond
