#include "server/listen_address.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace mentiond {

std::optional<ListenAddress> ParseListenAddress(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port > 65535) {
    return std::nullopt;
  }
  ListenAddress address = {.host = listen.substr(0, colon),
                           .port = static_cast<uint16_t>(port)};
  if (address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  return address;
}

std::string WithPort(const std::string& listen, uint16_t port) {
  return absl::StrCat(listen.substr(0, listen.rfind(':')), ":", port);
}

bool IsLoopback(const std::string& listen) {
  const std::optional<ListenAddress> address = ParseListenAddress(listen);
  return address && (address->host == "localhost" || address->host == "::1" ||
                     absl::StartsWith(address->host, "127."));
}

}  // namespace mentiond
