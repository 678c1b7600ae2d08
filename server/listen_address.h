// HOST:PORT, as options name the addresses to listen on.

#ifndef MENTIOND_SERVER_LISTEN_ADDRESS_H_
#define MENTIOND_SERVER_LISTEN_ADDRESS_H_

#include <cstdint>
#include <optional>
#include <string>

namespace mentiond {

struct ListenAddress {
  std::string host;  // without brackets
  uint16_t port = 0;
};

// nullopt: `listen` is not HOST:PORT.
std::optional<ListenAddress> ParseListenAddress(const std::string& listen);

// `listen`, which is HOST:PORT, with another port.
std::string WithPort(const std::string& listen, uint16_t port);

// Whether `listen` is HOST:PORT that only this machine can reach.
bool IsLoopback(const std::string& listen);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_LISTEN_ADDRESS_H_
