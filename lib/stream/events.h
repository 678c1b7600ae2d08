// What a stream's responses are made of.

#ifndef MENTIOND_LIB_STREAM_EVENTS_H_
#define MENTIOND_LIB_STREAM_EVENTS_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"

#include "lib/github/delay.h"
#include "lib/github/response_meta.h"
#include "lib/github/types.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// All pure.
mentions::v1::SubscribeResponse MentionEvent(const Item& item);
// `pages_total` 0: not known.
mentions::v1::SubscribeResponse ProgressEvent(uint32_t pages_done,
                                              uint32_t pages_total);
mentions::v1::SubscribeResponse SyncedEvent();
mentions::v1::SubscribeResponse HeartbeatEvent(
    absl::Time polled_at, absl::Time next_poll_at,
    const std::optional<RateLimit>& rate_limit);
mentions::v1::SubscribeResponse DelayedEvent(const Delay& delay,
                                             std::string_view detail);

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_EVENTS_H_
