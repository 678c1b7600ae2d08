#include "tests/fake_github/request_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mentiond::fake_github {
namespace {

constexpr size_t kKeptRecords = 100'000;

}  // namespace

void RequestLog::Add(RequestRecord record) {
  absl::MutexLock lock(&mu_);
  ++stats_.requests;
  ++stats_.by_status[record.status];
  stats_.conditional += record.conditional ? 1 : 0;
  stats_.graphql_requests += record.graphql ? 1 : 0;
  (record.graphql ? stats_.graphql_points : stats_.points) += record.points;
  if (record.refused_by != RefusedBy::kNone) {
    ++stats_.refused[record.refused_by];
  }
  records_.push_back(std::move(record));
  if (records_.size() > kKeptRecords) records_.pop_front();
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
  int64_t found = 0;
  const auto enough = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    found = std::count_if(records_.begin(), records_.end(), predicate);
    return found >= count;
  };
  absl::MutexLock lock(&mu_);
  if (mu_.AwaitWithTimeout(absl::Condition(&enough), timeout)) {
    return absl::OkStatus();
  }
  return absl::DeadlineExceededError(
      absl::StrCat(found, " of ", count, " requests came in ",
                   absl::FormatDuration(timeout)));
}

void RequestLog::Clear() {
  absl::MutexLock lock(&mu_);
  records_.clear();
  stats_ = {};
}

}  // namespace mentiond::fake_github
