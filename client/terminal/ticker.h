// Calls a function periodically on a dedicated thread.

#ifndef MENTIOND_CLIENT_TERMINAL_TICKER_H_
#define MENTIOND_CLIENT_TERMINAL_TICKER_H_

#include <functional>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace mentiond::terminal {

class Ticker {
 public:
  Ticker(absl::Duration interval, std::function<void()> on_tick)
      : thread_([this, interval, tick = std::move(on_tick)] {
          while (!stop_.WaitForNotificationWithTimeout(interval)) tick();
        }) {}

  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  // Waits for a call in progress; there are no calls afterwards.
  ~Ticker() {
    stop_.Notify();
    thread_.join();
  }

 private:
  absl::Notification stop_;
  // Declared last: the thread uses the other member.
  std::thread thread_;
};

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_TICKER_H_
