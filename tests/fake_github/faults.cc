#include "tests/fake_github/faults.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

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

Gate::Outcome Gate::Wait(int socket, absl::Duration timeout) const {
  const absl::Time deadline = absl::Now() + timeout;
  for (;;) {
    pollfd watched[] = {{event_, POLLIN, 0}, {socket, POLLRDHUP, 0}};
    const int64_t left = std::clamp<int64_t>(
        absl::ToInt64Milliseconds(deadline - absl::Now()), 0, 3'600'000);
    const int ready = poll(watched, 2, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return Outcome::kTimedOut;
    if (watched[0].revents != 0) return Outcome::kOpened;
    return Outcome::kPeerGone;
  }
}

Fault Fault::Answer(std::string target_contains, int status, std::string body,
                    std::vector<std::pair<std::string, std::string>> headers) {
  Fault fault;
  fault.target_contains = std::move(target_contains);
  fault.status = status;
  fault.body = std::move(body);
  fault.headers = std::move(headers);
  return fault;
}

Fault Fault::HtmlBadGateway(std::string target_contains) {
  Fault fault = Answer(std::move(target_contains), 502,
                       "<html><head><title>502 Bad Gateway</title></head>"
                       "<body><h1>502 Bad Gateway</h1></body></html>\n");
  fault.content_type = "text/html; charset=utf-8";
  return fault;
}

Fault Fault::Hang(std::string target_contains, absl::Duration at_most) {
  Fault fault;
  fault.action = Action::kHang;
  fault.target_contains = std::move(target_contains);
  fault.hang = at_most;
  return fault;
}

Fault Fault::Close(std::string target_contains) {
  Fault fault;
  fault.action = Action::kClose;
  fault.target_contains = std::move(target_contains);
  return fault;
}

Fault Fault::Truncate(std::string target_contains, size_t keep_bytes) {
  Fault fault;
  fault.action = Action::kTruncate;
  fault.target_contains = std::move(target_contains);
  fault.keep_bytes = keep_bytes;
  return fault;
}

int64_t FaultScript::Add(Fault fault) {
  auto gate =
      fault.action == Fault::Action::kHang ? std::make_shared<Gate>() : nullptr;
  absl::MutexLock lock(&mu_);
  entries_.push_back({next_id_, std::move(fault), std::move(gate)});
  return next_id_++;
}

std::optional<FaultScript::Hit> FaultScript::Take(std::string_view target,
                                                  std::string_view body) {
  absl::MutexLock lock(&mu_);
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    Fault& fault = it->fault;
    if (it->spent ||
        target.find(fault.target_contains) == std::string_view::npos ||
        body.find(fault.body_contains) == std::string_view::npos) {
      continue;
    }
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    Hit hit{fault, it->gate};
    if (fault.times.has_value() && --*fault.times <= 0) {
      it->spent = true;
      if (it->gate == nullptr) entries_.erase(it);
    }
    return hit;
  }
  return std::nullopt;
}

bool FaultScript::Release(int64_t id) {
  absl::MutexLock lock(&mu_);
  for (const Entry& entry : entries_) {
    if (entry.id != id || entry.gate == nullptr) continue;
    entry.gate->Open();
    return true;
  }
  return false;
}

void FaultScript::ReleaseAll() {
  absl::MutexLock lock(&mu_);
  for (const Entry& entry : entries_) {
    if (entry.gate != nullptr) entry.gate->Open();
  }
}

void FaultScript::Clear() {
  ReleaseAll();
  absl::MutexLock lock(&mu_);
  entries_.clear();
}

}  // namespace mentiond::fake_github
