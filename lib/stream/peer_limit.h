// Which clients count as one for --max_streams_per_peer.

#ifndef MENTIOND_LIB_STREAM_PEER_LIMIT_H_
#define MENTIOND_LIB_STREAM_PEER_LIMIT_H_

#include <string>
#include <string_view>

namespace mentiond {

// The part of a peer that its streams are counted by, without a port. `peer` is
// as gRPC writes it: "ipv4:10.0.0.1:4711", "ipv6:%5B2001:db8::1%5D:4711",
// "unix:".
//
// - An IPv4 address counts by itself, also one that is written as an IPv6
//   address: mapped (::ffff:a.b.c.d), or by a NAT64 with the well-known prefix
//   (64:ff9b::a.b.c.d).
// - IPv6 addresses count by their /64, the least that a network assigns to a
//   client: it can use all of them. Not so link-local ones (fe80::/10), whose
//   /64 is everyone on the link.
// - All clients of a Unix socket count as one, and what cannot be parsed counts
//   as it is.
std::string PeerLimitKey(std::string_view peer);

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_PEER_LIMIT_H_
