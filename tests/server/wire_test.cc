#include "server/wire.h"

#include <string>
#include <vector>

#include "grpcpp/support/slice.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

TEST(WireTest, ParsesARequestInOneOrSeveralSlices) {
  mentions::v1::SubscribeRequest sent;
  sent.set_repo("octo/demo");
  sent.set_user("m\u00f6na");
  sent.add_sources(mentions::v1::SOURCE_REVIEW);
  const std::string bytes = sent.SerializeAsString();
  for (const size_t cut : {size_t{0}, size_t{3}}) {
    const grpc::Slice slices[] = {grpc::Slice(bytes.substr(0, cut)),
                                  grpc::Slice(bytes.substr(cut))};
    const auto request = ParseRequest(grpc::ByteBuffer(slices, 2));
    ASSERT_TRUE(request.ok()) << request.status();
    EXPECT_EQ(request->SerializeAsString(), bytes);
  }
}

TEST(WireTest, SaysWhatIsWrong) {
  const auto status = [](const std::string& bytes) {
    const grpc::Slice slice(bytes);
    return ParseRequest(grpc::ByteBuffer(&slice, 1)).status();
  };
  EXPECT_TRUE(status("").ok()) << "the empty message";
  for (const char* bytes : {"\x0a", "\xff\xff\xff\xff", "hello"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(status(bytes))) << bytes;
  }
  int field = 0;
  for (const char* error :
       {"repo: is not UTF-8", "user: is not UTF-8", "token: is not UTF-8",
        "resume_token: is not UTF-8"}) {
    ++field;
    const absl::Status wrong =
        status({static_cast<char>(field << 3 | 2), 1, '\xff'});
    EXPECT_TRUE(absl::IsInvalidArgument(wrong));
    EXPECT_EQ(wrong.message(), error);
  }
}

TEST(WireTest, SerializesAResponse) {
  mentions::v1::SubscribeResponse response;
  response.mutable_mention()->set_body("hello");
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(SerializeResponse(response).Dump(&slices).ok());
  ASSERT_EQ(slices.size(), 1U);
  EXPECT_EQ(std::string(slices[0].begin(), slices[0].end()),
            response.SerializeAsString());
}

}  // namespace
}  // namespace mentiond
