#include "lib/stream/peer_limit.h"

#include "gtest/gtest.h"

namespace mentiond {
namespace {

TEST(PeerLimitTest, AddressesThatOneClientMayHaveCountAsOne) {
  const struct {
    const char* peer;
    const char* key;
  } cases[] = {
      {"ipv4:10.0.0.1:4711", "ipv4:10.0.0.1"},
      {"ipv4:10.0.0.2:4711", "ipv4:10.0.0.2"},
      // All of a /64, however they are written,
      {"ipv6:%5B2001:db8:1:2::1%5D:4711", "ipv6:2001:db8:1:2::/64"},
      {"ipv6:%5B2001:db8:1:2:ffff:ffff:ffff:ffff%5D:1",
       "ipv6:2001:db8:1:2::/64"},
      {"ipv6:[2001:DB8:1:2::7]:4711", "ipv6:2001:db8:1:2::/64"},
      // and not the one beside it.
      {"ipv6:%5B2001:db8:1:3::1%5D:4711", "ipv6:2001:db8:1:3::/64"},
      {"ipv6:%5B::1%5D:4711", "ipv6:::/64"},
      // What is an IPv4 address in truth.
      {"ipv6:%5B::ffff:10.0.0.1%5D:4711", "ipv4:10.0.0.1"},
      {"ipv6:%5B::ffff:a00:1%5D:4711", "ipv4:10.0.0.1"},
      {"ipv6:%5B64:ff9b::a00:1%5D:4711", "ipv4:10.0.0.1"},
      {"ipv6:%5B64:ff9b:1::a00:1%5D:4711", "ipv6:64:ff9b:1::/64"},
      // Neighbours.
      {"ipv6:%5Bfe80::1%25eth0%5D:4711", "ipv6:fe80::1%eth0"},
      {"ipv6:%5Bfe80::2%25eth0%5D:4711", "ipv6:fe80::2%eth0"},
      {"ipv6:%5Bfe80::2%5D:4711", "ipv6:fe80::2"},
      {"unix:", "unix"},
      {"unix:/run/mentiond.sock", "unix"},
      {"ipv6:%5Bnonsense%5D:4711", "ipv6:nonsense"},
      {"ipv6:%5B::1:4711", "ipv6:%5B::1"},
      {"", ""},
  };
  for (const auto& [peer, key] : cases) {
    EXPECT_EQ(PeerLimitKey(peer), key) << peer;
  }
}

}  // namespace
}  // namespace mentiond
