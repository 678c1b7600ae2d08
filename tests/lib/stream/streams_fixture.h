// Several streams on one stand-in GitHub, for tests of what they cost together.

#ifndef MENTIOND_TESTS_LIB_STREAM_STREAMS_FIXTURE_H_
#define MENTIOND_TESTS_LIB_STREAM_STREAMS_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "lib/base/task_scope.h"
#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {

class StreamsFixture : public StreamFixture {
 protected:
  struct OpenStream {
    TaskScope::TaskId task = 0;
    std::shared_ptr<EventQueue> queue;
    std::optional<absl::Status> ended;
  };

  ~StreamsFixture() override {
    pollers_.CancelAll();
    Run();
  }

  // Opens a stream; Run() lets it begin.
  std::shared_ptr<OpenStream> Open(const Subscription& subscription) {
    auto stream = std::make_shared<OpenStream>();
    // So large that nobody has to read while the test looks elsewhere.
    stream->queue = MakeQueue({.events = 1 << 20, .bytes = 1 << 30});
    stream->task =
        pollers_.Spawn(RunPoller(&environment_, subscription, stream));
    return stream;
  }
  // Opens a stream and lets it read the history.
  std::shared_ptr<OpenStream> Start(
      const Subscription& subscription = MakeSubscription()) {
    auto stream = Open(subscription);
    Run();
    return stream;
  }
  void Cancel(const OpenStream& stream) {
    pollers_.Cancel(stream.task);
    Run();
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

  static asio::awaitable<void> RunPoller(PollerEnvironment* environment,
                                         Subscription subscription,
                                         std::shared_ptr<OpenStream> stream) {
    Poller poller(*environment, std::move(subscription), *stream->queue);
    stream->ended = co_await poller.Run();
  }

  TaskScope pollers_{loop_.get_executor()};
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_STREAM_STREAMS_FIXTURE_H_
