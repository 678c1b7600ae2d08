// The process's limit of open files: clients' connections and those to GitHub
// share it.

#ifndef MENTIOND_SERVER_DESCRIPTOR_LIMIT_H_
#define MENTIOND_SERVER_DESCRIPTOR_LIMIT_H_

#include <cstdint>

namespace mentiond {

// Raises the soft limit to the hard one, which needs no privilege, and returns
// it.
uint64_t RaiseDescriptorLimit();

// How many of `wanted` concurrent requests to GitHub the limit allows: at most
// a quarter of it, as each request in progress and each idle connection may
// hold one, and the other half is left to clients. At least 1.
int RequestsWithin(uint64_t descriptors, int wanted);

// How many descriptors may be open before clients are refused another
// connection, so that `requests` and what else opens files do not lack them. At
// least 1.
int DescriptorsForClients(uint64_t descriptors, int requests);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_DESCRIPTOR_LIMIT_H_
