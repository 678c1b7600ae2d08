// How much to request at a time: GitHub fails over pages that take it too long,
// so the size is halved after a failure and grows again after successes.

#ifndef MENTIOND_LIB_GITHUB_PAGE_SIZE_H_
#define MENTIOND_LIB_GITHUB_PAGE_SIZE_H_

#include <algorithm>
#include <cstdint>

namespace mentiond {

// Pure. Small, as every stream has some.
class PageSize {
 public:
  // 1 <= min <= max; it starts at max.
  PageSize(uint8_t min, uint8_t max) : min_(min), max_(max), size_(max) {}

  int get() const { return size_; }

  void Failed() {
    failed_ = size_;
    size_ = std::max<int>(min_, size_ / 2);
    successes_ = 0;
  }

  // Doubles the size, but not to one that failed until many requests later:
  // the failure of a large page costs ten seconds and points.
  void Succeeded() {
    ++successes_;
    if (failed_ > 0 && 2 * size_ >= failed_ &&
        successes_ < kSuccessesBeforeRetry) {
      return;
    }
    failed_ = 0;
    successes_ = 0;
    size_ = std::min<int>(max_, 2 * size_);
  }

 private:
  static constexpr int kSuccessesBeforeRetry = 20;

  const uint8_t min_;
  const uint8_t max_;
  uint8_t size_;
  uint8_t failed_ = 0;     // the size that failed last; 0: none
  uint8_t successes_ = 0;  // since then, kSuccessesBeforeRetry at most
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_PAGE_SIZE_H_
