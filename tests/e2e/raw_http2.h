// A client that sends HTTP/2 frames as it likes: for tests of what a server
// does with those who do not play by the rules.

#ifndef MENTIOND_TESTS_E2E_RAW_HTTP2_H_
#define MENTIOND_TESTS_E2E_RAW_HTTP2_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

class RawHttp2 {
 public:
  enum Type : uint8_t {
    kData = 0,
    kHeaders = 1,
    kReset = 3,
    kSettings = 4,
    kWindowUpdate = 8,
    kContinuation = 9,
  };
  static constexpr uint8_t kEndStream = 1;
  static constexpr uint8_t kEndHeaders = 4;

  // Connects to `address`, IP:PORT or "unix:PATH"; sends nothing yet.
  explicit RawHttp2(const std::string& address);
  ~RawHttp2();
  RawHttp2(RawHttp2&& other) noexcept;
  RawHttp2& operator=(RawHttp2&&) = delete;

  // What a connection begins with.
  void SendPreface();
  void SendFrame(Type type, uint8_t flags, uint32_t stream,
                 std::string_view payload);
  void SendBytes(std::string_view bytes);

  // Opens a Subscribe call on stream 1.
  void SendRequest(const mentions::v1::SubscribeRequest& request);

  // Reads what comes until the server has closed the connection; false: it has
  // not in time.
  bool AwaitClosed(absl::Duration at_most);

  // From now on nothing that comes is received, nor acknowledged by the kernel:
  // as if this machine had lost its power.
  void Vanish();

  // Headers, as a block without compression, that open a Subscribe call.
  static std::string SubscribeHeaders();
  static std::string Header(std::string_view name, std::string_view value);

 private:
  int fd_ = -1;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_E2E_RAW_HTTP2_H_
