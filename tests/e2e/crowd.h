// Many streams on one mentiond, read by gRPC's own threads: when each got its
// mentions.

#ifndef MENTIOND_TESTS_E2E_CROWD_H_
#define MENTIOND_TESTS_E2E_CROWD_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace mentiond {

// A channel that shares no connection with any other, which can take large
// events.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& address);

class Crowd {
 public:
  // Opens `count` streams, a hundred on a connection.
  Crowd(const std::string& address,
        const mentions::v1::SubscribeRequest& request, size_t count);
  // Cancels them.
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Waits until every history is complete; false: not in time.
  bool AwaitSynced(absl::Time deadline);

  // When each stream got the mention with this body, as long as all of them do
  // in time; otherwise empty.
  std::vector<absl::Time> AwaitMention(const std::string& body,
                                       absl::Time deadline);

 private:
  class Reader;

  void OnEvent(const mentions::v1::SubscribeResponse& event);

  const size_t count_;
  absl::Mutex mutex_;
  size_t synced_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t done_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string last_body_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Time> arrivals_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_E2E_CROWD_H_
