#include "server/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace mentiond {

uint64_t RaiseDescriptorLimit() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

int RequestsWithin(uint64_t descriptors, int wanted) {
  const uint64_t allowed = std::max<uint64_t>(1, descriptors / 4);
  return static_cast<int>(std::min<uint64_t>(allowed, wanted));
}

int DescriptorsForClients(uint64_t descriptors, int requests) {
  // Certificates and policies that are read again, scrapes and pages.
  const uint64_t files = std::min<uint64_t>(64, descriptors / 8);
  const uint64_t reserved = 2 * static_cast<uint64_t>(requests) + files;
  if (descriptors <= reserved) return 1;
  return static_cast<int>(std::min<uint64_t>(descriptors - reserved,
                                             std::numeric_limits<int>::max()));
}

}  // namespace mentiond
