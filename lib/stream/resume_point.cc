#include "lib/stream/resume_point.h"

#include "lib/base/proto_time.h"

namespace mentiond {

std::optional<ResumePoint> ResumePoint::Load(const state::ResumeState& from) {
  std::optional<absl::Time> since;
  if (from.has_since()) {
    if (!IsValid(from.since())) return std::nullopt;
    since = FromProto(from.since());
  }
  ResumePoint point(since);
  point.synced = from.synced();
  if (!point.cursor.Load(from)) return std::nullopt;
  if (from.has_scan()) {
    point.scan = PullScan::Load(from.scan());
    if (!point.scan) return std::nullopt;
  }
  return point;
}

void ResumePoint::Save(size_t max_bytes, state::ResumeState& to) const {
  if (since) *to.mutable_since() = ToProto(*since);
  to.set_synced(synced);
  if (scan) scan->Save(*to.mutable_scan());
  // Last, as it takes what is left.
  cursor.Save(max_bytes, to);
}

uint64_t ResumePoint::revision() const {
  // Each only grows, but for the scan that ends.
  return cursor.revision() + (synced ? 1 : 0) +
         (scan ? scan->revision() : uint64_t{1} << 32);
}

}  // namespace mentiond
