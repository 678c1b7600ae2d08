// Ascending numbers in a resume token, each relative to the one before, so that
// most take a byte or two.

#ifndef MENTIOND_LIB_SUBSCRIPTION_ASCENDING_NUMBERS_H_
#define MENTIOND_LIB_SUBSCRIPTION_ASCENDING_NUMBERS_H_

#include <cstdint>
#include <limits>

#include "google/protobuf/repeated_field.h"

namespace mentiond {

// Calls `take` with each number; false as soon as one is invalid: not positive,
// not larger than the one before, or larger than an int64_t.
template <typename Take>
bool LoadAscending(const google::protobuf::RepeatedField<uint64_t>& deltas,
                   Take take) {
  uint64_t number = 0;
  for (const uint64_t delta : deltas) {
    if (delta == 0 || delta > std::numeric_limits<int64_t>::max() - number) {
      return false;
    }
    number += delta;
    take(static_cast<int64_t>(number));
  }
  return true;
}

// Writes numbers, one call each, in ascending order from 1 on.
class AscendingWriter {
 public:
  explicit AscendingWriter(google::protobuf::RepeatedField<uint64_t>* deltas)
      : deltas_(deltas) {}

  void Add(int64_t number) {
    deltas_->Add(static_cast<uint64_t>(number - previous_));
    previous_ = number;
  }

 private:
  google::protobuf::RepeatedField<uint64_t>* const deltas_;
  int64_t previous_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_SUBSCRIPTION_ASCENDING_NUMBERS_H_
