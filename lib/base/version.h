// The version that the programs report, and that User-Agent contains.

#ifndef MENTIOND_LIB_BASE_VERSION_H_
#define MENTIOND_LIB_BASE_VERSION_H_

namespace mentiond {

inline constexpr char kVersion[] = "1.0.0";

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_VERSION_H_
