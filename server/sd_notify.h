// Tells systemd, or whatever has started the server and set $NOTIFY_SOCKET, how
// it is doing: sd_notify(3)'s datagram, without its library.

#ifndef MENTIOND_SERVER_SD_NOTIFY_H_
#define MENTIOND_SERVER_SD_NOTIFY_H_

#include <string_view>

namespace mentiond {

// `state` is such as "READY=1" or "STOPPING=1". Does nothing if nobody asked to
// be told; never blocks for long.
void SdNotify(std::string_view state);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_SD_NOTIFY_H_
