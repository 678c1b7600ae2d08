#include "tests/e2e/stream.h"

#include <utility>

#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"

namespace mentiond {

using mentions::v1::Mention;
using mentions::v1::SubscribeResponse;

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address,
                                          grpc::ChannelArguments arguments) {
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                   arguments);
}

Stream::Stream(const std::shared_ptr<grpc::Channel>& channel,
               const mentions::v1::SubscribeRequest& request,
               absl::Time deadline)
    : stub_(mentions::v1::MentionService::NewStub(channel)) {
  context_.set_deadline(absl::ToChronoTime(deadline));
  context_.set_wait_for_ready(true);
  reader_ = stub_->Subscribe(&context_, request);
}

Stream::~Stream() {
  Cancel();
  if (!finished_) Finish();
}

std::optional<SubscribeResponse> Stream::Next() {
  SubscribeResponse response;
  has_metadata_ = true;  // a read takes it first
  if (!reader_->Read(&response)) return std::nullopt;
  return response;
}

std::optional<SubscribeResponse> Stream::Next(
    SubscribeResponse::EventCase kind) {
  auto response = Next();
  while (response && response->event_case() != kind) response = Next();
  return response;
}

std::optional<Mention> Stream::NextMention() {
  auto response = Next(SubscribeResponse::kMention);
  if (!response) return std::nullopt;
  return std::move(*response->mutable_mention());
}

std::vector<Mention> Stream::ReadHistory() {
  std::vector<Mention> mentions;
  while (auto response = Next()) {
    if (response->has_synced()) return mentions;
    if (response->has_mention()) {
      mentions.push_back(std::move(*response->mutable_mention()));
    }
  }
  const grpc::Status status = Finish();
  ADD_FAILURE() << "the stream ended before its history was complete: "
                << status.error_code() << " " << status.error_message();
  return mentions;
}

std::string Stream::Id() {
  if (!has_metadata_) reader_->WaitForInitialMetadata();
  has_metadata_ = true;
  const auto& metadata = context_.GetServerInitialMetadata();
  const auto found = metadata.find("x-stream-id");
  if (found == metadata.end()) return "";
  return std::string(found->second.data(), found->second.size());
}

grpc::Status Stream::Finish() {
  while (Next()) {
  }
  finished_ = true;
  return reader_->Finish();
}

}  // namespace mentiond
