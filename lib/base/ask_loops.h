// Values that only event loops may read, for other threads, which do not wait
// for ever: a loop may be stuck, and that is when operators look.

#ifndef MENTIOND_LIB_BASE_ASK_LOOPS_H_
#define MENTIOND_LIB_BASE_ASK_LOOPS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"
#include "asio/post.hpp"

namespace mentiond {

// A loop that keeps up turns within milliseconds.
inline constexpr absl::Duration kLoopPatience = absl::Seconds(1);

template <typename T>
struct LoopAnswers {
  std::vector<T> values;  // in any order
  size_t silent = 0;      // loops that have not answered
};

// Calls `read` with each loop's index, on that loop, and waits until all have
// returned, but no longer than `patience`. What `read` refers to must be there
// as long as the loops run: a loop that was stuck calls it later. Not to be
// called on one of the loops.
template <typename T>
LoopAnswers<T> AskLoops(const std::vector<asio::any_io_executor>& loops,
                        std::function<T(size_t)> read,
                        absl::Duration patience = kLoopPatience) {
  struct Shared {
    std::function<T(size_t)> read;
    size_t asked = 0;
    absl::Mutex mutex;
    std::vector<T> values ABSL_GUARDED_BY(mutex);

    bool Complete() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
      return values.size() == asked;
    }
  };
  const auto shared = std::make_shared<Shared>();
  shared->read = std::move(read);
  shared->asked = loops.size();
  for (size_t i = 0; i < loops.size(); ++i) {
    asio::post(loops[i], [shared, i] {
      T value = shared->read(i);
      absl::MutexLock lock(&shared->mutex);
      shared->values.push_back(std::move(value));
    });
  }
  absl::MutexLock lock(&shared->mutex);
  shared->mutex.AwaitWithTimeout(
      absl::Condition(shared.get(), &Shared::Complete), patience);
  LoopAnswers<T> answers = {.values = std::move(shared->values)};
  answers.silent = loops.size() - answers.values.size();
  return answers;
}

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_ASK_LOOPS_H_
