#include "tests/e2e/raw_http2.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "glog/logging.h"

namespace mentiond {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// HPACK's integer with a prefix of seven bits, which are free.
std::string Length(size_t length) {
  if (length < 127) return {static_cast<char>(length)};
  std::string bytes = {127};
  for (length -= 127; length >= 128; length /= 128) {
    bytes += static_cast<char>(length % 128 + 128);
  }
  return bytes + static_cast<char>(length);
}

}  // namespace

RawHttp2::RawHttp2(const std::string& address) {
  sockaddr_storage name = {};
  if (absl::StartsWith(address, "unix:")) {
    auto& path = reinterpret_cast<sockaddr_un&>(name);
    path.sun_family = AF_UNIX;
    address.copy(path.sun_path, sizeof(path.sun_path) - 1, 5);
  } else {
    auto& peer = reinterpret_cast<sockaddr_in&>(name);
    const size_t colon = address.rfind(':');
    peer.sin_family = AF_INET;
    peer.sin_port =
        htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr);
  }
  const int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
  fd_ = socket(name.ss_family, type, 0);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&name),
              name.ss_family == AF_UNIX ? sizeof(sockaddr_un)
                                        : sizeof(sockaddr_in)) == 0) {
    return;
  }
  if (errno == EINPROGRESS) {
    // On loopback it is soon there, or the server's queue is full.
    pollfd ready = {.fd = fd_, .events = POLLOUT, .revents = 0};
    poll(&ready, 1, 1);
    return;
  }
  close(std::exchange(fd_, -1));
}

RawHttp2::~RawHttp2() {
  if (fd_ >= 0) close(fd_);
}

RawHttp2::RawHttp2(RawHttp2&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

void RawHttp2::SendPreface() {
  SendBytes(kPreface);
  SendFrame(kSettings, 0, 0, "");
}

void RawHttp2::SendFrame(Type type, uint8_t flags, uint32_t stream,
                         std::string_view payload) {
  const auto byte = [](size_t number, int shift) {
    return static_cast<char>(number >> shift & 0xff);
  };
  std::string frame = {byte(payload.size(), 16), byte(payload.size(), 8),
                       byte(payload.size(), 0),  static_cast<char>(type),
                       static_cast<char>(flags), byte(stream, 24),
                       byte(stream, 16),         byte(stream, 8),
                       byte(stream, 0)};
  frame.append(payload);
  SendBytes(frame);
}

// What the server sends is thrown away, so that neither side blocks.
void RawHttp2::SendBytes(std::string_view bytes) {
  std::array<char, 16384> buffer;
  while (fd_ >= 0 && !bytes.empty()) {
    while (recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
    }
    const ssize_t sent =
        send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK) return;
    pollfd ready = {.fd = fd_, .events = POLLIN | POLLOUT, .revents = 0};
    poll(&ready, 1, 1000);
  }
}

void RawHttp2::SendRequest(const mentions::v1::SubscribeRequest& request) {
  SendFrame(kHeaders, kEndHeaders, 1, SubscribeHeaders());
  const std::string message = request.SerializeAsString();
  CHECK_LT(message.size(), 256U);
  // Not compressed, and its length.
  const std::string prefix = {0, 0, 0, 0, static_cast<char>(message.size())};
  SendFrame(kData, kEndStream, 1, prefix + message);
}

void RawHttp2::Vanish() {
  // A filter of one instruction, which drops every packet before TCP sees it.
  sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program = {.len = 1, .filter = &drop};
  PCHECK(setsockopt(fd_, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                    sizeof(program)) == 0);
}

bool RawHttp2::AwaitClosed(absl::Duration at_most) {
  const absl::Time end = absl::Now() + at_most;
  std::array<char, 16384> buffer;
  while (fd_ >= 0) {
    const auto left = absl::ToInt64Milliseconds(end - absl::Now());
    if (left <= 0) return false;
    pollfd ready = {.fd = fd_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, static_cast<int>(left)) <= 0) return false;
    if (recv(fd_, buffer.data(), buffer.size(), 0) <= 0) return true;
  }
  return true;
}

std::string RawHttp2::Header(std::string_view name, std::string_view value) {
  // Literal, without indexing, with a new name.
  std::string field(1, '\0');
  field.append(Length(name.size())).append(name);
  field.append(Length(value.size())).append(value);
  return field;
}

std::string RawHttp2::SubscribeHeaders() {
  return Header(":method", "POST") + Header(":scheme", "http") +
         Header(":path", "/mentions.v1.MentionService/Subscribe") +
         Header(":authority", "localhost") +
         Header("content-type", "application/grpc") + Header("te", "trailers");
}

}  // namespace mentiond
