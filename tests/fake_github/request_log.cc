#include "tests/fake_github/request_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mentiond::fake_github {
namespace {

constexpr size_t kKept = 100'000;

}  // namespace

const char* RefusedByName(RefusedBy limit) {
  switch (limit) {
    case RefusedBy::kNone:
      break;
    case RefusedBy::kPrimary:
      return "primary";
    case RefusedBy::kConcurrent:
      return "concurrent";
    case RefusedBy::kPointsPerMinute:
      return "points_per_minute";
  }
  return "";
}

int64_t RequestLog::NextSequence() {
  absl::MutexLock lock(&mu_);
  return ++sequence_;
}

void RequestLog::Add(RequestRecord record) {
  absl::MutexLock lock(&mu_);
  ++stats_.requests;
  ++stats_.by_status[record.status];
  stats_.conditional += record.conditional ? 1 : 0;
  stats_.points += record.points;
  stats_.graphql_requests += record.method == "POST" ? 1 : 0;
  stats_.graphql_points += record.graphql_points;
  if (record.refused_by != RefusedBy::kNone) {
    ++stats_.refused[record.refused_by];
  }
  records_.push_back(std::move(record));
  if (records_.size() > kKept) {
    records_.pop_front();
    ++dropped_;
  }
  added_.SignalAll();
}

std::vector<RequestRecord> RequestLog::Records() const {
  absl::MutexLock lock(&mu_);
  return {records_.begin(), records_.end()};
}

RequestStats RequestLog::Stats() const {
  absl::MutexLock lock(&mu_);
  return stats_;
}

absl::Status RequestLog::WaitFor(const Predicate& predicate, int64_t count,
                                 absl::Duration timeout) const {
  const absl::Time deadline = absl::Now() + timeout;
  int64_t generation = -1;
  int64_t looked_at = 0;
  int64_t found = 0;
  for (;;) {
    std::vector<RequestRecord> fresh;
    {
      absl::MutexLock lock(&mu_);
      for (;;) {
        if (generation != generation_) {
          generation = generation_;
          looked_at = 0;
          found = 0;
        }
        const int64_t end = dropped_ + static_cast<int64_t>(records_.size());
        if (looked_at < end || found >= count) break;
        if (added_.WaitWithDeadline(&mu_, deadline)) {
          return absl::DeadlineExceededError(
              absl::StrCat(found, " of ", count, " requests came in ",
                           absl::FormatDuration(timeout)));
        }
      }
      const int64_t first = std::max<int64_t>(0, looked_at - dropped_);
      fresh.assign(records_.begin() + first, records_.end());
      looked_at = dropped_ + static_cast<int64_t>(records_.size());
    }
    found += std::count_if(fresh.begin(), fresh.end(), predicate);
    if (found >= count) return absl::OkStatus();
  }
}

void RequestLog::Clear() {
  absl::MutexLock lock(&mu_);
  records_.clear();
  dropped_ = 0;
  stats_ = {};
  ++generation_;
  added_.SignalAll();
}

}  // namespace mentiond::fake_github
