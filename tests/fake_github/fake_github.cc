#include "tests/fake_github/fake_github.h"

#include <atomic>

#include "absl/base/internal/raw_logging.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "tests/fake_github/control_api.h"

namespace mentiond::fake_github {

FakeGitHub::FakeGitHub()
    : server_([this](const ApiRequest& request, int socket) {
        return Handle(request, socket);
      }) {}

FakeGitHub::~FakeGitHub() { Stop(); }

absl::StatusOr<int> FakeGitHub::Start(const std::string& host, int port) {
  absl::StatusOr<int> bound = server_.Start(host, port);
  if (!bound.ok()) return bound;
  absl::MutexLock lock(&mu_);
  url_ = absl::StrCat("http://", host, ":", *bound);
  return bound;
}

void FakeGitHub::Stop() {
  ClearFaults();
  server_.Stop();
}

std::string FakeGitHub::url() const {
  absl::MutexLock lock(&mu_);
  return url_;
}

Delivery FakeGitHub::Handle(const ApiRequest& request, int socket) {
  if (!absl::StartsWith(request.path, kControlPrefix)) {
    return front_.Handle(request, socket);
  }
  Delivery delivery;
  delivery.answer = HandleControl(*this, request);
  return delivery;
}

FakeRepository& FakeGitHub::repo(const std::string& full_name) {
  FakeRepository* repository = repositories_.GetOrMake(full_name);
  if (repository == nullptr) {
    ABSL_RAW_LOG(FATAL, "not owner/name: %s", full_name.c_str());
  }
  return *repository;
}

void FakeGitHub::AfterFirst(std::string target_contains,
                            std::function<void()> then) {
  auto done = std::make_shared<std::atomic<bool>>(false);
  front_.OnAnswered([done, target_contains = std::move(target_contains),
                     then = std::move(then)](const RequestRecord& record) {
    if (absl::StrContains(record.target, target_contains) &&
        !done->exchange(true)) {
      then();
    }
  });
}

absl::Status FakeGitHub::WaitForRequests(const std::string& target_contains,
                                         int64_t count,
                                         absl::Duration timeout) {
  return WaitForRequests(
      [&](const RequestRecord& record) {
        return absl::StrContains(record.target, target_contains);
      },
      count, timeout);
}

}  // namespace mentiond::fake_github
