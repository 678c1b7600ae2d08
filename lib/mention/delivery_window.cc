#include "lib/mention/delivery_window.h"

#include <algorithm>
#include <string>

#include "lib/base/proto_time.h"

namespace mentiond {
namespace {

uint32_t MaskOf(uint32_t bytes) {
  return bytes >= 4 ? 0xffffffff : (uint32_t{1} << (8 * bytes)) - 1;
}

}  // namespace

std::optional<int64_t> DeliveryWindow::BeginSecond() const {
  std::optional<int64_t> begin = floor_;
  if (furthest_) {
    const int64_t overlapping = *furthest_ - absl::ToInt64Seconds(overlap_);
    begin = std::max(begin.value_or(overlapping), overlapping);
  }
  return begin;
}

std::optional<absl::Time> DeliveryWindow::Begin() const {
  const std::optional<int64_t> begin = BeginSecond();
  if (!begin) return std::nullopt;
  return absl::FromUnixSeconds(*begin);
}

std::optional<absl::Time> DeliveryWindow::furthest() const {
  if (!furthest_) return std::nullopt;
  return absl::FromUnixSeconds(*furthest_);
}

bool DeliveryWindow::IsNew(absl::Time time, uint32_t fingerprint) const {
  const int64_t second = absl::ToUnixSeconds(time);
  const std::optional<int64_t> begin = BeginSecond();
  if (begin && second < *begin) return false;
  if (delivered_.contains({second, fingerprint})) return false;
  return fingerprint_bytes_ == 4 ||
         !delivered_.contains(
             {second, fingerprint & MaskOf(fingerprint_bytes_)});
}

void DeliveryWindow::Add(absl::Time time, uint32_t fingerprint) {
  delivered_.emplace(absl::ToUnixSeconds(time), fingerprint);
}

void DeliveryWindow::Advance(absl::Time time) {
  const int64_t second = absl::ToUnixSeconds(time);
  furthest_ = std::max(furthest_.value_or(second), second);
  delivered_.erase(delivered_.begin(),
                   delivered_.lower_bound({*BeginSecond(), 0}));
}

bool DeliveryWindow::Shrink(size_t count) {
  if (delivered_.empty() ||
      delivered_.begin()->first == delivered_.rbegin()->first) {
    return false;
  }
  auto first_kept = delivered_.begin();
  std::advance(first_kept, std::clamp<size_t>(count, 1, delivered_.size() - 1));
  // The whole of its second goes or stays.
  int64_t floor = first_kept->first;
  if (std::prev(first_kept)->first == floor &&
      floor != delivered_.rbegin()->first) {
    ++floor;
  }
  floor_ = std::max(floor_.value_or(floor), floor);
  delivered_.erase(delivered_.begin(), delivered_.lower_bound({floor, 0}));
  return true;
}

void DeliveryWindow::GiveUpAll() {
  if (delivered_.empty()) return;
  const int64_t behind = delivered_.rbegin()->first + 1;
  floor_ = std::max(floor_.value_or(behind), behind);
  delivered_.clear();
}

void DeliveryWindow::Save(state::DeliveryWindow& to,
                          uint32_t fingerprint_bytes) const {
  fingerprint_bytes = std::min(fingerprint_bytes, fingerprint_bytes_);
  if (furthest_) to.set_furthest(*furthest_);
  if (floor_) to.set_floor(*floor_);
  if (fingerprint_bytes != 4) to.set_fingerprint_bytes(fingerprint_bytes);
  int64_t previous = 0;
  state::DeliveryWindow::Second* second = nullptr;
  for (const auto& [time, fingerprint] : delivered_) {
    if (second == nullptr || time != previous) {
      second = to.add_seconds();
      second->set_delta(time - previous);
      previous = time;
    }
    for (uint32_t byte = 0; byte < fingerprint_bytes; ++byte) {
      second->mutable_fingerprints()->push_back(
          static_cast<char>(fingerprint >> (8 * byte) & 0xff));
    }
  }
}

bool DeliveryWindow::Load(const state::DeliveryWindow& from) {
  if (from.has_furthest()) furthest_ = from.furthest();
  if (from.has_floor()) floor_ = from.floor();
  if ((furthest_ && !IsTimestampSecond(*furthest_)) ||
      (floor_ && !IsTimestampSecond(*floor_))) {
    return false;
  }
  const uint32_t bytes =
      from.fingerprint_bytes() == 0 ? 4 : from.fingerprint_bytes();
  if (bytes > 4) return false;
  fingerprint_bytes_ = bytes;
  int64_t time = 0;
  for (const state::DeliveryWindow::Second& second : from.seconds()) {
    // Bounded before it is added: a token can say anything.
    if (!IsTimestampSecond(second.delta()) ||
        !IsTimestampSecond(time + second.delta()))
      return false;
    time += second.delta();
    const std::string& packed = second.fingerprints();
    if (packed.size() % bytes != 0) return false;
    for (size_t at = 0; at < packed.size(); at += bytes) {
      uint32_t fingerprint = 0;
      for (uint32_t byte = 0; byte < bytes; ++byte) {
        fingerprint |=
            static_cast<uint32_t>(static_cast<unsigned char>(packed[at + byte]))
            << (8 * byte);
      }
      delivered_.emplace(time, fingerprint);
    }
  }
  return true;
}

}  // namespace mentiond
