#include "tests/fake_github/fake_github.h"

#include <atomic>
#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "tests/fake_github/control_api.h"
#include "tests/fake_github/corpus.h"

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
  front_.faults().ReleaseAll();
  server_.Stop();
}

std::string FakeGitHub::url() const {
  absl::MutexLock lock(&mu_);
  return url_;
}

Delivery FakeGitHub::Handle(const ApiRequest& request, int socket) {
  if (absl::StartsWith(request.path, kControlPrefix)) {
    Delivery delivery;
    delivery.answer = HandleControl(*this, request);
    return delivery;
  }
  return front_.Handle(request, socket);
}

FakeRepository& FakeGitHub::repo(std::string_view full_name) {
  FakeRepository* repository = repositories_.GetOrMake(full_name);
  if (repository == nullptr) {
    ABSL_RAW_LOG(FATAL, "not owner/name: %s", std::string(full_name).c_str());
  }
  return *repository;
}

absl::StatusOr<std::string> FakeGitHub::LoadCorpus(
    const std::string& directory) {
  return fake_github::LoadCorpus(directory, repositories_);
}

absl::Status FakeGitHub::Rename(std::string_view from, std::string_view to) {
  return repositories_.Rename(from, to);
}

void FakeGitHub::SetNow(std::function<absl::Time()> now) {
  world_->SetNow(std::move(now));
}

void FakeGitHub::SetNow(absl::Time now) {
  world_->SetNow([now] { return now; });
}

void FakeGitHub::OnRequest(Front::Hook hook) {
  front_.OnRequest(std::move(hook));
}

void FakeGitHub::OnAnswered(Front::Hook hook) {
  front_.OnAnswered(std::move(hook));
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

void FakeGitHub::AddToken(std::string_view token, std::string_view login) {
  front_.AddToken(token, login);
}

void FakeGitHub::RevokeToken(std::string_view token) {
  front_.RevokeToken(token);
}

void FakeGitHub::SetTokensRestricted(bool restricted) {
  front_.SetTokensRestricted(restricted);
}

void FakeGitHub::SetRemaining(std::string_view token, int64_t remaining,
                              RateResource resource) {
  front_.SetRemaining(token, resource, remaining);
}

void FakeGitHub::SetLimit(int64_t limit, int64_t anonymous_limit,
                          RateResource resource) {
  front_.rate_limits().SetLimit(resource, limit, anonymous_limit);
}

void FakeGitHub::SetSecondaryLimits(const SecondaryLimitOptions& options) {
  front_.secondary_limits().Set(options);
}

void FakeGitHub::SetDeepPagingLimit(size_t items) {
  api_.SetDeepPagingLimit(items);
}

void FakeGitHub::SetGraphQlFaults(GraphQlFaults faults) {
  graphql_.SetFaults(std::move(faults));
}

int64_t FakeGitHub::AddFault(Fault fault) {
  return front_.faults().Add(std::move(fault));
}

bool FakeGitHub::ReleaseFault(int64_t id) {
  return front_.faults().Release(id);
}

void FakeGitHub::ReleaseFaults() { front_.faults().ReleaseAll(); }

void FakeGitHub::ClearFaults() { front_.faults().Clear(); }

std::vector<RequestRecord> FakeGitHub::requests() const {
  return front_.log().Records();
}

RequestStats FakeGitHub::stats() const { return front_.log().Stats(); }

void FakeGitHub::ClearLog() { front_.log().Clear(); }

absl::Status FakeGitHub::WaitForRequests(std::string_view target_contains,
                                         int64_t count,
                                         absl::Duration timeout) {
  return WaitForRequests(
      [wanted = std::string(target_contains)](const RequestRecord& record) {
        return absl::StrContains(record.target, wanted);
      },
      count, timeout);
}

absl::Status FakeGitHub::WaitForRequests(const RequestLog::Predicate& predicate,
                                         int64_t count,
                                         absl::Duration timeout) {
  return front_.log().WaitFor(predicate, count, timeout);
}

}  // namespace mentiond::fake_github
