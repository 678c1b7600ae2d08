// Responses as a server sends them.

#ifndef MENTIOND_TESTS_CLIENT_RESPONSES_H_
#define MENTIOND_TESTS_CLIENT_RESPONSES_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "lib/base/proto_time.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

inline ::mentions::v1::SubscribeResponse Progress(uint32_t done,
                                                  uint32_t total) {
  ::mentions::v1::SubscribeResponse response;
  response.mutable_sync_progress()->set_pages_done(done);
  response.mutable_sync_progress()->set_pages_total(total);
  return response;
}

inline ::mentions::v1::SubscribeResponse Synced(
    std::initializer_list<::mentions::v1::Gap> gaps = {}) {
  ::mentions::v1::SubscribeResponse response;
  response.mutable_synced();
  for (const auto gap : gaps) response.mutable_synced()->add_gaps(gap);
  return response;
}

inline ::mentions::v1::SubscribeResponse Heartbeat(
    absl::Time at, std::optional<absl::Duration> next = std::nullopt) {
  ::mentions::v1::SubscribeResponse response;
  auto& heartbeat = *response.mutable_heartbeat();
  *heartbeat.mutable_polled_at() = ToProto(at);
  if (next) *heartbeat.mutable_next_poll_at() = ToProto(at + *next);
  return response;
}

inline ::mentions::v1::SubscribeResponse Delay(
    ::mentions::v1::Delayed::Reason reason, const std::string& detail = "") {
  ::mentions::v1::SubscribeResponse response;
  response.mutable_delayed()->set_reason(reason);
  response.mutable_delayed()->set_detail(detail);
  return response;
}

// By alice, in a comment on a pull request of o/r.
inline ::mentions::v1::SubscribeResponse AMention(int64_t number,
                                                  const std::string& body,
                                                  absl::Time created_at) {
  ::mentions::v1::SubscribeResponse response;
  auto& mention = *response.mutable_mention();
  mention.set_source(::mentions::v1::SOURCE_PULL_REQUEST_COMMENT);
  mention.set_id(number);
  mention.set_pull_request(number);
  mention.set_author("alice");
  mention.set_body(body);
  const size_t at = absl::AsciiStrToLower(body).find("@octocat");
  if (at != std::string::npos) mention.add_offsets(static_cast<uint32_t>(at));
  mention.set_url(absl::StrCat("https://github.com/o/r/pull/", number));
  *mention.mutable_created_at() = ToProto(created_at);
  return response;
}

inline ::mentions::v1::SubscribeResponse WithToken(
    ::mentions::v1::SubscribeResponse response, const std::string& token) {
  response.set_resume_token(token);
  return response;
}

}  // namespace mentiond

#endif  // MENTIOND_TESTS_CLIENT_RESPONSES_H_
