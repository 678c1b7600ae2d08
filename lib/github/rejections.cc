#include "lib/github/rejections.h"

#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"

#include "lib/github/delay.h"

namespace mentiond {
namespace {

// Three attempts within 7 s.
constexpr std::array kWaits = {absl::Seconds(2), absl::Seconds(4)};
constexpr absl::Duration kRemembered = absl::Minutes(1);

}  // namespace

absl::Status Rejections::Check(absl::Time now) const {
  if (last_ == nullptr || now >= last_->until) return absl::OkStatus();
  if (last_->count > static_cast<int>(kWaits.size())) return last_->status;
  return WithDelay(
      absl::UnavailableError(
          absl::StrCat(last_->status.message(), "; trying the token again")),
      {mentions::v1::Delayed::REASON_UPSTREAM_UNAVAILABLE, last_->until});
}

absl::Status Rejections::Note(absl::Status status, absl::Time now) {
  if (last_ == nullptr) last_ = std::make_unique<Rejection>();
  if (now < last_->until) return Check(now);
  const auto waits = static_cast<int>(kWaits.size());
  const int before = last_->count;
  last_->until = now + (before < waits ? kWaits[static_cast<size_t>(before)]
                                       : kRemembered);
  if (before <= waits) ++last_->count;
  last_->status = std::move(status);
  return Check(now);
}

void Rejections::NoteFinal(absl::Status status, absl::Time now) {
  last_ = std::make_unique<Rejection>(
      Rejection{.count = static_cast<int>(kWaits.size()) + 1,
                .until = now + kRemembered,
                .status = std::move(status)});
}

}  // namespace mentiond
