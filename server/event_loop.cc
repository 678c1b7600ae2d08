#include "server/event_loop.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "asio/post.hpp"

namespace mentiond {

EventLoop::EventLoop(Clock& clock, CurlTransportOptions transport,
                     GitHubClientOptions github)
    : keep_running_(context_.get_executor()),
      transport_(context_.get_executor(), std::move(transport)),
      github_(context_.get_executor(), transport_, clock, std::move(github)),
      thread_([this] { context_.run(); }) {}

EventLoop::Load EventLoop::load() const {
  return {.github = github_.load(), .connections = transport_.connections()};
}

void EventLoop::Stop() {
  if (!thread_.joinable()) return;
  absl::Notification idle;
  asio::post(context_, [&] { github_.Join([&] { idle.Notify(); }); });
  idle.WaitForNotification();
  context_.stop();
  thread_.join();
}

}  // namespace mentiond
