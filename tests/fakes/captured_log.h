// What is logged while a test runs.

#ifndef MENTIOND_TESTS_FAKES_CAPTURED_LOG_H_
#define MENTIOND_TESTS_FAKES_CAPTURED_LOG_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "glog/logging.h"

namespace mentiond {

// Thread-safe. Every line still goes where it went.
class CapturedLog final : public google::LogSink {
 public:
  struct Line {
    google::LogSeverity severity;
    std::string file;
    int line;
    std::string message;
  };

  CapturedLog() { google::AddLogSink(this); }
  ~CapturedLog() override { google::RemoveLogSink(this); }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  // The lines with these words, in their order.
  std::vector<Line> With(std::string_view words) const {
    absl::MutexLock lock(&mutex_);
    std::vector<Line> found;
    for (const Line& line : lines_) {
      if (line.message.find(words) != std::string::npos) found.push_back(line);
    }
    return found;
  }

  void send(google::LogSeverity severity, const char*, const char* file,
            int line, const google::LogMessageTime&, const char* message,
            size_t size) override {
    absl::MutexLock lock(&mutex_);
    lines_.push_back({severity, file, line, std::string(message, size)});
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<Line> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_FAKES_CAPTURED_LOG_H_
