// Random histories: whatever happens between two requests, no item that stays
// where it is may be missed.

#include <iterator>
#include <random>

#include "absl/strings/str_cat.h"

#include "tests/lib/github/reader_fixture.h"

namespace mentiond {
namespace {

// One repository's life while it is being read. Small pages, so that a few
// items make many; time stands still often, so that many share a second.
class History {
 public:
  explicit History(uint64_t seed)
      : random_(seed), model_(Below(6) + 1), now_(kStart) {
    const size_t items = Below(40);
    for (size_t i = 0; i < items; ++i) {
      if (Chance(model_is_bursty_ ? 10 : 60)) now_ += 1 + Seconds(3);
      Add();
    }
    // As many as the reader is sure to put up with.
    mutations_left_ = Below(15);
    often_ = 20 + Below(80);
  }

  ListingModel& model() { return model_; }

  // Something may happen.
  void Pass() {
    if (mutations_left_ == 0 || !Chance(often_)) return;
    --mutations_left_;
    if (Chance(50)) now_ += Seconds(3);
    switch (Below(6)) {
      case 0:
        Add();
        break;
      case 1:
        Delete(Any());
        break;
      case 2:  // a bulk change
        for (size_t count = Below(20); count > 0; --count) Edit(Any());
        break;
      case 3:  // several things at once
        Edit(Any());
        Add();
        Edit(Any());
        Delete(Any());
        break;
      default:
        Edit(Any());
    }
  }

  // The items that are as they were when they came, with their times.
  std::map<int64_t, int64_t> Untouched() const {
    std::map<int64_t, int64_t> untouched;
    for (const auto& [id, updated] : model_.updates()) {
      if (!touched_.contains(id)) untouched[id] = updated;
    }
    return untouched;
  }
  // Whether an item came while the listing was being read.
  bool IsNew(int64_t id) const { return id > initial_; }
  void BeginReading() { initial_ = next_id_ - 1; }

 private:
  size_t Below(size_t bound) { return random_() % bound; }
  int64_t Seconds(size_t bound) { return static_cast<int64_t>(Below(bound)); }
  bool Chance(size_t percent) { return Below(100) < percent; }

  int64_t Any() {
    if (model_.updates().empty()) return 0;
    return std::next(model_.updates().begin(), Seconds(model_.updates().size()))
        ->first;
  }
  void Add() { model_.Touch(next_id_++, now_); }
  void Edit(int64_t id) {
    if (id == 0) return;
    touched_.insert(id);
    model_.Touch(id, now_);
  }
  void Delete(int64_t id) {
    if (id == 0) return;
    touched_.insert(id);
    model_.Delete(id);
  }

  std::mt19937_64 random_;
  bool model_is_bursty_ = Chance(50);
  ListingModel model_;
  int64_t now_;
  int64_t next_id_ = 1;
  int64_t initial_ = 0;
  std::set<int64_t> touched_;
  size_t mutations_left_ = 0;
  size_t often_ = 0;
};

TEST(ListingReaderHistoryTest, NothingThatStaysIsMissed) {
  size_t requests = 0;
  size_t items = 0;
  for (uint64_t seed = 1; seed <= 2'500; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    History history(seed);
    history.BeginReading();
    Reading reading(history.model(), [&](size_t) { history.Pass(); });

    const absl::Status status = reading.Finish();

    ASSERT_TRUE(status.ok()) << status;
    for (const auto& [id, updated] : history.Untouched()) {
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
