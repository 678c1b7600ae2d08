// A token, or a key, that cannot be printed by accident: it has no stream
// operator, no conversion to a string and no format; only the code that puts it
// to its use says Expose(). Its memory is overwritten when it ends.

#ifndef MENTIOND_LIB_BASE_SECRET_H_
#define MENTIOND_LIB_BASE_SECRET_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace mentiond {

// 128 bits: chance makes no two tokens share one.
struct TokenHash {
  uint64_t high = 0;
  uint64_t low = 0;

  friend bool operator==(const TokenHash&, const TokenHash&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const TokenHash& hash) {
    return H::combine(std::move(state), hash.high, hash.low);
  }
};

// Overwrites a string that has held a secret, and empties it.
inline void Wipe(std::string& text) noexcept {
  // Also what is behind its end: it may have been longer. volatile: the
  // compiler must not drop writes to memory that is about to be freed.
  text.resize(text.capacity());
  volatile char* bytes = text.data();
  for (size_t i = 0; i < text.size(); ++i) bytes[i] = '\0';
  text.clear();
}

class Secret {
 public:
  // An empty secret: requests are anonymous.
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  Secret(const Secret&) = default;
  // By a swap: a string that is assigned to keeps its old buffer, with the old
  // value's end behind a shorter new one, or frees it as it is.
  Secret& operator=(const Secret& other) {
    Secret copy(other);
    std::swap(value_, copy.value_);
    return *this;
  }
  Secret(Secret&& other) noexcept {
    if (other.value_.capacity() > std::string().capacity()) {
      std::swap(value_, other.value_);  // its buffer changes hands
      return;
    }
    // A short string that is moved from keeps its characters.
    *this = std::as_const(other);
    Wipe(other.value_);
  }
  Secret& operator=(Secret&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Secret() { Wipe(value_); }

  bool empty() const { return value_.empty(); }

  // The value itself: for the request header that carries it, or for TLS, and
  // nothing else. A NUL follows it.
  std::string_view Expose() const { return value_; }

  // A key for tables in this process that are kept per token, without keeping
  // the token itself. It is salted anew in every process, so it says nothing
  // about the token, and nobody can make up another token that has the same.
  TokenHash Fingerprint() const;

  friend bool operator==(const Secret& a, const Secret& b) = default;

 private:
  std::string value_;
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_BASE_SECRET_H_
