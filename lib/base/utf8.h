// Checks strings that protobuf requires to be UTF-8.

#ifndef MENTIOND_LIB_BASE_UTF8_H_
#define MENTIOND_LIB_BASE_UTF8_H_

#include <string_view>

namespace mentiond {

bool IsUtf8(std::string_view text);

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_UTF8_H_
