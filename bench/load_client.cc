// Holds many Subscribe streams and measures what they receive. bench/run drives
// it: it prints one line of JSON when all streams are synced, and one for each
// line "report" on its standard input, about the time since the report before.
// "churn RATE SECONDS" opens that many further streams a second, cancels each
// when it has received its first response, and prints a line in the end. The
// program ends with its standard input.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

#include "proto/mentions/v1/mentions.grpc.pb.h"

namespace mentiond {
namespace {

using mentions::v1::MentionService;
using mentions::v1::SubscribeRequest;
using mentions::v1::SubscribeResponse;

struct Options {
  std::string server;
  int streams = 1;
  int connections = 1;
  double rate = 0;       // opened per second; 0: all at once
  double interval = 60;  // the server's poll interval in seconds
  bool one_repository = false;
  bool one_token = false;
  bool one_user = true;
};

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

// The value below which a share `q` of the values lies; sorts them.
double Quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q *
                                    static_cast<double>(values.size() - 1))];
}

// What all streams have received since the last report. Thread-safe.
class Tally {
 public:
  void Synced(absl::Duration after) {
    absl::MutexLock lock(&mutex_);
    ++synced_;
    until_synced_.push_back(absl::ToDoubleMilliseconds(after));
  }
  void Heartbeat(absl::Duration late, int missed) {
    absl::MutexLock lock(&mutex_);
    ++heartbeats_;
    missed_ += missed;
    late_.push_back(absl::ToDoubleMilliseconds(late));
  }
  // `due`: when the poll that found it was due.
  void Mention(absl::Time due, absl::Time now) {
    absl::MutexLock lock(&mutex_);
    ++mentions_;
    mention_due_ = due;
    last_mention_ = now;
  }
  void Delayed() {
    absl::MutexLock lock(&mutex_);
    ++delayed_;
  }
  void Ended(const grpc::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (ended_++ == 0) end_ = status.error_message();
  }

  void WaitUntilSynced(int streams) {
    const auto all = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return synced_ + ended_ >= streams;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&all));
  }

  // One line of JSON; begins the next report.
  std::string Report() {
    absl::MutexLock lock(&mutex_);
    std::string line = absl::StrFormat(
        R"({"synced": %d, "ended": %d, "end": "%s", "delayed": %d, )"
        R"("heartbeats": %d, "missed": %d, "late_p50_ms": %.3f, )"
        R"("late_p99_ms": %.3f, "late_max_ms": %.3f, "mentions": %d, )"
        R"("mention_due": %.6f, "last_mention": %.6f, )"
        R"("synced_p50_ms": %.3f, "synced_p99_ms": %.3f})",
        synced_, ended_, end_, delayed_, heartbeats_, missed_,
        Quantile(late_, 0.5), Quantile(late_, 0.99), Quantile(late_, 1),
        mentions_, Seconds(mention_due_), Seconds(last_mention_),
        Quantile(until_synced_, 0.5), Quantile(until_synced_, 0.99));
    heartbeats_ = missed_ = mentions_ = delayed_ = 0;
    late_.clear();
    until_synced_.clear();
    return line;
  }

 private:
  static double Seconds(absl::Time time) {
    return absl::ToDoubleSeconds(time - absl::UnixEpoch());
  }

  absl::Mutex mutex_;
  int synced_ ABSL_GUARDED_BY(mutex_) = 0;
  int ended_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string end_ ABSL_GUARDED_BY(mutex_);
  int delayed_ ABSL_GUARDED_BY(mutex_) = 0;
  int heartbeats_ ABSL_GUARDED_BY(mutex_) = 0;
  int missed_ ABSL_GUARDED_BY(mutex_) = 0;
  int mentions_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time mention_due_ ABSL_GUARDED_BY(mutex_) = absl::UnixEpoch();
  absl::Time last_mention_ ABSL_GUARDED_BY(mutex_) = absl::UnixEpoch();
  std::vector<double> late_ ABSL_GUARDED_BY(mutex_);
  std::vector<double> until_synced_ ABSL_GUARDED_BY(mutex_);
};

class Stream final : public grpc::ClientReadReactor<SubscribeResponse> {
 public:
  Stream(MentionService::Stub& stub, const SubscribeRequest& request,
         absl::Duration interval, Tally& tally)
      : interval_(interval), tally_(tally) {
    stub.async()->Subscribe(&context_, &request, this);
    StartRead(&response_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    const absl::Time now = absl::Now();
    if (response_.has_synced()) tally_.Synced(now - began_);
    if (response_.has_mention()) tally_.Mention(due_, now);
    if (response_.has_delayed()) tally_.Delayed();
    if (response_.has_heartbeat()) Note(response_.heartbeat(), now);
    StartRead(&response_);
  }

  void OnDone(const grpc::Status& status) override { tally_.Ended(status); }

 private:
  // How long after it was due a poll was over and told.
  void Note(const mentions::v1::Heartbeat& heartbeat, absl::Time now) {
    const absl::Time next = FromProto(heartbeat.next_poll_at());
    if (due_ != absl::InfinitePast()) {
      const double intervals = absl::FDivDuration(next - due_, interval_);
      const int missed = static_cast<int>(intervals + 0.5) - 1;
      tally_.Heartbeat(now - due_, std::max(0, missed));
    }
    due_ = next;
  }

  const absl::Duration interval_;
  Tally& tally_;
  const absl::Time began_ = absl::Now();
  absl::Time due_ = absl::InfinitePast();
  grpc::ClientContext context_;
  SubscribeResponse response_;
};

// Counts streams that only look in. Thread-safe.
class Visits {
 public:
  void Began() {
    absl::MutexLock lock(&mutex_);
    ++open_;
  }
  void FirstResponse(absl::Duration after) {
    absl::MutexLock lock(&mutex_);
    after_.push_back(absl::ToDoubleMilliseconds(after));
  }
  void Ended() {
    absl::MutexLock lock(&mutex_);
    --open_;
  }

