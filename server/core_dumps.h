// Neither a core dump nor another process of the same user is to see tokens.

#ifndef MENTIOND_SERVER_CORE_DUMPS_H_
#define MENTIOND_SERVER_CORE_DUMPS_H_

namespace mentiond {

// Keeps the system from writing core dumps of this process, and debuggers from
// attaching, unless that is `allowed`. Logs if it cannot.
void ForbidCoreDumpsUnless(bool allowed);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_CORE_DUMPS_H_
