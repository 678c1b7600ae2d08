#include "server/bounded_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace mentiond {

BoundedStream::BoundedStream(int socket, const HttpLimits& limits,
                             size_t max_bytes)
    : socket_(socket),
      request_deadline_(Clock::now() +
                        absl::ToChronoMilliseconds(limits.request)),
      response_time_(absl::ToChronoMilliseconds(limits.response)),
      bytes_left_(max_bytes) {}

BoundedStream::~BoundedStream() { close(socket_); }

bool BoundedStream::GiveUp() {
  State expected = State::kWaiting;
  if (!state_.compare_exchange_strong(expected, State::kGivenUp)) return false;
  // Wakes its thread.
  shutdown(socket_, SHUT_RDWR);
  return true;
}

template <typename Transfer>
ssize_t BoundedStream::Wait(short events, Clock::time_point deadline,
                            Transfer transfer) {
  State state = State::kAnswering;
  // It may be waiting already, or be given up.
  state_.compare_exchange_strong(state, State::kWaiting);
  ssize_t moved = -1;
  for (auto now = Clock::now(); now < deadline; now = Clock::now()) {
    moved = transfer();
    if (moved >= 0 || (errno != EAGAIN && errno != EINTR)) break;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
    pollfd ready = {.fd = socket_, .events = events, .revents = 0};
    poll(&ready, 1, static_cast<int>(left.count()));
  }
  state = State::kWaiting;
  return state_.compare_exchange_strong(state, State::kAnswering) ? moved : -1;
}

bool BoundedStream::is_readable() const {
  if (begin_ < end_) return true;
  pollfd ready = {.fd = socket_, .events = POLLIN, .revents = 0};
  return poll(&ready, 1, 0) > 0;
}

bool BoundedStream::is_writable() const {
  pollfd ready = {.fd = socket_, .events = POLLOUT, .revents = 0};
  return poll(&ready, 1, 0) > 0;
}

ssize_t BoundedStream::read(char* to, size_t size) {
  if (begin_ == end_) {
    if (bytes_left_ == 0) return -1;
    const ssize_t got = Wait(POLLIN, request_deadline_, [this] {
      return recv(socket_, buffer_.data(),
                  std::min(buffer_.size(), bytes_left_), MSG_DONTWAIT);
    });
    if (got <= 0) return got;
    begin_ = 0;
    end_ = static_cast<size_t>(got);
    bytes_left_ -= end_;
  }
  const size_t count = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, count);
  begin_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t BoundedStream::write(const char* from, size_t size) {
  if (response_deadline_ == Clock::time_point::max()) {
    response_deadline_ = Clock::now() + response_time_;
  }
  return Wait(POLLOUT, response_deadline_, [&] {
    return send(socket_, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  });
}

void BoundedStream::get_remote_ip_and_port(std::string&, int&) const {}

void BoundedStream::get_local_ip_and_port(std::string&, int&) const {}

}  // namespace mentiond
