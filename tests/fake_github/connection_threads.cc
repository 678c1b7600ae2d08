#include "tests/fake_github/connection_threads.h"

#include <utility>

namespace mentiond::fake_github {

void ConnectionThreads::enqueue(std::function<void()> task) {
  bool needs_thread;
  {
    absl::MutexLock lock(&mu_);
    tasks_.push_back(std::move(task));
    needs_thread = idle_ < tasks_.size();
  }
  if (needs_thread && threads_.size() < kMaxThreads) {
    threads_.emplace_back([this] { Work(); });
  }
}

void ConnectionThreads::Work() {
  for (;;) {
    std::function<void()> task;
    {
      absl::MutexLock lock(&mu_);
      ++idle_;
      mu_.Await(absl::Condition(this, &ConnectionThreads::HasWork));
      --idle_;
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

void ConnectionThreads::shutdown() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace mentiond::fake_github
