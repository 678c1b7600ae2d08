// Calls that were refused before they were a stream, for whoever audits who
// tried to watch what: a line of the log for each, beside those for the streams
// that were opened.

#ifndef MENTIOND_SERVER_REFUSAL_LOG_H_
#define MENTIOND_SERVER_REFUSAL_LOG_H_

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

#include "lib/base/clock.h"
#include "lib/base/log_limit.h"
#include "lib/stream/stream_view.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// Thread-safe.
class RefusalLog {
 public:
  // Of each status code, so that a flood of nonsense does not hide who is not
  // let in.
  static constexpr int kLinesPerSecond = 10;

  // `web_host` is as ParseSubscription's; `clock` outlives the log.
  RefusalLog(const Clock& clock, std::string web_host)
      : clock_(clock), web_host_(std::move(web_host)) {}

  // A call was refused with `status`, an error. `request`: what was read of it;
  // null: nothing. `authorization` is the call's metadata of that name, or
  // empty. Of the two, only what is valid is logged: anything may be in them,
  // a token in the wrong field, too.
  void Note(const absl::Status& status, Caller caller,
            const mentions::v1::SubscribeRequest* request,
            std::string_view authorization);

 private:
  struct Limit {
    LogLimit lines{kLinesPerSecond};
  };

  const Clock& clock_;
  const std::string web_host_;
  std::array<Limit, 17> limits_;  // by status code
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_REFUSAL_LOG_H_
