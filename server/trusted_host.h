// Which Host headers a port for this machine trusts. A web page can make its
// own name resolve to this machine (DNS rebinding), and its browser then lets
// it read what the port answers; but the browser still sends that name.

#ifndef MENTIOND_SERVER_TRUSTED_HOST_H_
#define MENTIOND_SERVER_TRUSTED_HOST_H_

#include <string_view>

namespace mentiond {

// Whether `host`, a Host header, is an IP address, "localhost" or the host of
// `listen`, HOST:PORT; with any port or none. Pure.
bool IsTrustedHost(std::string_view host, std::string_view listen);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_TRUSTED_HOST_H_
