#include "lib/stream/peer_limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace mentiond {
namespace {

constexpr size_t kSubnetBytes = 8;  // of 16: a /64
constexpr size_t kIpv4At = 12;

bool StartsWith(const in6_addr& address, std::array<uint8_t, kIpv4At> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.s6_addr);
}

std::string Ipv6Key(const std::string& text) {
  in6_addr address;
  // A link-local address has a zone, which inet_pton does not know: it counts
  // as it is written.
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1 ||
      IN6_IS_ADDR_LINKLOCAL(&address)) {
    return absl::StrCat("ipv6:", text);
  }
  std::array<char, INET6_ADDRSTRLEN> printed;
  if (IN6_IS_ADDR_V4MAPPED(&address) ||
      StartsWith(address, {0x00, 0x64, 0xff, 0x9b})) {
    inet_ntop(AF_INET, address.s6_addr + kIpv4At, printed.data(),
              printed.size());
    return absl::StrCat("ipv4:", printed.data());
  }
  std::fill(address.s6_addr + kSubnetBytes,
            address.s6_addr + sizeof(address.s6_addr), 0);
  inet_ntop(AF_INET6, &address, printed.data(), printed.size());
  return absl::StrCat("ipv6:", printed.data(), "/64");
}

}  // namespace

std::string PeerLimitKey(std::string_view peer) {
  std::string host(peer.substr(0, peer.rfind(':')));
  absl::string_view rest = host;
  if (!absl::ConsumePrefix(&rest, "ipv6:")) return host;
  // gRPC writes it as a part of a URL.
  const std::string unescaped =
      absl::StrReplaceAll(rest, {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
  rest = unescaped;
  if (!absl::ConsumePrefix(&rest, "[") || !absl::ConsumeSuffix(&rest, "]")) {
    return host;
  }
  return Ipv6Key(std::string(rest));
}

}  // namespace mentiond
