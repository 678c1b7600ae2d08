#include "server/trusted_host.h"

#include <arpa/inet.h>

#include <string>

#include "absl/strings/match.h"

#include "lib/base/strings.h"

namespace mentiond {
namespace {

std::string_view WithoutPort(std::string_view host) {
  const size_t port = host.find_last_not_of("0123456789");
  // An IPv6 address has its colons in brackets.
  return port != std::string_view::npos && host[port] == ':'
             ? host.substr(0, port)
             : host;
}

bool IsAddress(std::string_view name) {
  in6_addr address;
  if (name.starts_with('[') && name.ends_with(']')) {
    const std::string inner(name.substr(1, name.size() - 2));
    return inet_pton(AF_INET6, inner.c_str(), &address) == 1;
  }
  return inet_pton(AF_INET, std::string(name).c_str(), &address) == 1;
}

}  // namespace

bool IsTrustedHost(std::string_view host, std::string_view listen) {
  const std::string_view name = WithoutPort(host);
  return IsAddress(name) || absl::EqualsIgnoreCase(ToAbsl(name), "localhost") ||
         absl::EqualsIgnoreCase(ToAbsl(name), ToAbsl(WithoutPort(listen)));
}

}  // namespace mentiond
