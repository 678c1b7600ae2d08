// What a real repository costs in requests: with this service, and in the plain
// way (the open pull requests, then the comments of each, every minute, as if
// for the first time). Counted by the stand-in GitHub, which has the real data.

#include <cstdint>
#include <iostream>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gtest/gtest.h"

#include "lib/github/link_header.h"
#include "tests/corpus.h"
#include "tests/lib/stream/streams_fixture.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

constexpr char kApi[] = "http://github.test";

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

  HttpResponse Get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    request.headers.Add("User-Agent", "plain");
    request.bearer = Secret("ghp_plain");
    return *Ask(github_, request);
  }

  // One round of the plain way.
  void PlainRound() {
    std::string url =
        absl::StrCat(kApi, "/repos/", name_, "/pulls?state=open&per_page=30");
    std::set<std::string> comments;
    while (!url.empty()) {
      const HttpResponse page = Get(url);
      ASSERT_EQ(page.status, 200);
      constexpr char kKey[] = "\"comments_url\":\"";
      for (size_t at = page.body.find(kKey); at != std::string::npos;
           at = page.body.find(kKey, at + 1)) {
        const size_t begin = at + sizeof(kKey) - 1;
        const std::string link =
            page.body.substr(begin, page.body.find('"', begin) - begin);
        // Repositories have a template of that name.
        if (!absl::EndsWith(link, "/comments")) continue;
        // The export has the address that the data came from.
        comments.insert(absl::StrCat(kApi, link.substr(link.find("/repos/"))));
      }
      url = LinkTarget(page.headers.Get("link").value_or(""), "next");
    }
    for (const std::string& one : comments) ASSERT_EQ(Get(one).status, 200);
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

  Counted();
  PlainRound();
  const Cost plain_first = Counted();
  for (int minute = 0; minute < 60; ++minute) {
    clock_.Advance(absl::Minutes(1));
    PlainRound();
  }
  const Cost plain_hour = Counted();
  print("plain way (open pull requests, conversations only)", plain_first,
        plain_hour);

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
