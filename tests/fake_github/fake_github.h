// A stand-in for GitHub's REST and GraphQL APIs on a port of its own, for tests
// in the same process and, through fake_github_main, for the demo.
//
//   FakeGitHub fake;
//   ASSERT_TRUE(fake.Start().ok());
//   FakeRepository& repo = fake.repo("octo/demo");
//   const int64_t pull = repo.AddPull("mona", "Fixes a bug.");
//   repo.AddIssueComment(pull, "hubot", "@octocat, have a look?");
//   ... a client of fake.url() ...
//
// README.md in this folder lists its endpoints.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_FAKE_GITHUB_H_
#define MENTIOND_TESTS_FAKE_GITHUB_FAKE_GITHUB_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "tests/fake_github/corpus.h"
#include "tests/fake_github/fake_repository.h"
#include "tests/fake_github/faults.h"
#include "tests/fake_github/front.h"
#include "tests/fake_github/graphql_api.h"
#include "tests/fake_github/http_server.h"
#include "tests/fake_github/rate_limits.h"
#include "tests/fake_github/repositories.h"
#include "tests/fake_github/request_log.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {

// Safe to use from any thread, but for Start and Stop, which belong to the
// owner's.
class FakeGitHub {
 public:
  FakeGitHub();
  // Stops.
  ~FakeGitHub();
  FakeGitHub(const FakeGitHub&) = delete;
  FakeGitHub& operator=(const FakeGitHub&) = delete;

  // Listens and returns the port: any free one for 0. Once only.
  absl::StatusOr<int> Start(const std::string& host = "127.0.0.1",
                            int port = 0);
  // Releases all hanging requests, closes all connections and joins all
  // threads. It can no longer be reached over HTTP then; its contents can still
  // be inspected.
  void Stop();
  // "http://127.0.0.1:PORT", once started.
  std::string url() const;

  // What a request over HTTP would be answered, without any network, for tests
  // that run on a fake clock. `socket` is the caller's connection, -1 for none
  // (faults that hang then hang).
  Delivery Handle(const ApiRequest& request, int socket = -1);

  // The repository "owner/name", created if it does not exist. A malformed name
  // is a mistake in the test and ends the program.
  FakeRepository& repo(const std::string& full_name);

  // Loads the directory of a corpus (see corpus.h). Returns the repository's
  // full name.
  absl::StatusOr<std::string> LoadCorpus(const std::string& directory) {
    return fake_github::LoadCorpus(directory, repositories_);
  }

  // From then on requests for `from` are answered with 301 to
  // /repositories/{id}/...
  absl::Status Rename(const std::string& from, const std::string& to) {
    return repositories_.Rename(from, to);
  }

  // The clock of everything here: timestamps, Date headers, rate windows.
  void SetNow(std::function<absl::Time()> now) {
    world_->SetNow(std::move(now));
  }

  // See Front (front.h) for these.
  void OnRequest(Front::Hook hook) { front_.OnRequest(std::move(hook)); }
  void AddToken(const std::string& token, const std::string& login) {
    front_.AddToken(token, login);
  }
  void SetTokensRestricted(bool restricted) {
    front_.SetTokensRestricted(restricted);
  }
  void SetRemaining(const std::string& token, int64_t remaining,
                    RateResource resource = RateResource::kCore) {
    front_.SetRemaining(token, resource, remaining);
  }
  void SetLimit(int64_t limit, int64_t anonymous_limit,
                RateResource resource = RateResource::kCore) {
    front_.rate_limits.SetLimit(resource, limit, anonymous_limit);
  }
  void SetConcurrentLimit(int64_t limit) { front_.SetConcurrentLimit(limit); }

  // Once: `then` after the first answered request whose target has
  // `target_contains` in it. The way to an edit between two pages.
  void AfterFirst(std::string target_contains, std::function<void()> then);

  // What goes wrong from now on. GraphQL faults replace those of before; `{}`:
  // none. ClearFaults releases hanging requests.
  void AddFault(Fault fault) { front_.faults.Add(std::move(fault)); }
  void ClearFaults() { front_.faults.Clear(); }
  void SetGraphQlFaults(GraphQlFaults faults) {
    front_.graphql.SetFaults(std::move(faults));
  }

  // See RequestLog (request_log.h) for these. Requests of the control API are
  // not in it.
  std::vector<RequestRecord> requests() const { return front_.log.Records(); }
  RequestStats stats() const { return front_.log.Stats(); }
  void ClearLog() { front_.log.Clear(); }
  absl::Status WaitForRequests(const std::string& target_contains,
                               int64_t count,
                               absl::Duration timeout = absl::Seconds(10));
  absl::Status WaitForRequests(const RequestLog::Predicate& predicate,
                               int64_t count,
                               absl::Duration timeout = absl::Seconds(10)) {
    return front_.log.WaitFor(predicate, count, timeout);
  }

 private:
  const std::shared_ptr<World> world_ = std::make_shared<World>();
  Repositories repositories_{world_};
  Front front_{repositories_, world_};

  mutable absl::Mutex mu_;
  std::string url_ ABSL_GUARDED_BY(mu_);

  // Last: its threads use all of the above.
  HttpServer server_;
};

}  // namespace mentiond::fake_github

// What tests of the service say of it; the rest keeps to its own namespace, as
// some names there (Item, Page) mean GitHub's side of what the service has too.
namespace mentiond {
using fake_github::EditOptions;
using fake_github::FakeGitHub;
using fake_github::FakeRepository;
using fake_github::Fault;
using fake_github::GraphQlFaults;
using fake_github::PullOptions;
using fake_github::RateResource;
using fake_github::RefusedBy;
using fake_github::RequestRecord;
using fake_github::WriteOptions;
}  // namespace mentiond

#endif  // MENTIOND_TESTS_FAKE_GITHUB_FAKE_GITHUB_H_
