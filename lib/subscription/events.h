// Makes the responses of a stream.

#ifndef MENTIOND_LIB_SUBSCRIPTION_EVENTS_H_
#define MENTIOND_LIB_SUBSCRIPTION_EVENTS_H_

#include <cstdint>
#include <string_view>

#include "absl/container/btree_set.h"
#include "absl/time/time.h"

#include "lib/github/delay.h"
#include "lib/github/token_gate.h"
#include "lib/github/types.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// All pure.
mentions::v1::SubscribeResponse MentionEvent(const Item& item);
// `pages_total` 0: not known.
mentions::v1::SubscribeResponse ProgressEvent(uint32_t pages_done,
                                              uint32_t pages_total);
// The gaps in ascending order, each once.
mentions::v1::SubscribeResponse SyncedEvent(
    const absl::btree_set<mentions::v1::Gap>& gaps);
// Either time may be absl::InfinitePast(): not known.
mentions::v1::SubscribeResponse HeartbeatEvent(absl::Time polled_at,
                                               absl::Time next_poll_at,
                                               const TokenInfo& token);
mentions::v1::SubscribeResponse DelayedEvent(const Delay& delay,
                                             std::string_view detail);

}  // namespace mentiond

#endif  // MENTIOND_LIB_SUBSCRIPTION_EVENTS_H_
