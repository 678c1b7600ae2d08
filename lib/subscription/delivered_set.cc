#include "lib/subscription/delivered_set.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"

#include "lib/base/proto_time.h"
#include "lib/base/stable_hash.h"

namespace mentiond {
namespace {

constexpr size_t kFingerprintBytes = 4;

bool IsDescription(Source source) {
  return source == Source::SOURCE_PULL_REQUEST ||
         source == Source::SOURCE_ISSUE;
}

}  // namespace

DeliveredSet::Version DeliveredSet::VersionOf(const Item& item) {
  // A description is the same whichever of GitHub's APIs showed it, and these
  // have different ids for it.
  const int64_t id = IsDescription(item.source) ? item.number : item.id;
  const uint64_t hash =
      StableHash(absl::StrCat(id, " ", absl::ToUnixNanos(item.updated_at)));
  return {absl::ToUnixSeconds(item.updated_at), static_cast<uint32_t>(hash)};
}

bool DeliveredSet::IsNew(const Item& item) const {
  const Version version = VersionOf(item);
  return version.first >= floor_ && !versions_.contains(version);
}

void DeliveredSet::Insert(const Item& item) {
  versions_.insert(VersionOf(item));
}

void DeliveredSet::RaiseFloor(absl::Time time) {
  const int64_t second = absl::ToUnixSeconds(time);
  if (second <= floor_) return;
  floor_ = second;
  versions_.erase(versions_.begin(), versions_.lower_bound({second, 0}));
}

std::optional<absl::Time> DeliveredSet::floor() const {
  if (floor_ == kNoFloor) return std::nullopt;
  return absl::FromUnixSeconds(floor_);
}

void DeliveredSet::ForgetOlderHalf() {
  if (versions_.empty()) return;
  const auto middle = std::next(versions_.begin(),
                                static_cast<ptrdiff_t>(versions_.size() / 2));
  // All versions of a second stay, or none does.
  const int64_t second = middle->first == versions_.begin()->first
                             ? middle->first + 1
                             : middle->first;
  RaiseFloor(absl::FromUnixSeconds(second));
}

void DeliveredSet::Save(state::DeliveredSet& to) const {
  if (floor_ != kNoFloor) to.set_floor(floor_);
  int64_t previous = 0;
  state::DeliveredSet::Second* second = nullptr;
  for (const auto& [time, fingerprint] : versions_) {
    if (second == nullptr || time != previous) {
      second = to.add_seconds();
      second->set_delta(time - previous);
      previous = time;
    }
    for (size_t byte = 0; byte < kFingerprintBytes; ++byte) {
      second->mutable_fingerprints()->push_back(
          static_cast<char>(fingerprint >> (8 * byte) & 0xff));
    }
  }
}

std::optional<DeliveredSet> DeliveredSet::Load(
    const state::DeliveredSet& from) {
  DeliveredSet set;
  if (from.has_floor()) {
    if (!IsTimestampSecond(from.floor())) return std::nullopt;
    set.floor_ = from.floor();
  }
  int64_t time = 0;
  for (const state::DeliveredSet::Second& second : from.seconds()) {
    // Checked before it is added: a token can hold any number.
    if (!IsTimestampSecond(second.delta()) ||
        !IsTimestampSecond(time + second.delta())) {
      return std::nullopt;
    }
    time += second.delta();
    const std::string& packed = second.fingerprints();
    if (packed.size() % kFingerprintBytes != 0) return std::nullopt;
    for (size_t at = 0; at < packed.size(); at += kFingerprintBytes) {
      uint32_t fingerprint = 0;
      for (size_t byte = 0; byte < kFingerprintBytes; ++byte) {
        fingerprint |=
            static_cast<uint32_t>(static_cast<unsigned char>(packed[at + byte]))
            << (8 * byte);
      }
      set.versions_.emplace(time, fingerprint);
    }
  }
  return set;
}

}  // namespace mentiond
