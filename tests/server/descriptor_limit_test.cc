#include "server/descriptor_limit.h"

#include <sys/resource.h>

#include "gtest/gtest.h"

namespace mentiond {
namespace {

TEST(DescriptorLimitTest, TheSoftLimitIsRaisedToTheHardOne) {
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max / 2;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(RaiseDescriptorLimit(), limit.rlim_max);
  rlimit after = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, limit.rlim_max);
}

TEST(DescriptorLimitTest, RequestsUseAtMostAQuarterAndClientsLeaveTheRest) {
  const struct {
    uint64_t descriptors;
    int requests;  // of a thousand
    int clients;
  } cases[] = {{1'000'000, 1000, 997'936},
               {4000, 1000, 1936},
               {1024, 256, 448},
               {300, 75, 113},
               {0, 1, 1}};
  for (const auto& [descriptors, requests, clients] : cases) {
    EXPECT_EQ(RequestsWithin(descriptors, 1000), requests) << descriptors;
    EXPECT_EQ(DescriptorsForClients(descriptors, requests), clients)
        << descriptors;
  }
}

}  // namespace
}  // namespace mentiond
