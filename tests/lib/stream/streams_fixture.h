// Several streams on one stand-in GitHub, for tests of what they cost together.

#ifndef MENTIOND_TESTS_LIB_STREAM_STREAMS_FIXTURE_H_
#define MENTIOND_TESTS_LIB_STREAM_STREAMS_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/lib/stream/running_poller.h"
#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {

class StreamsFixture : public StreamFixture {
 protected:
  struct OpenStream {
    std::shared_ptr<EventQueue> queue;
    RunningPoller poller;
  };

  ~StreamsFixture() override { StopAll(); }

  // Opens a stream; Run() lets it begin.
  std::shared_ptr<OpenStream> Open(const Subscription& subscription) {
    return Open(subscription, environment_);
  }
  std::shared_ptr<OpenStream> Open(const Subscription& subscription,
                                   const PollerEnvironment& environment) {
    // So large that nobody has to read while the test looks elsewhere.
    const auto queue = MakeQueue({.events = 1 << 20, .bytes = 1 << 30});
    return streams_.emplace_back(new OpenStream{
        .queue = queue,
        .poller = {loop_.get_executor(), environment, subscription, queue}});
  }
  // Opens a stream and lets it read the history.
  std::shared_ptr<OpenStream> Start(
      const Subscription& subscription = MakeSubscription()) {
    auto stream = Open(subscription);
    Run();
    return stream;
  }
  void Cancel(OpenStream& stream) {
    stream.poller.Stop();
    Run();
  }
  void StopAll() {
    for (const auto& stream : streams_) stream->poller.Stop();
    Run();
    streams_.clear();
  }

  // The requests since the last call, without the origin.
  std::vector<std::string> Asked() {
    std::vector<std::string> targets;
    for (const RequestRecord& request : github_.requests()) {
      targets.push_back(request.target);
    }
    github_.ClearLog();
    return targets;
  }

  static int CountOf(const std::vector<std::string>& targets,
                     const std::string& part) {
    int count = 0;
    for (const std::string& target : targets) {
      if (target.find(part) != std::string::npos) ++count;
    }
    return count;
  }

 private:
  std::vector<std::shared_ptr<OpenStream>> streams_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_STREAM_STREAMS_FIXTURE_H_
