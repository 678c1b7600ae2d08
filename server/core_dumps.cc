#include "server/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "glog/logging.h"

namespace mentiond {

void ForbidCoreDumpsUnless(bool allowed) {
  if (allowed) return;
  const rlimit none = {.rlim_cur = 0, .rlim_max = 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0 ||
      prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    LOG(WARNING) << "core dumps cannot be forbidden: they would contain tokens";
  }
}

}  // namespace mentiond
