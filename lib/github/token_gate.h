// Makes the requests of one token take turns: GitHub wants a user's requests
// one after another, and what is left of the rate limits goes to polls first.

#ifndef MENTIOND_LIB_GITHUB_TOKEN_GATE_H_
#define MENTIOND_LIB_GITHUB_TOKEN_GATE_H_

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/awaitable.hpp"

#include "lib/base/clock.h"
#include "lib/base/secret.h"
#include "lib/github/minute_window.h"
#include "lib/github/quota.h"
#include "lib/github/rejections.h"
#include "lib/github/turns.h"

namespace mentiond {

// GitHub counts REST and GraphQL requests against separate limits.
enum class Resource { kRest, kGraphQl };

// Loop thread only. Held by shared_ptr: a pass keeps its gate.
class TokenGate : public std::enable_shared_from_this<TokenGate> {
 public:
  // The right to send requests, one at a time, until it is destroyed.
  struct Pass {
    std::shared_ptr<TokenGate> gate;  // outlives the turn
    Turns::Turn turn;
  };

  // `clock` outlives the gate; `max_at_once` is at least 1.
  // `per_minute`: how many requests may be sent in a minute, whatever is left
  // of the hour: GitHub's secondary limit, of 900 points for REST. At least 9;
  // 0: any number.
  TokenGate(Clock& clock, int max_at_once, int per_minute)
      : clock_(clock), turns_(max_at_once), per_minute_(per_minute) {}

  // Waits for a turn, polls before histories, otherwise in order, and until the
  // token may send another request in this minute. Errors: as
  // Quota::Admit when the limits refuse; CANCELLED when the awaiting coroutine
  // is cancelled.
  asio::awaitable<absl::StatusOr<Pass>> Enter(Resource resource,
                                              Priority priority);

  Quota& quota(Resource resource) {
    return quotas_[static_cast<size_t>(resource)];
  }

  // Whether to keep within the limit per minute; at first not.
  void LimitByMinute(bool limit) { by_minute_ = limit; }
  // Records a request that is about to be sent.
  void NoteRequest(absl::Time now) { sent_.Note(now); }

  Rejections& rejections(Resource resource) {
    return rejections_[static_cast<size_t>(resource)];
  }

  // When GitHub said that the token expires; absl::InfiniteFuture(): it has
  // not, or never.
  absl::Time expires_at() const { return expires_at_; }
  void NoteExpiry(absl::Time expires_at) { expires_at_ = expires_at; }

  // Whether it holds no state worth keeping.
  bool IsFresh() const;
  bool IsUnused() const { return turns_.taken() == 0; }

 private:
  // How long to hold back a request.
  absl::Duration PauseBefore(Resource resource, Priority priority,
                             absl::Time now);

  Clock& clock_;
  Turns turns_;
  const int per_minute_;
  bool by_minute_ = false;
  MinuteWindow sent_;
  std::array<Quota, 2> quotas_;           // by Resource
  std::array<Rejections, 2> rejections_;  // by Resource
  absl::Time expires_at_ = absl::InfiniteFuture();
};

// What GitHub has said about a token.
struct TokenInfo {
  // As last reported; nullopt: not in the current window.
  std::optional<RateLimit> rest;
  std::optional<RateLimit> graphql;
  absl::Time expires_at = absl::InfiniteFuture();  // as TokenGate's
};

// The gates of all tokens. Loop thread only.
//
// An unused gate is kept while GitHub's limits for its token are known, for an
// hour at most, and no more than kMaxUnused of them: whoever subscribes with
// one made-up token after another must not use up the memory.
class TokenGates {
 public:
  static constexpr size_t kMaxUnused = 200'000;

  TokenGates(Clock& clock, int max_at_once, int per_minute)
      : clock_(clock), max_at_once_(max_at_once), per_minute_(per_minute) {}

  std::shared_ptr<TokenGate> For(const TokenHash& token);
  TokenInfo InfoOf(const TokenHash& token) const;

  // Calls `visit` with what is left of each quota of each token, where that is
  // known.
  void ForEachQuota(
      const std::function<void(Resource, const RateLimit&)>& visit) const;

  size_t size() const { return gates_.size(); }

 private:
  void ForgetSome();

  Clock& clock_;
  const int max_at_once_;
  const int per_minute_;
  // How many there may be before those without state are dropped.
  size_t tidy_at_ = 1024;
  absl::flat_hash_map<TokenHash, std::shared_ptr<TokenGate>> gates_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_GITHUB_TOKEN_GATE_H_
