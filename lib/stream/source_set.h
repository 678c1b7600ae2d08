// Which kinds of text a subscription is about.

#ifndef MENTIOND_LIB_STREAM_SOURCE_SET_H_
#define MENTIOND_LIB_STREAM_SOURCE_SET_H_

#include <bitset>
#include <initializer_list>

#include "lib/github/types.h"

namespace mentiond {

// A set of the contract's sources.
class SourceSet {
 public:
  SourceSet(std::initializer_list<Source> sources) {
    for (const Source source : sources) Insert(source);
  }

  void Insert(Source source) { bits_.set(source); }
  bool Contains(Source source) const { return bits_.test(source); }
  bool Intersects(const SourceSet& other) const {
    return (bits_ & other.bits_).any();
  }
  bool empty() const { return bits_.none(); }

  // The bit of each source's number in the contract.
  unsigned long ToBits() const { return bits_.to_ulong(); }  // NOLINT

 private:
  std::bitset<mentions::v1::Source_ARRAYSIZE> bits_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_SOURCE_SET_H_
