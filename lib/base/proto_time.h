// Converts between protobuf's Timestamp and Abseil's Time.

#ifndef MENTIOND_LIB_BASE_PROTO_TIME_H_
#define MENTIOND_LIB_BASE_PROTO_TIME_H_

#include <cstdint>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace mentiond {

// The years 1 to 9999: the range that google/protobuf/timestamp.proto
// documents, in seconds since 1970.
inline bool IsTimestampSecond(int64_t second) {
  return second >= -62135596800 && second <= 253402300799;
}

inline bool IsValid(const google::protobuf::Timestamp& timestamp) {
  return IsTimestampSecond(timestamp.seconds()) && timestamp.nanos() >= 0 &&
         timestamp.nanos() <= 999'999'999;
}

// The result is unspecified if `timestamp` is not valid.
inline absl::Time FromProto(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) +
         absl::Nanoseconds(timestamp.nanos());
}

// `time` is in the documented range.
inline google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_PROTO_TIME_H_
