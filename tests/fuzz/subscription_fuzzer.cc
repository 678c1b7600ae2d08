// Checks any request with any `authorization` metadata, which is the first
// line; the request follows in protobuf's wire format. What is taken must be
// what was asked for and nothing else; a refusal must name its field in clean
// words, without the token.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "google/protobuf/stubs/logging.h"

#include "lib/base/login.h"
#include "lib/base/repo_name.h"
#include "lib/base/secret.h"
#include "lib/github/types.h"
#include "lib/subscription/subscription.h"
#include "proto/mentions/v1/mentions.pb.h"
#include "tests/fuzz/text_checks.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;

constexpr char kWebHost[] = "github.com";

void CheckRefusal(const absl::Status& status) {
  CHECK_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string words(status.message());
  CHECK_LE(words.size(), 200U);
  CHECK(IsPrintable(words)) << words;
  const std::string field = words.substr(0, words.find(':'));
  constexpr const char* kFields[] = {"repo",         "user",  "token",
                                     "resume_token", "since", "sources",
                                     "authorization"};
  CHECK(std::any_of(std::begin(kFields), std::end(kFields),
                    [&](const char* known) { return field == known; }))
      << words;
}

void CheckToken(const SubscribeRequest& request, std::string_view authorization,
                const Secret& token) {
  const std::string_view value = token.Expose();
  CHECK_LE(value.size(), 1024U);
  CHECK(IsVisible(value));
  if (!request.token().empty()) {
    CHECK(value == request.token());
  } else if (!value.empty()) {
    // Behind the scheme, the token is all there is.
    const size_t at = authorization.rfind(value);
    CHECK(at != std::string_view::npos);
    CHECK_GE(at, std::string_view("Bearer ").size());
  }
}

void CheckSources(const SubscribeRequest& request, const SourceSet& sources) {
  CHECK(!sources.Contains(Source::SOURCE_UNSPECIFIED));
  for (int source = 1; source < mentions::v1::Source_ARRAYSIZE; ++source) {
    const bool asked =
        request.sources().empty()
            ? source <= Source::SOURCE_REVIEW
            : std::find(request.sources().begin(), request.sources().end(),
                        source) != request.sources().end();
    CHECK_EQ(sources.Contains(static_cast<Source>(source)), asked) << source;
  }
}

void CheckTaken(const SubscribeRequest& request, std::string_view authorization,
                const Subscription& taken) {
  CHECK(request.resume_token().empty());
  CHECK(*RepoName::Parse(request.repo(), kWebHost) == taken.repo);
  CHECK(MentionTarget::Parse(request.user())->name() == taken.target.name());
  CheckToken(request, authorization, taken.token);
  CHECK_EQ(taken.progress.since.has_value(), request.has_since());
  if (taken.progress.since) {
    CHECK(*taken.progress.since >=
          absl::FromCivil(absl::CivilYear(1), absl::UTCTimeZone()));
    CHECK(*taken.progress.since <
          absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone()));
    CHECK_EQ(absl::ToUnixSeconds(*taken.progress.since),
             request.since().seconds());
  }
  CheckSources(request, taken.sources);

  // Written the plain way, it is the same.
  SubscribeRequest plain = request;
  plain.set_repo(taken.repo.ToString());
  plain.set_user(taken.target.text());
  plain.set_token(std::string(taken.token.Expose()));
  const auto again = ParseSubscription(plain, "", kWebHost);
  CHECK(again.ok()) << again.status();
  CHECK(again->repo == taken.repo);
  CHECK(again->target.name() == taken.target.name());
  CHECK(again->token == taken.token);
  CHECK(again->progress.since == taken.progress.since);
}

// Whatever else is wrong, the message of a rejection does not contain the
// token: it is searched for a string that no message of ours has.
void CheckTokenIsNotTold(const SubscribeRequest& request,
                         std::string_view authorization) {
  constexpr char kMark[] = "zQ9xV7";
  SubscribeRequest marked = request;
  marked.set_token(absl::StrCat(kMark, request.token()));
  const auto in_request = ParseSubscription(marked, authorization, kWebHost);
  CHECK(in_request.status().message().find(kMark) == absl::string_view::npos);
  marked.clear_token();
  const auto in_metadata = ParseSubscription(
      marked,
      absl::StrCat(
          "Bearer ", kMark,
          absl::string_view(authorization.data(), authorization.size())),
      kWebHost);
  CHECK(in_metadata.status().message().find(kMark) == absl::string_view::npos);
}

}  // namespace
}  // namespace mentiond

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view authorization = bytes.substr(0, bytes.find('\n'));
  const size_t begin = std::min(authorization.size() + 1, size);
  // It would tell of each text that is not UTF-8.
  static const google::protobuf::LogSilencer silencer;
  mentiond::SubscribeRequest request;
  // Not worth keeping: nothing of ours has seen it.
  if (!request.ParseFromArray(data + begin, static_cast<int>(size - begin))) {
    return -1;
  }
  const auto taken =
      mentiond::ParseSubscription(request, authorization, mentiond::kWebHost);
  if (taken.ok()) {
    mentiond::CheckTaken(request, authorization, *taken);
  } else {
    mentiond::CheckRefusal(taken.status());
  }
  mentiond::CheckTokenIsNotTold(request, authorization);
  return 0;
}
