#include "lib/github/delay.h"

#include <string>

#include "absl/strings/cord.h"

namespace mentiond {
namespace {

constexpr char kType[] = "type.googleapis.com/mentions.v1.Delayed";

}  // namespace

absl::Status WithDelay(absl::Status status, const Delay& delay) {
  mentions::v1::Delayed message;
  message.set_reason(delay.reason);
  // Rounded up, so that the delay is over by then.
  const int64_t millis = absl::ToUnixMillis(
      delay.retry_at + absl::Milliseconds(1) - absl::Nanoseconds(1));
  message.mutable_retry_at()->set_seconds(millis / 1000);
  message.mutable_retry_at()->set_nanos(
      static_cast<int32_t>(millis % 1000 * 1'000'000));
  status.SetPayload(kType, absl::Cord(message.SerializeAsString()));
  return status;
}

std::optional<Delay> DelayOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kType);
  mentions::v1::Delayed message;
  if (!payload || !message.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return Delay{
      .reason = message.reason(),
      .retry_at = absl::FromUnixSeconds(message.retry_at().seconds()) +
                  absl::Nanoseconds(message.retry_at().nanos()),
  };
}

bool IsLimit(const absl::Status& status) {
  const std::optional<Delay> delay = DelayOf(status);
  return delay &&
         delay->reason != mentions::v1::Delayed::REASON_UPSTREAM_UNAVAILABLE;
}

}  // namespace mentiond
