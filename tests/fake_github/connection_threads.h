// A task queue for cpp-httplib that always has a thread for one more
// connection, so that those which hang on purpose stop nobody else.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_CONNECTION_THREADS_H_
#define MENTIOND_TESTS_FAKE_GITHUB_CONNECTION_THREADS_H_

#include <httplib.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace mentiond::fake_github {

// Starts threads as they are needed and keeps them for later ones; beyond
// `kMaxThreads` tasks wait.
class ConnectionThreads : public httplib::TaskQueue {
 public:
  static constexpr size_t kMaxThreads = 2000;

  void enqueue(std::function<void()> task) override;

  // Runs what is queued and joins all threads.
  void shutdown() override;

 private:
  void Work();
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return stopping_ || !tasks_.empty();
  }

  absl::Mutex mu_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mu_);
  size_t idle_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  // Touched by enqueue and shutdown only, which cpp-httplib calls from one
  // thread.
  std::vector<std::thread> threads_;
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_CONNECTION_THREADS_H_
