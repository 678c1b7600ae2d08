// Random histories: whatever happens between two requests, no item that stays
// where it is may be missed.

#include <iterator>
#include <random>

#include "tests/lib/github/reader_fixture.h"

namespace mentiond {
namespace {

// One repository's life while it is being read. Small pages, so that a few
// items make many; time stands still often, so that many share a second.
class History {
 public:
  explicit History(uint64_t seed)
      : random_(seed), model_(static_cast<size_t>(Below(6) + 1)) {
    const int64_t at_once = Chance(50) ? 10 : 60;
    for (int64_t items = Below(40); items > 0; --items) {
      if (Chance(at_once)) now_ += 1 + Below(3);
      Add();
    }
    initial_ = next_id_ - 1;
    // As many as the reader is sure to put up with.
    changes_left_ = Below(15);
    often_ = 20 + Below(80);
  }

  ListingModel& model() { return model_; }

  // Something may happen.
  void Pass() {
    if (changes_left_ == 0 || !Chance(often_)) return;
    --changes_left_;
    if (Chance(50)) now_ += Below(3);
    const int64_t kind = Below(6);
    if (kind == 0) return Add();
    if (kind == 1) return Delete(Any());
    // A bulk change, several things at once, or a single edit.
    for (int64_t edits = kind == 2 ? Below(20) : 1; edits > 0; --edits) {
      Edit(Any());
    }
    if (kind != 3) return;
    Add();
    Edit(Any());
    Delete(Any());
  }

  // Whether the item is as it was when it came.
  bool IsUntouched(int64_t id) const { return !touched_.contains(id); }
  // Whether it came while the listing was being read.
  bool IsNew(int64_t id) const { return id > initial_; }

 private:
  int64_t Below(int64_t bound) {
    return static_cast<int64_t>(random_() % static_cast<uint64_t>(bound));
  }
  bool Chance(int64_t percent) { return Below(100) < percent; }

  int64_t Any() {
    const auto& items = model_.updates();
    if (items.empty()) return 0;
    return std::next(items.begin(), Below(std::ssize(items)))->first;
  }
  void Add() { model_.Touch(next_id_++, now_); }
  void Edit(int64_t id) {
    if (id == 0) return;
    touched_.insert(id);
    model_.Touch(id, now_);
  }
  void Delete(int64_t id) {
    touched_.insert(id);
    model_.Delete(id);
  }

  std::mt19937_64 random_;
  ListingModel model_;
  int64_t now_ = kStart;
  int64_t next_id_ = 1;
  int64_t initial_ = 0;
  std::set<int64_t> touched_;
  int64_t changes_left_ = 0;
  int64_t often_ = 0;
};

TEST(ListingReaderHistoryTest, NothingThatStaysIsMissed) {
  size_t requests = 0;
  size_t items = 0;
  for (uint64_t seed = 1; seed <= 2'500; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    History history(seed);
    Reading reading(history.model(), [&](size_t) { history.Pass(); });

    const absl::Status status = reading.Finish();

    ASSERT_TRUE(status.ok()) << status;
    for (const auto& [id, updated] : history.model().updates()) {
      if (!history.IsUntouched(id)) continue;
      // What came meanwhile at the very end may be the next reading's, which
      // begins with the last second of this one.
      if (history.IsNew(id) && updated >= reading.latest()) continue;
      ASSERT_TRUE(reading.ids().contains(id))
          << "item " << id << " of second " << updated << " is missed";
      ++items;
    }
    requests += reading.requests();
  }
  // The histories are worth something: many pages, many items.
  EXPECT_GT(requests, 25'000U);
  EXPECT_GT(items, 25'000U);
}

}  // namespace
}  // namespace mentiond
