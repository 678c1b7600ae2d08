// The floor for servers of streams: the least that gRPC's callback API needs.
// Each stream gets its initial metadata, a Synced and a Heartbeat of the size
// that mentiond's have, and stays open. bench/run drives it by lines on its
// standard input:
//   write RATE SECONDS   writes a heartbeat to one stream after another
//   broadcast            writes a mention to every stream
// each of which it confirms by a line of JSON.

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/byte_buffer.h"

#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond {
namespace {

using mentions::v1::MentionService;
using mentions::v1::SubscribeResponse;

// As in lib/stream/schedule.cc: what is due within it is written together, so
// that the floor gains as much from it as mentiond does.
constexpr absl::Duration kGrain = absl::Milliseconds(50);

grpc::ByteBuffer Serialize(const SubscribeResponse& response) {
  const std::string bytes = response.SerializeAsString();
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

// As long as mentiond's for an idle repository.
std::string ResumeToken() { return std::string(150, 'x'); }

grpc::ByteBuffer SyncedMessage() {
  SubscribeResponse response;
  response.mutable_synced();
  response.set_resume_token(ResumeToken());
  return Serialize(response);
}

grpc::ByteBuffer HeartbeatMessage() {
  SubscribeResponse response;
  auto* heartbeat = response.mutable_heartbeat();
  heartbeat->mutable_polled_at()->set_seconds(1'700'000'000);
  heartbeat->mutable_polled_at()->set_nanos(123'456'789);
  heartbeat->mutable_next_poll_at()->set_seconds(1'700'000'060);
  heartbeat->mutable_next_poll_at()->set_nanos(123'456'789);
  response.set_resume_token(ResumeToken());
  return Serialize(response);
}

grpc::ByteBuffer MentionMessage() {
  SubscribeResponse response;
  auto* mention = response.mutable_mention();
  mention->set_source(mentions::v1::SOURCE_PULL_REQUEST_COMMENT);
  mention->set_id(1);
  mention->set_pull_request(1);
  mention->set_author("mona");
  mention->set_body("Hello @octocat");
  mention->set_url("https://github.com/octo/demo/pull/1#issuecomment-1");
  response.set_resume_token(ResumeToken());
  return Serialize(response);
}

class Stream;

// The open streams, and how many writes have been completed.
class Streams {
 public:
  void Add(Stream* stream) {
    absl::MutexLock lock(&mutex_);
    streams_.push_back(stream);
  }
  std::vector<Stream*> all() const {
    absl::MutexLock lock(&mutex_);
    return streams_;
  }
  std::atomic<int64_t> written = 0;

 private:
  mutable absl::Mutex mutex_;
  std::vector<Stream*> streams_ ABSL_GUARDED_BY(mutex_);
};

class Stream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit Stream(Streams& streams) : streams_(streams) {
    streams.Add(this);
    StartSendInitialMetadata();
  }
  // One write at a time, which bench/run sees to.
  void Write(const grpc::ByteBuffer& message) {
    outgoing_ = message;
    StartWrite(&outgoing_);
  }
  void OnSendInitialMetadataDone(bool ok) override {
    if (ok) Write(SyncedMessage());
  }
  void OnWriteDone(bool /*ok*/) override {
    streams_.written.fetch_add(1, std::memory_order_relaxed);
    if (std::exchange(first_, false)) Write(HeartbeatMessage());
  }
  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  // Stays allocated: the list of streams refers to it.
  void OnDone() override {}

 private:
  Streams& streams_;
  bool first_ = true;
  grpc::ByteBuffer outgoing_;
};

class BareService final
    : public MentionService::WithRawCallbackMethod_Subscribe<
          MentionService::Service> {
 public:
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Subscribe(
      grpc::CallbackServerContext* context,
      const grpc::ByteBuffer* /*request*/) override {
    context->AddInitialMetadata("x-stream-id",
                                "0123456789abcdef0123456789abcdef");
    return new Stream(streams);
  }
  Streams streams;
};

void WriteAtRate(Streams& streams, double rate, double seconds) {
  const std::vector<Stream*> all = streams.all();
  const grpc::ByteBuffer message = HeartbeatMessage();
  const int64_t before = streams.written;
  const auto count = static_cast<int64_t>(rate * seconds);
  const absl::Time began = absl::Now();
  for (int64_t i = 0; i < count; ++i) {
    const absl::Duration due = absl::Seconds(static_cast<double>(i) / rate);
    absl::SleepFor(began + absl::Ceil(due, kGrain) - absl::Now());
    all[i % all.size()]->Write(message);
  }
  while (streams.written < before + count)
    absl::SleepFor(absl::Milliseconds(1));
  std::cout << absl::StrFormat(R"({"written": %d})", count) << std::endl;
}

void Broadcast(Streams& streams) {
  const std::vector<Stream*> all = streams.all();
  const grpc::ByteBuffer message = MentionMessage();
  const absl::Time began = absl::Now();
  for (Stream* stream : all) stream->Write(message);
  std::cout << absl::StrFormat(R"({"written": %d, "began": %.6f})", all.size(),
                               absl::ToDoubleSeconds(began - absl::UnixEpoch()))
            << std::endl;
}

[[noreturn]] void Serve(const std::string& listen) {
  BareService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) std::_Exit(1);
  std::cout << R"({"serving": true})" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    double rate = 0;
    double seconds = 0;
    words >> command >> rate >> seconds;
    if (command == "write") WriteAtRate(service.streams, rate, seconds);
    if (command == "broadcast") Broadcast(service.streams);
  }
  std::_Exit(0);
}

}  // namespace
}  // namespace mentiond

int main(int argc, char** argv) {
  std::string listen;
  CLI::App app("The floor for servers of streams.");
  app.add_option("--listen", listen, "ADDR:PORT")->required();
  CLI11_PARSE(app, argc, argv);
  mentiond::Serve(listen);
}
