// What a real repository costs in requests: with this service, and in the plain
// way (the open pull requests, then the comments of each, every minute, as if
// for the first time), which is computed. Counted by the stand-in GitHub, which
// has the real data.

#include <cstdint>
#include <iostream>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gtest/gtest.h"

#include "tests/corpus.h"
#include "tests/lib/stream/streams_fixture.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

using fake_github::ItemKind;

struct Cost {
  int64_t requests = 0;
  int64_t points = 0;          // of REST
  int64_t graphql_points = 0;  // of another limit
};

class CostTest : public StreamsFixture {
 protected:
  void SetUp() override {
    const auto corpus = SharedPath(kCorpusFolder);
    if (!corpus) GTEST_SKIP() << "../shared/" << kCorpusFolder << " is absent";
    clock_.Advance(
        absl::FromCivil(absl::CivilDay(2026, 12, 1), absl::UTCTimeZone()) -
        clock_.Now());
    const auto name = github_.LoadCorpus(*corpus);
    ASSERT_TRUE(name.ok()) << name.status();
    name_ = *name;
    github_.SetLimit(1'000'000, 1'000'000);
  }

  Cost Counted() {
    const auto stats = github_.stats();
    github_.ClearLog();
    return {stats.requests, stats.points, stats.graphql_points};
  }

  // Each with a token of its own, so that nothing is in the cache.
  Subscription For(
      const std::string& user,
      mentions::v1::History history = mentions::v1::HISTORY_COMPLETE) {
    mentions::v1::SubscribeRequest request;
    request.set_repo(name_);
    request.set_user(user);
    request.set_token(absl::StrCat("ghp_", user, history));
    request.set_history(history);
    return *ParseSubscription(request, "", "github.test");
  }

  // One round of the plain way: the pages of the list of open pull requests,
  // and a page of the conversation of each.
  int64_t PlainRequests() {
    constexpr int64_t kPerPage = 30;
    int64_t open = 0;
    for (const auto& item : github_.repo(name_).All(ItemKind::kIssue)) {
      if (item->is_pull && item->open) ++open;
    }
    return (open + kPerPage - 1) / kPerPage + open;
  }

  std::string name_;
};

TEST_F(CostTest, OfTheCorpusRepository) {
  std::cout << "| | history: requests | REST points | GraphQL points "
               "| idle hour: requests | REST points | GraphQL points |\n"
               "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  const auto print = [](const std::string& what, Cost first, Cost hour) {
    std::cout << absl::StrFormat("| %s | %d | %d | %d | %d | %d | %d |\n", what,
                                 first.requests, first.points,
                                 first.graphql_points, hour.requests,
                                 hour.points, hour.graphql_points);
  };

  const int64_t plain = PlainRequests();
  print("plain way (open pull requests, conversations only)",
        {.requests = plain, .points = plain},
        {.requests = 60 * plain, .points = 60 * plain});

  for (const auto history :
       {mentions::v1::HISTORY_COMPLETE, mentions::v1::HISTORY_SEARCH,
        mentions::v1::HISTORY_NONE}) {
    for (const char* user : {"hebasto", "fanquake", "nobody-at-all"}) {
      const auto stream = Start(For(user, history));
      size_t mentions = Mentions(*stream->queue).size();
      const Cost first = Counted();
      for (int poll = 0; poll < 60; ++poll) Poll();
      const Cost hour = Counted();
      print(absl::StrCat("mentiond, ", mentions::v1::History_Name(history),
                         ", @", user, " (", mentions, " mentions)"),
            first, hour);
      EXPECT_LE(first.requests,
                history == mentions::v1::HISTORY_COMPLETE ? 110 : 15);
      EXPECT_EQ(hour.points, 0);
      EXPECT_EQ(hour.graphql_points, 0);
      EXPECT_LT(hour.requests, 80);
      EXPECT_FALSE(stream->poller.ended().has_value());
      Cancel(*stream);
    }
  }
}

TEST_F(CostTest, TheSearchFindsWhatTheCompleteHistoryHas) {
  const auto history = [&](const Subscription& subscription) {
    const auto stream = Start(subscription);
    std::multiset<std::string> urls;
    for (const EventQueue::Event& event : Drain(*stream->queue)) {
      if (event.has_mention()) urls.insert(event.mention().url());
    }
    Cancel(*stream);
    return urls;
  };
  for (const char* user : {"hebasto", "fanquake", "nobody-at-all"}) {
    EXPECT_EQ(history(For(user, mentions::v1::HISTORY_SEARCH)),
              history(For(user, mentions::v1::HISTORY_COMPLETE)))
        << user;
  }
}

}  // namespace
}  // namespace mentiond
