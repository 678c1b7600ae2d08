#include "lib/stream/stream_view.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "lib/base/strings.h"

namespace mentiond {

std::string_view StreamStateName(StreamState state) {
  switch (state) {
    case StreamState::kReading:
      return "reading";
    case StreamState::kLive:
      return "live";
    case StreamState::kDelayed:
      return "delayed";
  }
  return "";
}

bool StreamFilter::Matches(std::string_view stream_repo,
                           std::string_view stream_user,
                           StreamState stream_state) const {
  const auto matches = [](const std::string& wanted, std::string_view value) {
    return wanted.empty() || absl::EqualsIgnoreCase(wanted, ToAbsl(value));
  };
  return matches(repo, stream_repo) && matches(user, stream_user) &&
         (!state || *state == stream_state);
}

std::string AuditFields(const StreamView& view) {
  std::string fields;
  const auto add = [&](absl::string_view name, const std::string& value,
                       absl::string_view quote = "") {
    if (value.empty()) return;
    absl::StrAppend(&fields, fields.empty() ? "" : " ", name, "=", quote,
                    absl::CEscape(value), quote);
  };
  add("repo", view.repo);
  add("user", view.user);
  add("peer", view.caller.peer);
  add("token", view.hashed_token);
  add("principal", view.caller.principal, "\"");
  add("traceparent", view.caller.trace_parent);
  return fields;
}

}  // namespace mentiond
