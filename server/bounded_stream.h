// A client's connection as httplib reads and writes it, with bounds for what a
// slow or hostile client may take: time and bytes of a whole request, however
// they are dealt out, and time of a whole response.

#ifndef MENTIOND_SERVER_BOUNDED_STREAM_H_
#define MENTIOND_SERVER_BOUNDED_STREAM_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "httplib.h"

namespace mentiond {

// Of one port.
struct HttpLimits {
  // Open at a time.
  size_t connections = 64;
  // From when a connection is accepted until the last byte of its request.
  absl::Duration request = absl::Seconds(3);
  // From a response's first byte to its last.
  absl::Duration response = absl::Seconds(10);
};

// One thread, but for GiveUp. Reads and writes fail, with -1, when time or
// bytes are used up.
class BoundedStream final : public httplib::Stream {
 public:
  using Clock = std::chrono::steady_clock;

  // Owns `socket`, and closes it in the end. The time for a request begins now.
  BoundedStream(int socket, const HttpLimits& limits, size_t max_bytes);
  ~BoundedStream() override;
  BoundedStream(const BoundedStream&) = delete;
  BoundedStream& operator=(const BoundedStream&) = delete;

  // Makes all reads and writes fail from now on, if the client is waited for;
  // false, and nothing else, if its request is being answered. Any thread.
  bool GiveUp();

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  // Nothing is done with addresses: they are left as they are.
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  enum class State { kWaiting, kAnswering, kGivenUp };

  // Calls `transfer` until it does not return -1 with EAGAIN, when the socket
  // is ready for `events`; what it returned. -1 after `deadline`.
  template <typename Transfer>
  ssize_t Wait(short events, Clock::time_point deadline, Transfer transfer);

  const int socket_;
  const Clock::time_point request_deadline_;
  const Clock::duration response_time_;
  // That of the time before a response begins.
  Clock::time_point response_deadline_ = Clock::time_point::max();
  size_t bytes_left_;
  // Until its first byte is read a connection waits, also for its thread.
  std::atomic<State> state_ = State::kWaiting;

  // Received, and not read yet.
  std::array<char, 4096> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_BOUNDED_STREAM_H_
