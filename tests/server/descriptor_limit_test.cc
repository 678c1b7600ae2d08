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

TEST(DescriptorLimitTest, RequestsUseAtMostAQuarter) {
  EXPECT_EQ(RequestsWithin(1'000'000, 1000), 1000);
  EXPECT_EQ(RequestsWithin(4000, 1000), 1000);
  EXPECT_EQ(RequestsWithin(1024, 1000), 256);
  EXPECT_EQ(RequestsWithin(0, 1000), 1);
}

TEST(DescriptorLimitTest, ClientsLeaveWhatRequestsAndFilesNeed) {
  EXPECT_EQ(DescriptorsForClients(1'000'000, 1000), 997'936);
  EXPECT_EQ(DescriptorsForClients(1024, 256), 448);
  EXPECT_EQ(DescriptorsForClients(300, 75), 113);
  EXPECT_EQ(DescriptorsForClients(0, 1), 1);
}

}  // namespace
}  // namespace mentiond
