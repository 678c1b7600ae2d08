#include "lib/stream/registry.h"

#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "asio/post.hpp"
#include "glog/logging.h"

#include "lib/base/status_reason.h"

namespace mentiond {

StreamRegistry::StreamRegistry(asio::any_io_executor executor,
                               PollerEnvironment environment,
                               StreamLimits limits)
    : executor_(std::move(executor)),
      environment_(std::move(environment)),
      limits_(limits),
      pollers_(executor_) {}

absl::StatusOr<StreamId> StreamRegistry::Open(
    Subscription subscription, std::shared_ptr<EventQueue> queue) {
  StreamId id;
  {
    absl::MutexLock lock(&mutex_);
    if (closed_) return *closed_;
    if (streams_.size() >= limits_.max_streams) {
      return WithReason(
          absl::ResourceExhaustedError(absl::StrFormat(
              "this server already has its maximum of %d open streams",
              limits_.max_streams)),
          "TOO_MANY_STREAMS");
    }
    id = Register(queue);
  }
  asio::post(executor_, [this, id, subscription = std::move(subscription),
                         queue = std::move(queue)]() mutable {
    Start(std::move(id), std::move(subscription), std::move(queue));
  });
  return id;
}

void StreamRegistry::Cancel(const StreamId& id) {
  // Behind Start in the loop's queue, so the task is known if it ever was.
  asio::post(executor_, [this, id] {
    std::optional<TaskScope::TaskId> task;
    {
      absl::MutexLock lock(&mutex_);
      const auto found = streams_.find(id);
      if (found == streams_.end()) return;
      task = found->second.task;
    }
    if (task) pollers_.Cancel(*task);
  });
}

void StreamRegistry::Close(absl::Status reason, std::function<void()> closed) {
  {
    absl::MutexLock lock(&mutex_);
    if (!closed_) closed_ = std::move(reason);
  }
  asio::post(executor_, [this, closed = std::move(closed)]() mutable {
    pollers_.CancelAll();
    pollers_.Join(std::move(closed));
  });
}

size_t StreamRegistry::size() const {
  absl::MutexLock lock(&mutex_);
  return streams_.size();
}

StreamId StreamRegistry::Register(std::shared_ptr<EventQueue> queue) {
  thread_local absl::BitGen random;
  while (true) {
    StreamId id = absl::StrFormat("%016x%016x", absl::Uniform<uint64_t>(random),
                                  absl::Uniform<uint64_t>(random));
    if (streams_.try_emplace(id, Stream{.queue = queue}).second) return id;
  }
}

void StreamRegistry::Start(StreamId id, Subscription subscription,
                           std::shared_ptr<EventQueue> queue) {
  std::optional<absl::Status> closed;
  {
    absl::MutexLock lock(&mutex_);
    closed = closed_;
  }
  if (closed) {  // between Open and now
    End(id, *queue, *closed);
    return;
  }
  LOG(INFO) << "stream " << id << " opened: mentions of @"
            << subscription.user.text() << " in "
            << subscription.repo.ToString();
  auto poller =
      std::make_unique<Poller>(environment_, std::move(subscription), *queue);
  const TaskScope::TaskId task =
      pollers_.Spawn(RunPoller(id, std::move(poller), std::move(queue)));
  if (!std::exchange(watching_, true)) pollers_.Spawn(Watch());
  absl::MutexLock lock(&mutex_);
  streams_[id].task = task;
}

asio::awaitable<void> StreamRegistry::Watch() {
  Clock& clock = environment_.clock;
  bool going_on = true;
  while (going_on) {
    const absl::Time next = clock.Now() + limits_.slow_reader_timeout / 4;
    co_await clock.SleepUntil(next);
    const bool cancelled = co_await IsCancelled();
    going_on = !cancelled && size() > 0;
    if (going_on) CancelStalled();
  }
  watching_ = false;
}

void StreamRegistry::CancelStalled() {
  const absl::Time limit =
      environment_.clock.Now() - limits_.slow_reader_timeout;
  std::vector<TaskScope::TaskId> stalled;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [id, stream] : streams_) {
      if (!stream.task || stream.queue->StalledSince() > limit) continue;
      stream.stalled = true;
      stalled.push_back(*stream.task);
    }
  }
  for (const TaskScope::TaskId task : stalled) pollers_.Cancel(task);
}

asio::awaitable<void> StreamRegistry::RunPoller(
    StreamId id, std::unique_ptr<Poller> poller,
    std::shared_ptr<EventQueue> queue) {
  absl::Status status = co_await poller->Run();
  poller.reset();
  End(id, *queue, std::move(status));
}

void StreamRegistry::End(const StreamId& id, EventQueue& queue,
                         absl::Status status) {
  size_t left = 0;
  bool stalled = false;
  {
    absl::MutexLock lock(&mutex_);
    const auto stream = streams_.find(id);
    stalled = stream->second.stalled && absl::IsCancelled(status);
    streams_.erase(stream);
    left = streams_.size();
    // A poller that was cancelled because the registry closes knows nothing but
    // that.
    if (closed_ && absl::IsCancelled(status)) status = *closed_;
  }
  if (stalled) {
    status = WithReason(absl::ResourceExhaustedError(absl::StrCat(
                            "the client has read nothing for ",
                            absl::FormatDuration(limits_.slow_reader_timeout),
                            ": resume with the last token")),
                        "SLOW_READER");
  }
  LOG(INFO) << "stream " << id << " ended (" << status << "); " << left
            << " open";
  if (stalled) {
    queue.Abandon(std::move(status));
  } else {
    queue.Close(std::move(status));
  }
}

}  // namespace mentiond