  // One line of JSON, when all have ended.
  std::string Report() {
    const auto none = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return open_ == 0;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&none));
    const double p50 = Quantile(after_, 0.5);
    return absl::StrFormat(
        R"({"visits": %d, "first_p50_ms": %.3f, "first_p99_ms": %.3f})",
        after_.size(), p50, Quantile(after_, 0.99));
  }

 private:
  absl::Mutex mutex_;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<double> after_ ABSL_GUARDED_BY(mutex_);
};

// A stream that is cancelled when its first response has come. Deletes itself.
class Visit final : public grpc::ClientReadReactor<SubscribeResponse> {
 public:
  Visit(MentionService::Stub& stub, const SubscribeRequest& request,
        Visits& visits)
      : visits_(visits) {
    visits_.Began();
    stub.async()->Subscribe(&context_, &request, this);
    StartRead(&response_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    visits_.FirstResponse(absl::Now() - began_);
    context_.TryCancel();
  }

  void OnDone(const grpc::Status&) override {
    visits_.Ended();
    delete this;
  }

 private:
  Visits& visits_;
  const absl::Time began_ = absl::Now();
  grpc::ClientContext context_;
  SubscribeResponse response_;
};

std::shared_ptr<grpc::Channel> Connect(const std::string& server) {
  grpc::ChannelArguments arguments;
  // A connection of its own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(),
                                   arguments);
}

using Stubs = std::vector<std::unique_ptr<MentionService::Stub>>;

SubscribeRequest RequestOf(const Options& options, int i) {
  SubscribeRequest request;
  request.set_repo(options.one_repository ? "octo/demo"
                                          : absl::StrCat("octo/demo", i));
  request.set_user(options.one_user ? "octocat" : absl::StrCat("user", i));
  // As long as GitHub's.
  request.set_token(absl::StrFormat("ghp_%036d", options.one_token ? 0 : i));
  return request;
}

// The subscriptions have numbers from `first` on.
void Churn(const Options& options, int first, double rate, double seconds,
           const Stubs& stubs) {
  Visits visits;
  const absl::Time began = absl::Now();
  const int count = static_cast<int>(rate * seconds);
  for (int i = 0; i < count; ++i) {
    absl::SleepFor(began + absl::Seconds(i / rate) - absl::Now());
    new Visit(*stubs[i % stubs.size()], RequestOf(options, first + i), visits);
  }
  std::cout << visits.Report() << std::endl;
}

[[noreturn]] void Run(const Options& options) {
  Tally tally;
  Stubs stubs;
  stubs.reserve(options.connections);
  for (int i = 0; i < options.connections; ++i) {
    stubs.push_back(MentionService::NewStub(Connect(options.server)));
  }
  std::vector<std::unique_ptr<Stream>> streams;
  streams.reserve(options.streams);
  const absl::Time began = absl::Now();
  for (int i = 0; i < options.streams; ++i) {
    if (options.rate > 0) {
      absl::SleepFor(began + absl::Seconds(i / options.rate) - absl::Now());
    }
    streams.push_back(std::make_unique<Stream>(
        *stubs[i % options.connections], RequestOf(options, i),
        absl::Seconds(options.interval), tally));
  }
  tally.WaitUntilSynced(options.streams);
  std::cout << absl::StrFormat(R"({"seconds": %.3f, "began": %.6f, "all": %s})",
                               absl::ToDoubleSeconds(absl::Now() - began),
                               absl::ToDoubleSeconds(began - absl::UnixEpoch()),
                               tally.Report())
            << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    double rate = 0;
    double seconds = 0;
    words >> command >> rate >> seconds;
    if (command == "report") std::cout << tally.Report() << std::endl;
    if (command == "churn") {
      Churn(options, options.streams, rate, seconds, stubs);
    }
  }
  // The server sees all its connections end; cancelling each stream in turn
  // would only take longer.
  std::_Exit(0);
}

}  // namespace
}  // namespace mentiond

int main(int argc, char** argv) {
  mentiond::Options options;
  CLI::App app("Holds many Subscribe streams and reports what they receive.");
  app.add_option("--server", options.server, "HOST:PORT")->required();
  app.add_option("--streams", options.streams, "How many streams to hold");
  app.add_option("--connections", options.connections,
                 "Over how many connections");
  app.add_option("--rate", options.rate,
                 "Streams opened per second; 0: all at once");
  app.add_option("--interval", options.interval,
                 "The server's poll interval in seconds, to find missed polls");
  app.add_flag("--one_repository", options.one_repository,
               "All on one repository; otherwise each on its own");
  app.add_flag("--one_token", options.one_token,
               "All with one token; otherwise each with its own");
  app.add_flag("!--many_users", options.one_user,
               "Each for a user of its own; otherwise all for octocat");
  CLI11_PARSE(app, argc, argv);
  mentiond::Run(options);
}
