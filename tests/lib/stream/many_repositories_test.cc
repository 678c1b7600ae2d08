// One token with many repositories: each is polled equally often, and the token
// stays within GitHub's limit per minute.

#include <deque>
#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

#include "lib/stream/registry.h"
#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

using ::testing::Each;
using ::testing::Eq;

class ManyRepositoriesTest : public StreamFixture {
 protected:
  ManyRepositoriesTest() {
    environment_.phase_of = &PhaseOf;
    registry_.emplace(
        std::vector<PollerLoop>{{loop_.get_executor(), environment_}},
        StreamLimits{.slow_reader_timeout = absl::InfiniteDuration(),
                     .queue = kNoLimits});
  }
  ~ManyRepositoriesTest() override {
    registry_->Close(absl::UnavailableError("the test is over"), [] {});
    Run();
  }

  StreamId Open(const std::string& repo) {
    github_.repo(repo);
    Subscription subscription =
        SubscriptionWith([&](auto& request) { request.set_repo(repo); });
    queues_.push_back(registry_->MakeQueue(subscription.token));
    return *registry_->Open(std::move(subscription), queues_.back());
  }
  std::vector<StreamId> OpenMany(int repositories) {
    std::vector<StreamId> ids;
    for (int i = 0; i < repositories; ++i) {
      ids.push_back(Open(absl::StrCat("octo/r", i)));
    }
    Run();
    Note();
    return ids;
  }

  // Lets time pass, and notes when requests were sent: those for issues
  // listings, which are one a poll, by repository.
  void Pass(absl::Duration duration) {
    StreamFixture::Pass(duration, [this] { Note(); });
  }
  void Note() {
    for (const RequestRecord& request : github_.requests()) {
      sent_.push_back(clock_.Now());
      const size_t listing = request.target.find("/issues?");
      if (listing == std::string::npos) continue;
      polls_[request.target.substr(0, listing)].push_back(clock_.Now());
    }
    github_.ClearLog();
  }
  size_t MostInAMinute() const {
    size_t most = 0;
    size_t first = 0;
    for (size_t i = 0; i < sent_.size(); ++i) {
      while (sent_[i] - sent_[first] >= absl::Minutes(1)) ++first;
      most = std::max(most, i - first + 1);
    }
    return most;
  }
  std::vector<size_t> PollsOfEach() const {
    std::vector<size_t> counts;
    for (const auto& [repo, times] : polls_) counts.push_back(times.size());
    return counts;
  }
  void Forget() {
    sent_.clear();
    polls_.clear();
  }

  std::deque<std::shared_ptr<EventQueue>> queues_;
  std::optional<StreamRegistry> registry_;
  std::vector<absl::Time> sent_;
  std::map<std::string, std::vector<absl::Time>> polls_;
};

TEST_F(ManyRepositoriesTest, FiveHundredAreEachPolledOnceAMinute) {
  // Given streams of one token that are opened at once, some of them on the
  // same repository: a few, which do not wait, and as many as it can poll,
  OpenMany(10);
  for (const auto& queue : queues_) EXPECT_TRUE(HasSynced(Drain(*queue)));
  OpenMany(500);
  Pass(absl::Minutes(10));
  EXPECT_LE(MostInAMinute(), 900U) << "their histories, too, are within limits";

  // when they have read their histories, then each is polled once a minute.
  Forget();
  Pass(absl::Minutes(20));
  EXPECT_EQ(polls_.size(), 500U);
  EXPECT_THAT(PollsOfEach(), Each(Eq(20U)));
  EXPECT_LE(MostInAMinute(), 900U);
}

TEST_F(ManyRepositoriesTest, MoreAreEachPolledLessOften) {
  const std::vector<StreamId> ids = OpenMany(1200);
  Pass(absl::Minutes(20));
  Forget();

  // 1,200 polls and what full ones add are 1,440 requests: two thirds of 900 a
  // minute allow them in 2.4 minutes, which is rounded up to 2.5.
  Pass(absl::Minutes(25));
  EXPECT_EQ(polls_.size(), 1200U);
  EXPECT_THAT(PollsOfEach(), Each(Eq(10U)));
  EXPECT_LE(MostInAMinute(), 900U);

  // When most of them have ended, the others are polled every minute again.
  for (size_t i = 100; i < ids.size(); ++i) registry_->Cancel(ids[i]);
  Pass(absl::Minutes(5));
  Forget();
  Pass(absl::Minutes(10));
  EXPECT_THAT(PollsOfEach(),
              testing::AllOf(testing::SizeIs(100), Each(Eq(10U))));
}

}  // namespace
}  // namespace mentiond
