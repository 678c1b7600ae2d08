#include "tests/fake_github/secondary_limits.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace mentiond::fake_github {
namespace {

constexpr int64_t kMinute = 60;

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

}  // namespace

std::string EndpointOf(std::string_view path) {
  std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(path.data(), path.size()), '/');
  // The path starts with '/', so the first part is empty.
  if (parts.size() >= 4 && parts[1] == "repos") {
    parts.erase(parts.begin() + 3);
    parts[2] = "*";
  } else if (parts.size() >= 3 && parts[1] == "repositories") {
    parts[1] = "repos";
  }
  for (std::string& part : parts) {
    if (IsNumber(part)) part = "*";
  }
  return absl::StrJoin(parts, "/");
}

SecondaryLimits::Slot::Slot(SecondaryLimits& limits, std::string caller)
    : limits_(limits),
      caller_(std::move(caller)),
      granted_(limits_.Enter(caller_)) {}

SecondaryLimits::Slot::~Slot() {
  if (granted_) limits_.Leave(caller_);
}

void SecondaryLimits::Set(const SecondaryLimitOptions& options) {
  absl::MutexLock lock(&mu_);
  options_ = options;
}

SecondaryLimitOptions SecondaryLimits::options() const {
  absl::MutexLock lock(&mu_);
  return options_;
}

bool SecondaryLimits::Enter(const std::string& caller) {
  absl::MutexLock lock(&mu_);
  // Counted without a limit too: one may be set while requests are under way.
  int64_t& under_way = under_way_[caller];
  if (options_.concurrent != 0 && under_way >= options_.concurrent) {
    return false;
  }
  ++under_way;
  return true;
}

void SecondaryLimits::Leave(const std::string& caller) {
  absl::MutexLock lock(&mu_);
  const auto found = under_way_.find(caller);
  if (--found->second == 0) under_way_.erase(found);
}

int64_t SecondaryLimits::TakePoint(const std::string& caller,
                                   std::string_view path, int64_t now) {
  absl::MutexLock lock(&mu_);
  if (options_.points_per_minute == 0) return 0;
  Minute& minute = minutes_[{caller, EndpointOf(path)}];
  if (now >= minute.end) minute = {0, now + kMinute};
  if (minute.used >= options_.points_per_minute) return minute.end - now;
  ++minute.used;
  return 0;
}

}  // namespace mentiond::fake_github
