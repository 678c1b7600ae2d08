#include "lib/mention/cursor.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"

#include "lib/base/proto_time.h"
#include "lib/base/stable_hash.h"
#include "lib/mention/ascending_numbers.h"

namespace mentiond {
namespace {

// Ids are per kind of text; comments on issues and on pull requests share
// theirs, and a comment stays the same when its issue becomes a pull request.
uint32_t FingerprintOf(const Item& item) {
  return static_cast<uint32_t>(StableHash(
      absl::StrCat(item.id, " ", absl::ToUnixNanos(item.updated_at))));
}

// Never 0, which stands for one that has been forgotten.
uint32_t FingerprintOfBody(const Item& item) {
  return std::max<uint32_t>(1, static_cast<uint32_t>(StableHash(item.body)));
}

// Where windows_ has the texts of a listing; nullopt: it has descriptions.
std::optional<size_t> WindowOf(Listing listing) {
  switch (listing) {
    case Listing::kIssueComments:
      return 0;
    case Listing::kReviewComments:
      return 1;
    case Listing::kReviews:
      return 2;
    case Listing::kIssues:
    case Listing::kSearch:
      break;
  }
  return std::nullopt;
}

std::optional<size_t> WindowOf(const Item& item) {
  switch (item.source) {
    case Source::SOURCE_PULL_REQUEST_COMMENT:
    case Source::SOURCE_ISSUE_COMMENT:
      return WindowOf(Listing::kIssueComments);
    case Source::SOURCE_REVIEW_COMMENT:
      return WindowOf(Listing::kReviewComments);
    case Source::SOURCE_REVIEW:
      return WindowOf(Listing::kReviews);
    default:
      return std::nullopt;
  }
}

}  // namespace

Cursor::Cursor(std::optional<absl::Time> since, absl::Duration overlap)
    : since_(since),
      overlap_(overlap),
      windows_{DeliveryWindow(overlap), DeliveryWindow(overlap),
               DeliveryWindow(overlap)} {}

std::optional<absl::Time> Cursor::Furthest(Listing listing) const {
  const std::optional<size_t> window = WindowOf(listing);
  return window ? windows_[*window].furthest() : issues_furthest_;
}

std::optional<absl::Time> Cursor::ReadFrom(Listing listing) const {
  const std::optional<size_t> window = WindowOf(listing);
  std::optional<absl::Time> begin;
  if (window) {
    begin = windows_[*window].Begin();
  } else if (issues_furthest_) {
    // It also tells which pull requests have new reviews: as long as those have
    // not been read, it has to tell again.
    begin = std::min(*issues_furthest_,
                     Furthest(Listing::kReviews).value_or(*issues_furthest_)) -
            overlap_;
  }
  if (!begin) return since_;
  return since_ ? std::max(*since_, *begin) : *begin;
}

bool Cursor::IsNewDescription(const Item& item) const {
  const auto found = descriptions_.find(item.number);
  if (found == descriptions_.end()) return item.number > incomplete_up_to_;
  return found->second != 0 && found->second != FingerprintOfBody(item);
}

bool Cursor::IsNew(const Item& item) const {
  if (since_ && item.updated_at < *since_) return false;
  const std::optional<size_t> window = WindowOf(item);
  return window ? windows_[*window].IsNew(item.updated_at, FingerprintOf(item))
                : IsNewDescription(item);
}

bool Cursor::Observe(const Item& item, bool mentions) {
  if (since_ && item.updated_at < *since_) return false;
  if (const std::optional<size_t> window = WindowOf(item)) {
    if (!mentions || !IsNew(item)) return false;
    windows_[*window].Add(item.updated_at, FingerprintOf(item));
    ++revision_;
    return true;
  }
  if (!mentions) {
    if (descriptions_.erase(item.number) > 0) ++revision_;
    return false;
  }
  const bool is_new = IsNewDescription(item);
  // One that was forgotten for want of room is known from now on.
  uint32_t& known = descriptions_[item.number];
  if (const uint32_t body = FingerprintOfBody(item); known != body) {
    known = body;
    ++revision_;
  }
  return is_new;
}

void Cursor::Advance(Listing listing, absl::Time updated_at) {
  const std::optional<absl::Time> before = Furthest(listing);
  if (before && updated_at <= *before) return;
  ++revision_;
  if (const std::optional<size_t> window = WindowOf(listing)) {
    windows_[*window].Advance(updated_at);
  } else {
    issues_furthest_ = absl::FromUnixSeconds(absl::ToUnixSeconds(updated_at));
  }
}

void Cursor::Save(size_t max_bytes, state::ResumeState& to) const {
  Cursor small = *this;
  uint32_t fingerprint_bytes = 4;
  while (true) {
    small.SaveAll(fingerprint_bytes, to);
    const size_t bytes = to.ByteSizeLong();
    if (bytes <= max_bytes) return;
    // An entry takes four bytes or more.
    if (small.GiveUp((bytes - max_bytes + 3) / 4)) continue;
    // All that is left is of one second.
    if (fingerprint_bytes > 1) {
      --fingerprint_bytes;
    } else if (!small.GiveUpWindows()) {
      return;  // nothing is left that could be given up
    }
  }
}

void Cursor::SaveAll(uint32_t fingerprint_bytes, state::ResumeState& to) const {
  to.clear_issues_furthest();
  to.clear_windows();
  to.clear_descriptions();
  if (issues_furthest_) {
    to.set_issues_furthest(absl::ToUnixSeconds(*issues_furthest_));
  }
  for (const DeliveryWindow& window : windows_) {
    window.Save(*to.add_windows(), fingerprint_bytes);
  }
  state::Descriptions& descriptions = *to.mutable_descriptions();
  AscendingWriter numbers(descriptions.mutable_number_deltas());
  AscendingWriter bare(descriptions.mutable_bare_deltas());
  for (const auto& [number, body] : descriptions_) {
    if (body == 0) {
      bare.Add(number);
    } else {
      numbers.Add(number);
      descriptions.add_fingerprints(body);
    }
  }
  if (incomplete_up_to_ > 0) {
    descriptions.set_incomplete_up_to(static_cast<uint64_t>(incomplete_up_to_));
  }
}

// Forgets about `count` versions of what there is most of. False: nothing is
// left that could be forgotten in part.
bool Cursor::GiveUp(size_t count) {
  const auto largest = std::max_element(
      windows_.begin(), windows_.end(),
      [](const auto& a, const auto& b) { return a.size() < b.size(); });
  const auto texts = static_cast<size_t>(
      std::count_if(descriptions_.begin(), descriptions_.end(),
                    [](const auto& known) { return known.second != 0; }));
  if (texts < largest->size() && largest->Shrink(count)) return true;
  if (texts > 0) {
    for (auto& [number, body] : descriptions_) {
      if (body == 0) continue;
      if (count-- == 0) break;
      body = 0;
    }
    return true;
  }
  if (descriptions_.empty()) return false;
  for (; count > 0 && !descriptions_.empty(); --count) {
    // One that was known again may be below others that are not.
    incomplete_up_to_ =
        std::max(incomplete_up_to_, descriptions_.begin()->first);
    descriptions_.erase(descriptions_.begin());
  }
  return true;
}

// Forgets all versions there are; false: there are none.
bool Cursor::GiveUpWindows() {
  bool any = false;
  for (DeliveryWindow& window : windows_) {
    any = any || window.size() > 0;
    window.GiveUpAll();
  }
  return any;
}

bool Cursor::Load(const state::ResumeState& from) {
  if (from.has_issues_furthest()) {
    if (!IsTimestampSecond(from.issues_furthest())) return false;
    issues_furthest_ = absl::FromUnixSeconds(from.issues_furthest());
  }
  if (from.windows_size() != static_cast<int>(windows_.size())) return false;
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (!windows_[i].Load(from.windows(static_cast<int>(i)))) return false;
  }
  const state::Descriptions& descriptions = from.descriptions();
  if (descriptions.number_deltas_size() != descriptions.fingerprints_size() ||
      descriptions.incomplete_up_to() > std::numeric_limits<int64_t>::max()) {
    return false;
  }
  incomplete_up_to_ = static_cast<int64_t>(descriptions.incomplete_up_to());
  int at = 0;
  return LoadAscending(descriptions.bare_deltas(),
                       [&](int64_t number) { descriptions_[number] = 0; }) &&
         LoadAscending(descriptions.number_deltas(), [&](int64_t number) {
           descriptions_[number] = descriptions.fingerprints(at++);
         });
}

}  // namespace mentiond
