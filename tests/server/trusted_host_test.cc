#include "server/trusted_host.h"

#include "gtest/gtest.h"

namespace mentiond {
namespace {

TEST(TrustedHostTest, AddressesAndThePortsOwnNameAndNoOthers) {
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:9091", "10.1.2.3:80", "[::1]", "[::1]:9091",
        "[fe80::1]:1", "localhost", "localhost:9091", "LocalHost:1",
        "mentiond.internal:80", "Mentiond.Internal"}) {
    EXPECT_TRUE(IsTrustedHost(host, "mentiond.internal:9091")) << host;
  }
  // Names can be made to point elsewhere.
  for (const char* host :
       {"", ":", ":9091", "evil.example", "evil.example:9091",
        "localhost.evil.example", "evil.example:localhost", "127.0.0.1.example",
        "127.0.0.1:9091.example", "[::1]evil.example", "[evil.example]:1",
        "::1", "127.1", "2130706433", "localhost:9091:9091",
        "mentiond.example"}) {
    EXPECT_FALSE(IsTrustedHost(host, "mentiond.internal:9091")) << host;
    EXPECT_FALSE(IsTrustedHost(host, "127.0.0.1:9091")) << host;
  }
}

}  // namespace
}  // namespace mentiond
