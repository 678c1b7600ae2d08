#include "lib/subscription/events.h"

#include <algorithm>
#include <limits>
#include <string>

#include "lib/base/proto_time.h"
#include "lib/subscription/author_filter.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeResponse;

uint32_t Clamp(int64_t count) {
  return static_cast<uint32_t>(
      std::clamp<int64_t>(count, 0, std::numeric_limits<uint32_t>::max()));
}

void Fill(const RateLimit& from, mentions::v1::RateLimit& to) {
  to.set_limit(Clamp(from.limit));
  to.set_remaining(Clamp(from.remaining));
  *to.mutable_reset_at() = ToProto(from.reset);
}

}  // namespace

SubscribeResponse MentionEvent(const Item& item) {
  SubscribeResponse event;
  mentions::v1::Mention& mention = *event.mutable_mention();
  mention.set_source(item.source);
  mention.set_id(item.id);
  mention.set_pull_request(item.number);
  mention.set_author(item.author);
  mention.set_author_kind(AuthorKindOf(item.author));
  mention.set_body(item.body);
  mention.set_url(item.url);
  mention.set_title(item.title);
  mention.set_state(item.state);
  *mention.mutable_created_at() = ToProto(item.created_at);
  *mention.mutable_updated_at() = ToProto(item.updated_at);
  return event;
}

SubscribeResponse ProgressEvent(uint32_t pages_done, uint32_t pages_total) {
  SubscribeResponse event;
  event.mutable_sync_progress()->set_pages_done(pages_done);
  event.mutable_sync_progress()->set_pages_total(pages_total);
  return event;
}

SubscribeResponse SyncedEvent(const absl::btree_set<mentions::v1::Gap>& gaps) {
  SubscribeResponse event;
  event.mutable_synced();
  for (const mentions::v1::Gap gap : gaps) {
    event.mutable_synced()->add_gaps(gap);
  }
  return event;
}

SubscribeResponse HeartbeatEvent(absl::Time polled_at, absl::Time next_poll_at,
                                 const TokenInfo& token) {
  SubscribeResponse event;
  mentions::v1::Heartbeat& heartbeat = *event.mutable_heartbeat();
  if (polled_at != absl::InfinitePast()) {
    *heartbeat.mutable_polled_at() = ToProto(polled_at);
  }
  if (next_poll_at != absl::InfinitePast()) {
    *heartbeat.mutable_next_poll_at() = ToProto(next_poll_at);
  }
  if (token.rest) Fill(*token.rest, *heartbeat.mutable_rate_limit());
  if (token.graphql) {
    Fill(*token.graphql, *heartbeat.mutable_graphql_rate_limit());
  }
  if (token.expires_at != absl::InfiniteFuture()) {
    *heartbeat.mutable_token_expires_at() = ToProto(token.expires_at);
  }
  return event;
}

SubscribeResponse DelayedEvent(const Delay& delay, std::string_view detail) {
  SubscribeResponse event;
  mentions::v1::Delayed& delayed = *event.mutable_delayed();
  delayed.set_reason(delay.reason);
  delayed.set_detail(std::string(detail));
  *delayed.mutable_retry_at() = ToProto(delay.retry_at);
  return event;
}

}  // namespace mentiond
