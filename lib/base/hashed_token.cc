#include "lib/base/hashed_token.h"

#include <openssl/sha.h>

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace mentiond {

std::string HashedToken(const Secret& token) {
  if (token.empty()) return "-";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(token.Expose().data()),
         token.Expose().size(), digest.data());
  return absl::Base64Escape(absl::string_view(
      reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace mentiond
