#include "server/wire.h"

#include <string>
#include <vector>

#include "grpcpp/support/slice.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

TEST(WireTest, ParsesARequest) {
  SubscribeRequest sent;
  sent.set_repo("octo/demo");
  sent.set_user("m\u00f6na");
  sent.add_sources(mentions::v1::SOURCE_REVIEW);
  const auto request = ParseRequest(Bytes(sent.SerializeAsString()));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->SerializeAsString(), sent.SerializeAsString());
  EXPECT_TRUE(ParseRequest(Bytes("")).ok()) << "the empty message";
}

TEST(WireTest, ParsesARequestInSeveralSlices) {
  SubscribeRequest sent;
  sent.set_repo("octo/demo");
  const std::string bytes = sent.SerializeAsString();
  const grpc::Slice slices[] = {grpc::Slice(bytes.substr(0, 3)),
                                grpc::Slice(bytes.substr(3))};
  const auto request = ParseRequest(grpc::ByteBuffer(slices, 2));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->repo(), "octo/demo");
}

TEST(WireTest, NamesTheFieldThatIsNotUtf8) {
  const auto error = [](int field) {
    const auto request = ParseRequest(
        Bytes(std::string{static_cast<char>(field << 3 | 2), 1, '\xff'}));
    EXPECT_EQ(request.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(request.status().message());
  };
  EXPECT_EQ(error(1), "repo: is not UTF-8");
  EXPECT_EQ(error(2), "user: is not UTF-8");
  EXPECT_EQ(error(3), "token: is not UTF-8");
  EXPECT_EQ(error(4), "resume_token: is not UTF-8");
}

TEST(WireTest, RejectsMalformedMessages) {
  for (const char* bytes : {"\x0a", "\xff\xff\xff\xff", "hello"}) {
    EXPECT_EQ(ParseRequest(Bytes(bytes)).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(WireTest, SerializesAResponse) {
  mentions::v1::SubscribeResponse response;
  response.mutable_mention()->set_body("hello");
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(SerializeResponse(response).Dump(&slices).ok());
  ASSERT_EQ(slices.size(), 1U);
  mentions::v1::SubscribeResponse read;
  ASSERT_TRUE(read.ParseFromArray(slices[0].begin(),
                                  static_cast<int>(slices[0].size())));
  EXPECT_EQ(read.mention().body(), "hello");
}

}  // namespace
}  // namespace mentiond
