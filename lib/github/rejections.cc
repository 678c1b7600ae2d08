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
  if (now >= until_) return absl::OkStatus();
  if (count_ > static_cast<int>(kWaits.size())) return status_;
  return WithDelay(
      absl::UnavailableError(
          absl::StrCat(status_.message(), "; trying the token again")),
      {mentions::v1::Delayed::REASON_UPSTREAM_UNAVAILABLE, until_});
}

absl::Status Rejections::Note(absl::Status status, absl::Time now) {
  if (now < until_) return Check(now);
  const auto waits = static_cast<int>(kWaits.size());
  until_ = now +
           (count_ < waits ? kWaits[static_cast<size_t>(count_)] : kRemembered);
  if (count_ <= waits) ++count_;
  status_ = std::move(status);
  return Check(now);
}

void Rejections::NoteFinal(absl::Status status, absl::Time now) {
  count_ = static_cast<int>(kWaits.size()) + 1;
  until_ = now + kRemembered;
  status_ = std::move(status);
}

}  // namespace mentiond
