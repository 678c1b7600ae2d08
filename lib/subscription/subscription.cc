#include "lib/subscription/subscription.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "lib/base/proto_time.h"
#include "lib/base/status_reason.h"
#include "lib/base/strings.h"
#include "lib/subscription/resume_token.h"

namespace mentiond {
namespace {

// GitHub's have fewer than 300 bytes.
constexpr size_t kMaxTokenBytes = 1024;

absl::Status Invalid(const char* field, const absl::Status& reason) {
  const absl::string_view words = reason.message();
  return InvalidField(field, std::string_view(words.data(), words.size()));
}

absl::Status Invalid(const char* field, const char* reason) {
  return InvalidField(field, reason);
}

// It becomes part of a request header.
absl::Status CheckToken(std::string_view token, const char* field) {
  if (token.size() > kMaxTokenBytes) {
    return Invalid(field, "is longer than 1,024 bytes");
  }
  for (const char c : token) {
    if (c <= ' ' || c > '~') {
      return Invalid(field,
                     "contains a character other than printable ASCII, or a "
                     "space");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<absl::Time>> SinceOf(
    const mentions::v1::SubscribeRequest& request) {
  if (!request.has_since()) return std::nullopt;
  if (!IsValid(request.since())) {
    return Invalid("since",
                   "is not a valid timestamp (years 1 to 9999, nanos 0 to "
                   "999,999,999)");
  }
  return FromProto(request.since());
}

absl::StatusOr<SourceSet> SourcesOf(
    const mentions::v1::SubscribeRequest& request) {
  if (request.sources().empty()) {
    return SourceSet{Source::SOURCE_PULL_REQUEST,
                     Source::SOURCE_PULL_REQUEST_COMMENT,
                     Source::SOURCE_REVIEW_COMMENT, Source::SOURCE_REVIEW};
  }
  SourceSet sources{};
  for (const int source : request.sources()) {
    if (!mentions::v1::Source_IsValid(source) ||
        source == Source::SOURCE_UNSPECIFIED) {
      return InvalidField("sources",
                          absl::StrCat(source, " is not a known source"));
    }
    sources.Insert(static_cast<Source>(source));
  }
  return sources;
}

absl::StatusOr<History> HistoryOf(
    const mentions::v1::SubscribeRequest& request) {
  if (!mentions::v1::History_IsValid(request.history())) {
    return InvalidField(
        "history", absl::StrCat(request.history(), " is not a known value"));
  }
  return request.history() == mentions::v1::HISTORY_UNSPECIFIED
             ? mentions::v1::HISTORY_COMPLETE
             : request.history();
}

}  // namespace

absl::StatusOr<Secret> TokenOf(const mentions::v1::SubscribeRequest& request,
                               std::string_view authorization) {
  if (!request.token().empty()) {
    absl::Status status = CheckToken(request.token(), "token");
    if (!status.ok()) return status;
    return Secret(request.token());
  }
  absl::string_view value = absl::StripAsciiWhitespace(ToAbsl(authorization));
  if (value.empty()) return Secret();
  if (!absl::StartsWithIgnoreCase(value, "bearer ")) {
    return Invalid("authorization", "must be `Bearer TOKEN`");
  }
  value = absl::StripAsciiWhitespace(value.substr(7));
  if (absl::Status status = CheckToken(
          std::string_view(value.data(), value.size()), "authorization");
      !status.ok()) {
    return status;
  }
  return Secret(std::string(value));
}

absl::StatusOr<Subscription> ParseSubscription(
    const mentions::v1::SubscribeRequest& request,
    std::string_view authorization, std::string_view web_host) {
  auto repo = RepoName::Parse(request.repo(), web_host);
  if (!repo.ok()) return Invalid("repo", repo.status());
  auto target = MentionTarget::Parse(request.user());
  if (!target.ok()) return Invalid("user", target.status());
  auto token = TokenOf(request, authorization);
  if (!token.ok()) return token.status();
  auto since = SinceOf(request);
  if (!since.ok()) return since.status();
  auto sources = SourcesOf(request);
  if (!sources.ok()) return sources.status();
  auto history = HistoryOf(request);
  if (!history.ok()) return history.status();
  if (request.skip_self() && !target->is_user()) {
    return Invalid("skip_self", "is only for a user that is a login");
  }
  auto filter = AuthorFilter::Parse(request, target->name());
  if (!filter.ok()) return filter.status();
  Subscription subscription{*std::move(repo),   *std::move(target),
                            *std::move(token),  *sources,
                            *std::move(filter), Progress(*since, *history)};
  if (request.resume_token().empty()) return subscription;
  auto progress = DecodeResumeToken(
      request.resume_token(),
      SubscriptionHash(subscription.repo, subscription.target,
                       subscription.sources, subscription.filter.get()));
  if (!progress.ok()) return Invalid("resume_token", progress.status());
  subscription.progress = *std::move(progress);
  return subscription;
}

}  // namespace mentiond
