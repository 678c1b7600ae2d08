// One event loop on its own thread, with its own connections to GitHub and its
// own memory of what GitHub has answered. Loops share nothing and lock nothing.

#ifndef MENTIOND_SERVER_EVENT_LOOP_H_
#define MENTIOND_SERVER_EVENT_LOOP_H_

#include <thread>

#include "asio/executor_work_guard.hpp"
#include "asio/io_context.hpp"

#include "lib/base/clock.h"
#include "lib/github/github_client.h"
#include "lib/http/curl_transport.h"

namespace mentiond {

class EventLoop {
 public:
  // Runs on the loop's thread at once. `clock` outlives it.
  EventLoop(Clock& clock, CurlTransportOptions transport,
            GitHubClientOptions github);
  ~EventLoop() { Stop(); }
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  asio::io_context::executor_type executor() { return context_.get_executor(); }

  // These two are to be used on the loop's thread only.
  GitHubClient& github() { return github_; }
  struct Load {
    GitHubClient::Load github;
    size_t connections = 0;
  };
  Load load() const;

  // Returns when the last request and the thread have ended. To be called when
  // nobody uses github() any more, and before what is posted to the loop is
  // destroyed. The second call does nothing.
  void Stop();

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> keep_running_;
  CurlTransport transport_;
  GitHubClient github_;

  // The last member: it uses all of the above.
  std::thread thread_;
};

}  // namespace mentiond

#endif  // MENTIOND_SERVER_EVENT_LOOP_H_
