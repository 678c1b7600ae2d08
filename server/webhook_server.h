// Receives GitHub's webhook deliveries over HTTP: POST /hooks/github.

#ifndef MENTIOND_SERVER_WEBHOOK_SERVER_H_
#define MENTIOND_SERVER_WEBHOOK_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "lib/base/secret.h"

namespace mentiond {

class WebhookServer {
 public:
  // Called on any of the server's threads with a repository to look at.
  using Hint = std::function<void(const std::string& repo)>;

  // The secret in a file, without white space around it. INVALID_ARGUMENT if
  // there is none; another error if the file cannot be read.
  static absl::StatusOr<Secret> ReadSecret(const std::string& path);

  // Serves at `listen`, HOST:PORT, at once; port 0: any. UNAVAILABLE if the
  // address cannot be bound.
  static absl::StatusOr<std::unique_ptr<WebhookServer>> Start(
      const std::string& listen, Secret secret, Hint hint);

  // Waits for deliveries in progress.
  ~WebhookServer();
  WebhookServer(const WebhookServer&) = delete;
  WebhookServer& operator=(const WebhookServer&) = delete;

  // HOST:PORT.
  const std::string& address() const;

 private:
  class Impl;

  explicit WebhookServer(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_WEBHOOK_SERVER_H_
