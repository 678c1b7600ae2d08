#include "lib/subscription/event_queue.h"

#include <algorithm>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "asio/io_context.hpp"
#include "gtest/gtest.h"

#include "lib/base/task_scope.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {
namespace {

EventQueue::Event Mention(int64_t id, const std::string& body = "") {
  EventQueue::Event event;
  event.mutable_mention()->set_id(id);
  event.mutable_mention()->set_body(body);
  return event;
}

// By reference: the tests keep it until the scope has been joined.
asio::awaitable<void> PushAll(EventQueue* queue,
                              std::vector<EventQueue::Event> events,
                              std::vector<absl::Status>* results) {
  for (EventQueue::Event& event : events) {
    results->push_back(co_await queue->Push(std::move(event)));
  }
}

class EventQueueTest : public testing::Test {
 protected:
  void MakeQueue(EventQueueLimits limits) {
    queue_ = std::make_shared<EventQueue>(loop_.get_executor(), clock_, limits);
    queue_->SetListener([this] { ++notified_; });
  }

  // What is popped: an event's id, 0 for nothing yet, -1 for the end.
  int64_t PopId() {
    EventQueue::Popped popped = queue_->Pop();
    if (const auto* event = std::get_if<EventQueue::Event>(&popped)) {
      return event->mention().id();
    }
    return std::holds_alternative<EventQueue::Empty>(popped) ? 0 : -1;
  }

  void Push(std::vector<EventQueue::Event> events) {
    scope_.Spawn(PushAll(queue_.get(), std::move(events), &results_));
    RunReady(loop_);
  }

  asio::io_context loop_;
  FakeClock clock_;
  std::shared_ptr<EventQueue> queue_;
  int notified_ = 0;
  std::vector<absl::Status> results_;
  TaskScope scope_{loop_.get_executor()};
};

TEST_F(EventQueueTest, GivesEventsInOrderAndThenTheFirstEnd) {
  MakeQueue({});
  EXPECT_EQ(PopId(), 0);
  Push({Mention(1), Mention(2)});
  queue_->Close(absl::NotFoundError("first"));
  queue_->Close(absl::InternalError("second"));
  EXPECT_EQ(notified_, 3);
  EXPECT_EQ(PopId(), 1);
  EXPECT_EQ(PopId(), 2);
  EXPECT_EQ(std::get<absl::Status>(queue_->Pop()),
            absl::NotFoundError("first"));
}

TEST_F(EventQueueTest, MakesThePollerWaitForSpace) {
  const std::string large(600, 'a');
  const struct {
    EventQueueLimits limits;
    std::vector<EventQueue::Event> events;
    size_t space;  // how many are taken at once
  } cases[] = {
      {{.events = 2, .bytes = 1 << 20},
       {Mention(1), Mention(2), Mention(3)},
       2},
      {{.events = 1, .bytes = 1000},
       {Mention(1), Mention(2), Mention(3), Mention(4)},
       1},
      {{.events = 100, .bytes = 1000},
       {Mention(1, large), Mention(2, large)},
       1},
      // One event always fits.
      {{.events = 100, .bytes = 1000},
       {Mention(1, std::string(1 << 20, 'a'))},
       1},
  };
  for (const auto& [limits, events, space] : cases) {
    MakeQueue(limits);
    results_.clear();
    Push(events);
    for (size_t taken = 0; taken < events.size(); ++taken) {
      EXPECT_EQ(results_.size(), std::min(space + taken, events.size()));
      EXPECT_EQ(PopId(), static_cast<int64_t>(taken) + 1);
      RunReady(loop_);
    }
    EXPECT_EQ(PopId(), 0);
  }
}

TEST_F(EventQueueTest, StopsWaitingWhenThePollerIsCancelled) {
  MakeQueue({.events = 1, .bytes = 1000});
  Push({Mention(1), Mention(2)});
  ASSERT_EQ(results_.size(), 1U);
  scope_.CancelAll();
  RunReady(loop_);
  ASSERT_EQ(results_.size(), 2U);
  EXPECT_TRUE(absl::IsCancelled(results_[1]));
  EXPECT_EQ(scope_.size(), 0U);
}

}  // namespace
}  // namespace mentiond
