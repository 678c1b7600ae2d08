// The GitHub token that a set's streams share: gets it from the program's token
// source, once for all of them, and again when it was rejected or is about to
// expire. A source that has nothing new is called once a second at most.

#ifndef MENTIOND_CLIENT_INTERNAL_TOKEN_KEEPER_H_
#define MENTIOND_CLIENT_INTERNAL_TOKEN_KEEPER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "asio/any_io_executor.hpp"
#include "asio/awaitable.hpp"
#include "asio/thread_pool.hpp"

#include "client/options.h"
#include "lib/base/async_event.h"
#include "lib/base/clock.h"
#include "lib/base/secret.h"

namespace mentiond::client {

// Loop thread only, except for the source, which has its own thread.
class TokenKeeper {
 public:
  struct Issued {
    Secret token;
    // Differs between tokens; 0: not from a source.
    uint64_t version = 0;
  };

  // `source` may be null. Destruction waits for a call of the source.
  // `clock` outlives the keeper.
  TokenKeeper(const asio::any_io_executor& executor, Clock& clock,
              TokenSource source);

  bool has_source() const { return source_ != nullptr; }

  // The token to open a stream with; without a source, none. Another one than
  // the version that GitHub has rejected, if there is one and the source has
  // another. Errors are the source's, and CANCELLED.
  asio::awaitable<absl::StatusOr<Issued>> Get(std::optional<uint64_t> rejected);

  // The same, from the source, unless it has already given another one than
  // `old`. Its version is `old` if the source still has only that one.
  asio::awaitable<absl::StatusOr<Issued>> Renew(uint64_t old);

 private:
  void Fetch();
  void Keep(absl::StatusOr<std::string> value);

  Clock& clock_;
  const TokenSource source_;
  AsyncEvent fetched_;
  bool fetching_ = false;
  absl::Status status_;  // of the last fetch
  // The last fetch brought nothing new: until then the next would not, either.
  absl::Time quiet_until_ = absl::InfinitePast();
  Issued issued_;

  // The last member: its thread uses the others.
  std::optional<asio::thread_pool> thread_;
};

}  // namespace mentiond::client

#endif  // MENTIOND_CLIENT_INTERNAL_TOKEN_KEEPER_H_
