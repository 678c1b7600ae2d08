// Opens a stream with any resume token, and with a token of any state: the
// input is both. What is taken must say the same when it is written again, in
// the room a token has; a refusal must be in clean words.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glog/logging.h"

#include "lib/mention/cursor.h"
#include "lib/mention/resume_state.pb.h"
#include "lib/stream/resume_point.h"
#include "lib/stream/resume_token.h"
#include "tests/fuzz/text_checks.h"

namespace mentiond {
namespace {

constexpr Listing kListings[] = {Listing::kIssues, Listing::kIssueComments,
                                 Listing::kReviewComments, Listing::kReviews};

bool HasSameBounds(const ResumePoint& a, const ResumePoint& b) {
  for (const Listing listing : kListings) {
    if (a.cursor.Furthest(listing) != b.cursor.Furthest(listing)) return false;
  }
  return a.since == b.since && a.synced == b.synced &&
         a.scan.has_value() == b.scan.has_value();
}

// Goes on from there a little, as a stream would.
void GoOn(ResumePoint point, uint64_t subscription) {
  const absl::Time latest = point.cursor.Furthest(Listing::kReviewComments)
                                .value_or(absl::UnixEpoch());
  for (int64_t id = 1; id <= 3; ++id) {
    for (const Source source :
         {Source::SOURCE_REVIEW_COMMENT, Source::SOURCE_PULL_REQUEST}) {
      Item item;
      item.source = source;
      item.id = id;
      item.number = id;
      item.body = "@octocat";
      item.updated_at = latest + absl::Seconds(id);
      point.cursor.Observe(item, true);
      CHECK(!point.cursor.Observe(item, true)) << "delivered twice";
    }
  }
  point.cursor.Advance(Listing::kReviewComments, latest + absl::Seconds(2));
  for (const Listing listing : kListings) {
    static_cast<void>(point.cursor.ReadFrom(listing));
  }
  CHECK_LE(EncodeResumeToken(point, subscription).size(), kMaxResumeTokenBytes);
}

void Check(const absl::StatusOr<ResumePoint>& point, uint64_t subscription) {
  if (!point.ok()) {
    CHECK_EQ(point.status().code(), absl::StatusCode::kInvalidArgument);
    CHECK(IsPrintable(std::string(point.status().message())));
    return;
  }
  const std::string token = EncodeResumeToken(*point, subscription);
  CHECK_LE(token.size(), kMaxResumeTokenBytes);
  CHECK(IsVisible(token));
  const auto again = DecodeResumeToken(token, subscription);
  CHECK(again.ok()) << again.status();
  CHECK(HasSameBounds(*point, *again));
  CHECK_EQ(EncodeResumeToken(*again, subscription), token);
  CHECK(!DecodeResumeToken(token, subscription + 1).ok());
  GoOn(*point, subscription);
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
