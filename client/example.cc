// The smallest program that uses the client library; docs/clients.md explains
// it.

#include <iostream>

#include "client/subscription.h"

class Printer final : public mentiond::client::SubscriptionListener {
 public:
  absl::Status OnEvent(
      const mentions::v1::SubscribeResponse& response) override {
    if (response.has_mention()) {
      std::cout << response.mention().url() << std::endl;
    }
    // Save response.resume_token() together with what was done here.
    return absl::OkStatus();
  }
};

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: example ADDR:PORT LOGIN OWNER/NAME\n";
    return 2;
  }
  mentions::v1::SubscribeRequest request;
  request.set_user(argv[2]);
  request.set_repo(argv[3]);
  Printer printer;
  mentiond::client::Subscription subscription({.server = argv[1]}, request);
  const auto end = subscription.Run(printer);
  std::cerr << end.status << "\n";
  return 1;
}
