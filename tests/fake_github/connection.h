// One connection to the stand-in GitHub, in the shape that cpp-httplib reads
// requests from and writes responses to.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_CONNECTION_H_
#define MENTIOND_TESTS_FAKE_GITHUB_CONNECTION_H_

#include <httplib.h>

#include <array>
#include <cstddef>
#include <string>

namespace mentiond::fake_github {

// Of cpp-httplib's own there is none that can be cut off in the middle of an
// idle wait (it looks at its stop flag only when a connection has been idle
// for seconds) or that a handler can close without a response.
//
// For one thread; but `shutdown` on its socket, from any thread, ends every
// wait here at once.
class Connection : public httplib::Stream {
 public:
  // `socket` stays the caller's to close.
  explicit Connection(int socket);

  // The connection whose request this thread is answering, or nullptr.
  static Connection* Current();

  // Marks this one as Current() of this thread, as long as it lives.
  class Scope {
   public:
    explicit Scope(Connection* connection);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
  };

  // Waits for the next request; false when there will be none (the peer has
  // closed, or nothing came for `timeout_ms`).
  bool WaitForRequest(int timeout_ms);

  // From now on nothing is sent; the connection ends after this request.
  void Drop() { dropped_ = true; }
  bool dropped() const { return dropped_; }

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* ptr, size_t size) override;
  ssize_t write(const char* ptr, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  const int socket_;
  bool dropped_ = false;
  std::array<char, 4096> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_CONNECTION_H_
