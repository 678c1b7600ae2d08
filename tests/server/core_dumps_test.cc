#include "server/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>

#include "gtest/gtest.h"

#include "server/options.h"

namespace mentiond {
namespace {

// Ends the process with what it may do now: write core dumps, be looked into.
[[noreturn]] void ExitWithRights(bool allowed) {
  ForbidCoreDumpsUnless(allowed);
  rlimit limit = {};
  getrlimit(RLIMIT_CORE, &limit);
  std::_Exit((limit.rlim_max != 0 ? 2 : 0) +
             (prctl(PR_GET_DUMPABLE) != 0 ? 1 : 0));
}

TEST(CoreDumpsDeathTest, AreForbiddenUnlessAnOptionAllowsThem) {
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_CORE, &limit), 0);
  const int all = limit.rlim_max != 0 ? 3 : 1;
  EXPECT_EXIT(ExitWithRights(true), testing::ExitedWithCode(all), "");
  EXPECT_EXIT(ExitWithRights(ServerOptions().allow_core_dumps),
              testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace mentiond
