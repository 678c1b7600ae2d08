// Opens a stream with any resume token, and with a token of any state: the
// input is both. A token that is accepted must encode to the same again, within
// the size limit; a rejection must have a clean message.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glog/logging.h"

#include "lib/subscription/progress.h"
#include "lib/subscription/resume_state.pb.h"
#include "lib/subscription/resume_token.h"
#include "tests/fuzz/text_checks.h"

namespace mentiond {
namespace {

bool HasSameBounds(const Progress& a, const Progress& b) {
  return a.since == b.since && a.history == b.history && a.synced == b.synced &&
         a.without_graphql == b.without_graphql &&
         a.high_water_marks == b.high_water_marks && a.pending == b.pending &&
         a.full_read.has_value() == b.full_read.has_value() &&
         a.last_full_read == b.last_full_read;
}

// Continues from there a little, as a stream would.
void Continue(Progress progress, uint64_t subscription) {
  for (const SourceInfo& info : kSources) {
    DeliveredSet& set = progress.delivered(info.source);
    const absl::Time floor = set.floor().value_or(absl::UnixEpoch());
    for (int64_t id = 1; id <= 3; ++id) {
      Item item;
      item.source = info.source;
      item.id = id;
      item.number = id;
      item.updated_at = floor + absl::Seconds(id);
      set.Insert(item);
      CHECK(!set.IsNew(item)) << "delivered twice";
    }
    set.RaiseFloor(floor + absl::Seconds(2));
  }
  for (const Listing listing : {Listing::kIssues, Listing::kReviewComments}) {
    static_cast<void>(progress.ReadFrom(listing));
  }
  CHECK_LE(EncodeResumeToken(progress, subscription).size(),
           kMaxResumeTokenBytes);
}

void Check(const absl::StatusOr<Progress>& progress, uint64_t subscription) {
  if (!progress.ok()) {
    CHECK_EQ(progress.status().code(), absl::StatusCode::kInvalidArgument);
    CHECK(IsPrintable(std::string(progress.status().message())));
    return;
  }
  const std::string token = EncodeResumeToken(*progress, subscription);
  CHECK_LE(token.size(), kMaxResumeTokenBytes);
  CHECK(IsVisible(token));
  const auto again = DecodeResumeToken(token, subscription);
  CHECK(again.ok()) << again.status();
  CHECK(HasSameBounds(*progress, *again));
  CHECK_EQ(EncodeResumeToken(*again, subscription), token);
  CHECK(!DecodeResumeToken(token, subscription + 1).ok());
  Continue(*progress, subscription);
}

}  // namespace
}  // namespace mentiond

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  mentiond::Check(mentiond::DecodeResumeToken(bytes, 1), 1);
  mentiond::state::ResumeState state;
  if (state.ParseFromArray(data, static_cast<int>(size))) {
    const uint64_t subscription = state.subscription();
    mentiond::Check(mentiond::DecodeResumeToken(
                        mentiond::EncodeResumeState(state), subscription),
                    subscription);
  }
  return 0;
}
