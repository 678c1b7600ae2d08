// What the tests of the GitHub client share: a client whose GitHub answers by a
// function of the test's, on a clock and a loop that the test moves.

#ifndef MENTIOND_TESTS_LIB_GITHUB_CLIENT_FIXTURE_H_
#define MENTIOND_TESTS_LIB_GITHUB_CLIENT_FIXTURE_H_

#include "asio/io_context.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"

#include "lib/github/delay.h"
#include "lib/github/github_client.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"
#include "tests/fakes/run_loop.h"
#include "tests/lib/github/decode_samples.h"

namespace mentiond {

class ClientFixture : public ::testing::Test {
 protected:
  using PageResult = GitHubClient::PageResult;
  using PullResult = GitHubClient::PullResult;
  using Headers = std::vector<std::pair<std::string, std::string>>;
  static constexpr char kUrl[] = "https://api.github.com/repos/o/r/issues?q=1";

  // A caller; its result, once there is one.
  struct Asker {
    TaskScope::TaskId task = 0;
    std::optional<PageResult> result;
  };

  explicit ClientFixture(GitHubClientOptions options = {})
      : client_(loop_.get_executor(), transport_, clock_, [&] {
          options.random = [] { return 0.0; };
          options.metrics = &metrics_;
          return std::move(options);
        }()) {}
  ~ClientFixture() override {
    askers_.CancelAll();
    RunReady(loop_);
  }

  // From now on GitHub answers this.
  void Serve(int status, const std::string& body, const Headers& headers = {}) {
    answer_ = [response = Answer(status, body, headers)](const HttpRequest&) {
      return response;
    };
  }
  // The headers of a rate limit.
  Headers Quota(int limit, int remaining, absl::Duration reset) const {
    return {{"X-RateLimit-Limit", absl::StrCat(limit)},
            {"X-RateLimit-Remaining", absl::StrCat(remaining)},
            {"X-RateLimit-Reset",
             absl::StrCat(absl::ToUnixSeconds(clock_.Now() + reset))}};
  }

  static PageQuery Query(std::string url = kUrl,
                         const std::string& token = "ghp_one",
                         Priority priority = Priority::kLive) {
    return {.listing = Listing::kIssueComments,
            .url = std::move(url),
            .token = Secret(token),
            .priority = priority,
            .repo_url = "https://api.github.com/repos/o/r"};
  }
  static PullQuery QueryOfAPull(const std::string& token = "ghp_one") {
    return {.repo = *RepoName::Parse("o/r", "github.com"),
            .what = std::vector<PullRequestPart>{{.number = 7}},
            .token = Secret(token)};
  }

  // Sends a request without waiting for the response.
  std::shared_ptr<Asker> Ask(PageQuery query = Query()) {
    auto asker = std::make_shared<Asker>();
    asker->task = askers_.Spawn(Run(&client_, std::move(query), asker));
    RunReady(loop_);
    return asker;
  }
  void Cancel(const Asker& asker) {
    askers_.Cancel(asker.task);
    RunReady(loop_);
  }
  // Asks and waits.
  PageResult Fetch(PageQuery query = Query()) {
    const auto asker = Ask(std::move(query));
    EXPECT_TRUE(asker->result.has_value()) << "no answer";
    return asker->result.value_or(absl::InternalError("no answer"));
  }
  // A different request each time: equal ones share their failures.
  PageResult FetchAnother(const std::string& token = "ghp_one",
                          Priority priority = Priority::kLive) {
    return Fetch(Query(absl::StrCat(kUrl, "&n=", ++count_), token, priority));
  }
  PullResult FetchPulls(PullQuery query) {
    return RunUntilDone(loop_, client_.FetchPulls(std::move(query)));
  }
  // How long an attempt that failed says that it has to wait.
  absl::Duration WaitOf(const PageResult& page) const {
    const std::optional<Delay> delay = DelayOf(page.status());
    EXPECT_TRUE(delay.has_value()) << page.status();
    return delay ? delay->retry_at - clock_.Now() : absl::ZeroDuration();
  }

  size_t requests() const { return transport_.requests().size(); }

  asio::io_context loop_;
  FakeClock clock_;
  FakeTransport::Handler answer_ = [](const HttpRequest&) {
    return Answer(200, "[]", {{"ETag", R"("1")"}});
  };
  FakeTransport transport_{
      [this](const HttpRequest& request) { return answer_(request); }};
  prometheus::Registry counters_;
  Metrics metrics_{counters_};
  GitHubClient client_;
  TaskScope askers_{loop_.get_executor()};
  int count_ = 0;

 private:
  static asio::awaitable<void> Run(GitHubClient* client, PageQuery query,
                                   std::shared_ptr<Asker> asker) {
    asker->result = co_await client->FetchPage(std::move(query));
  }
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_GITHUB_CLIENT_FIXTURE_H_
