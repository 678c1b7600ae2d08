#include "lib/base/utf8.h"

#include <unistr.h>

#include <cstdint>

namespace mentiond {

bool IsUtf8(std::string_view text) {
  return u8_check(reinterpret_cast<const uint8_t*>(text.data()), text.size()) ==
         nullptr;
}

}  // namespace mentiond
