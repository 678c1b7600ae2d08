// Checks GitHub's webhook deliveries. What they say is never used but for the
// name of a repository to look at: a delivery that is lost, late, repeated or
// forged changes when GitHub is asked, and nothing else.
// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries

#ifndef MENTIOND_SERVER_WEBHOOK_H_
#define MENTIOND_SERVER_WEBHOOK_H_

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

#include "lib/base/secret.h"

namespace mentiond {

struct WebhookDelivery {
  std::string_view signature;  // X-Hub-Signature-256
  std::string_view event;      // X-GitHub-Event
  std::string_view id;         // X-GitHub-Delivery
  std::string_view body;
};

struct WebhookAnswer {
  int status = 200;  // of HTTP
  std::string text;  // for people, without a newline
  std::string repo;  // to look at, as OWNER/NAME; empty: none
};

// Thread-safe.
class WebhookChecker {
 public:
  // As many deliveries are remembered, to ignore repeated ones.
  static constexpr size_t kMaxRemembered = 10'000;

  // `secret` is not empty.
  explicit WebhookChecker(Secret secret) : secret_(std::move(secret)) {}

  // 401: not signed with the secret. 400: not a delivery. 202: one that is
  // about no repository, or has been received before.
  WebhookAnswer Check(const WebhookDelivery& delivery);

 private:
  bool IsSigned(const WebhookDelivery& delivery) const;
  bool IsNew(std::string_view id);

  const Secret secret_;
  absl::Mutex mutex_;
  absl::flat_hash_set<std::string> seen_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> order_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_WEBHOOK_H_
