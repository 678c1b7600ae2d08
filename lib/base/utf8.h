// Checks and decodes strings that may not be valid UTF-8.

#ifndef MENTIOND_LIB_BASE_UTF8_H_
#define MENTIOND_LIB_BASE_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace mentiond {

// U+FFFD, for bytes that are not valid UTF-8.
inline constexpr char32_t kReplacementCharacter = 0xFFFD;

struct CodePoint {
  char32_t value;
  // Its length in bytes; at least 1.
  size_t length;
};

// The code point that `text`, which must not be empty, begins with. Bytes that
// are not valid UTF-8 (overlong forms, surrogates, values above U+10FFFF and
// cut-off sequences among them) yield U+FFFD with a length of 1.
CodePoint DecodeUtf8(std::string_view text);

// Whether `text` is valid UTF-8; protobuf's strings have to be.
bool IsUtf8(std::string_view text);

// Appends `value` in UTF-8. It must be one that DecodeUtf8() can yield.
void AppendUtf8(char32_t value, std::string& to);

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_UTF8_H_
