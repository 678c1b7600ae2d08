// Decodes any bytes as the response to a GraphQL query and to a search. What is
// decoded must be fit to be sent to clients and to be part of the next query;
// an error must have a clean message.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "glog/logging.h"

#include "lib/base/repo_name.h"
#include "lib/github/pull_decode.h"
#include "lib/github/pull_query.h"
#include "lib/subscription/events.h"
#include "tests/fuzz/text_checks.h"

namespace mentiond {
namespace {

// One of each, so that any response may fit.
std::vector<PullRequestPart> AllParts() {
  return {
      {.part = PullPart::kPull, .number = 1},
      {.part = PullPart::kIssue, .number = 2},
      {.part = PullPart::kReviews, .number = 3, .after = "a"},
      {.part = PullPart::kReviewsAndComments, .number = 4, .after = "b"},
      {.part = PullPart::kPullComments, .number = 5, .after = "c"},
      {.part = PullPart::kIssueComments, .number = 6, .after = "d"},
      {.part = PullPart::kReviewComments,
       .number = 7,
       .after = "e",
       .node_id = "f"},
  };
}

void CheckItem(const Item& item) {
  CHECK_GT(item.id, 0);
  CHECK_GT(item.number, 0);
  CHECK(!item.url.empty());
  CHECK(IsVisible(item.url)) << item.url;
  CHECK(item.created_at >= absl::UnixEpoch());
  CHECK(item.updated_at >= item.created_at);
  CHECK(item.updated_at <
        absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone()));
  // protobuf refuses to parse a string that is not UTF-8.
  mentions::v1::SubscribeResponse received;
  CHECK(received.ParseFromString(MentionEvent(item).SerializeAsString()));
}

void Check(const absl::StatusOr<DecodedPulls>& decoded) {
  if (!decoded.ok()) {
    const std::string message(decoded.status().message());
    CHECK(!message.empty());
    CHECK_LE(message.size(), 300U);
    CHECK(IsPrintable(message)) << message;
    return;
  }
  CHECK_GT(decoded->cost, 0);
  for (const Item& item : decoded->page.items) CheckItem(item);
  CHECK(IsPrintable(decoded->page.failure));
  CHECK_EQ(decoded->page.unread.empty(), decoded->page.failure.empty());
  // Does not stop the program, and can be answered.
  const RepoName repo = *RepoName::Parse("o/r", "github.com");
  if (!decoded->page.more.empty()) {
    CHECK(!PartsQuery(repo, decoded->page.more).empty());
  }
  CHECK(decoded->page.next_cursor.empty() ||
        IsQueryable(decoded->page.next_cursor));
}

}  // namespace
}  // namespace mentiond

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  static const auto* const parts =
      new std::vector<mentiond::PullRequestPart>(mentiond::AllParts());
  mentiond::Check(mentiond::DecodeParts(json, *parts));
  mentiond::Check(mentiond::DecodeParts(json, {parts->front()}));
  mentiond::Check(mentiond::DecodeSearch(json));
  return 0;
}
