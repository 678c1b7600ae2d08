// Lets a limited number of requests be in progress at the same time; the others
// wait for their turn.

#ifndef MENTIOND_LIB_GITHUB_TURNS_H_
#define MENTIOND_LIB_GITHUB_TURNS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <utility>

#include "asio/awaitable.hpp"

#include "lib/base/async_event.h"

namespace mentiond {

// Which requests are sent first when not all can be.
enum class Priority : uint8_t {
  kLive,     // a poll: what is new
  kHistory,  // an initial sync: what has been there for long
};

// Loop thread only. Outlives its turns and those who wait for one.
class Turns {
 public:
  // The right to send requests, one at a time, until it is destroyed.
  class Turn {
   public:
    Turn(Turn&& other) noexcept
        : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&& other) noexcept {
      std::swap(turns_, other.turns_);
      return *this;
    }
    ~Turn() {
      if (turns_ != nullptr) turns_->PassOn();
    }

   private:
    friend class Turns;
    explicit Turn(Turns& turns) : turns_(&turns) {}
    Turns* turns_;
  };

  // `max_at_once` is at least 1.
  explicit Turns(int max_at_once) : max_at_once_(max_at_once) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // A turn, if one is free; nullopt: Take() has to wait.
  std::optional<Turn> TryTake();

  // Waits for a turn: polls before histories, otherwise in order. nullopt when
  // the awaiting coroutine is cancelled.
  asio::awaitable<std::optional<Turn>> Take(Priority priority);

  // How many turns are taken.
  int taken() const { return taken_; }

 private:
  struct Waiter {
    AsyncEvent* wake;
    bool has_turn = false;
  };
  using Queue = std::list<Waiter*>;

  void PassOn();

  const int max_at_once_;
  int taken_ = 0;
  std::array<Queue, 2> queues_;  // by Priority
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_TURNS_H_
