#include "tests/fake_github/faults.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/time/clock.h"

namespace mentiond::fake_github {

Gate::Gate() : event_(eventfd(0, EFD_CLOEXEC)) {}

Gate::~Gate() {
  if (event_ >= 0) close(event_);
}

void Gate::Open() {
  const uint64_t one = 1;
  // Nobody reads it, so it stays readable: open is open. It can only fail
  // when it is open already.
  [[maybe_unused]] const ssize_t written = write(event_, &one, sizeof(one));
}

bool Gate::Wait(int socket, absl::Duration timeout) const {
  const absl::Time deadline = absl::Now() + timeout;
  for (;;) {
    pollfd watched[] = {{event_, POLLIN, 0}, {socket, POLLRDHUP, 0}};
    const int64_t left = std::clamp<int64_t>(
        absl::ToInt64Milliseconds(deadline - absl::Now()), 0, 3'600'000);
    const int ready = poll(watched, 2, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    return ready <= 0 || watched[0].revents != 0;
  }
}

Fault Fault::Answer(std::string target_contains, int status, std::string body,
                    std::vector<std::pair<std::string, std::string>> headers) {
  return {.target_contains = std::move(target_contains),
          .status = status,
          .headers = std::move(headers),
          .body = std::move(body)};
}

Fault Fault::HtmlBadGateway(std::string target_contains) {
  return {.target_contains = std::move(target_contains),
          .body =
              "<html><head><title>502 Bad Gateway</title></head>"
              "<body><h1>502 Bad Gateway</h1></body></html>\n",
          .content_type = "text/html; charset=utf-8"};
}

Fault Fault::Hang(std::string target_contains, absl::Duration at_most) {
  return {.action = Action::kHang,
          .target_contains = std::move(target_contains),
          .hang = at_most};
}

Fault Fault::Close(std::string target_contains) {
  return {.action = Action::kClose,
          .target_contains = std::move(target_contains)};
}

Fault Fault::Truncate(std::string target_contains, size_t keep_bytes) {
  return {.action = Action::kTruncate,
          .target_contains = std::move(target_contains),
          .keep_bytes = keep_bytes};
}

void FaultScript::Add(Fault fault) {
  absl::MutexLock lock(&mu_);
  faults_.push_back(std::move(fault));
}

std::optional<FaultScript::Hit> FaultScript::Take(const std::string& target,
                                                  const std::string& body) {
  absl::MutexLock lock(&mu_);
  for (auto it = faults_.begin(); it != faults_.end(); ++it) {
    if (!absl::StrContains(target, it->target_contains) ||
        !absl::StrContains(body, it->body_contains) || it->skip-- > 0) {
      continue;
    }
    Hit hit{*it, gate_};
    if (it->times && --*it->times <= 0) faults_.erase(it);
    return hit;
  }
  return std::nullopt;
}

void FaultScript::Clear() {
  absl::MutexLock lock(&mu_);
  faults_.clear();
  gate_->Open();
  gate_ = std::make_shared<Gate>();
}

}  // namespace mentiond::fake_github
