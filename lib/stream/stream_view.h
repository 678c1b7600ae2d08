// What operators are told about a stream: who opened it, what it is about, how
// it is doing.

#ifndef MENTIOND_LIB_STREAM_STREAM_VIEW_H_
#define MENTIOND_LIB_STREAM_STREAM_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "lib/stream/stream_id.h"

namespace mentiond {

// Who has opened a stream, as far as the server knows.
struct Caller {
  std::string peer;          // its address, as gRPC writes it
  std::string principal;     // the name in its certificate; empty: none
  std::string trace_parent;  // a W3C `traceparent`; empty: none
};

enum class StreamState {
  kReading,  // the history is being read
  kLive,
  kDelayed,  // by a limit or a fault
};
std::string_view StreamStateName(StreamState state);

struct StreamView {
  StreamId id;
  Caller caller;
  std::string repo;
  std::string user;
  std::string hashed_token;  // see HashedToken
  absl::Time opened_at;
  StreamState state = StreamState::kReading;
  std::optional<absl::Time> polled_at;
  std::optional<absl::Time> next_poll_at;
  int64_t mentions = 0;  // delivered on this stream
  size_t queued = 0;     // events that the client has not read
  std::string why_delayed;
  // When and with which status it has ended; nullopt: it is open.
  std::optional<absl::Time> ended_at;
  absl::Status status;
};

// Which streams to show: all fields that are set must match.
struct StreamFilter {
  std::string repo;  // in any case
  std::string user;  // in any case
  std::optional<StreamState> state;

  bool Matches(std::string_view stream_repo, std::string_view stream_user,
               StreamState stream_state) const;
};

// "repo=octo/demo user=octocat peer=ipv4:10.0.0.1:4711 token=...": for a line
// of the log. Values from outside are escaped; what is not known is left out.
std::string AuditFields(const StreamView& view);

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_STREAM_VIEW_H_
