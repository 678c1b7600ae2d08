// What a real repository costs in requests, counted by the stand-in GitHub,
// which has the real data, is what the README's table says.

#include <array>
#include <fstream>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"

#include "tests/corpus.h"
#include "tests/lib/stream/stream_fixture.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

using mentions::v1::History;

// The columns of the table: requests, points of REST and of GraphQL for a
// history, then requests and points for an idle hour.
using Cost = std::array<int64_t, 5>;

// The costs in README.md, by the first column.
std::map<std::string, Cost> PromisedCosts() {
  std::map<std::string, Cost> costs;
  std::ifstream readme("README.md");
  bool in_table = false;
  for (std::string line; std::getline(readme, line);) {
    in_table = in_table ? absl::StartsWith(line, "|")
                        : absl::StartsWith(line, "| | history: requests |");
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (!in_table || cells.size() != 8) continue;
    Cost cost = {};
    bool numbers = true;
    for (size_t i = 0; i < cost.size(); ++i) {
      numbers = numbers &&
                absl::SimpleAtoi(absl::StrReplaceAll(cells[i + 2], {{",", ""}}),
                                 &cost[i]);
    }
    if (numbers) {
      costs[std::string(absl::StripAsciiWhitespace(cells[1]))] = cost;
    }
  }
  return costs;
}

class CostTest : public StreamFixture {
 protected:
  void SetUp() override {
    const auto corpus = SharedPath(kCorpusFolder);
    if (!corpus) GTEST_SKIP() << "../shared/" << kCorpusFolder << " is absent";
    corpus_ = *corpus;
    clock_.Advance(
        absl::FromCivil(absl::CivilDay(2026, 12, 1), absl::UTCTimeZone()) -
        clock_.Now());
    const auto name = github_.LoadCorpus(corpus_);
    ASSERT_TRUE(name.ok()) << name.status();
    name_ = *name;
  }

  // Each with a token of its own, so that nothing is in the cache.
  Subscription For(const std::string& user, History history) {
    return SubscriptionWith([&](auto& request) {
      request.set_repo(name_);
      request.set_user(user);
      request.set_token(absl::StrCat("ghp_", user, history));
      request.set_history(history);
    });
  }

  // The open pull requests, 30 a page, then the conversation of each.
  int64_t RequestsOfANaiveRound() const {
    int64_t open = 0;
    const absl::Status read =
        ForEachGzipJson(absl::StrCat(corpus_, "/", std::string(kPullsFile)),
                        [&](const rapidjson::Value& pull) {
                          if (StringMember(pull, "state") == "open") ++open;
                        });
    EXPECT_TRUE(read.ok()) << read;
    return (open + 29) / 30 + open;
  }

  std::string corpus_;
  std::string name_;
};

// Shows: the table of costs
TEST_F(CostTest, OfTheCorpusRepositoryIsWhatTheReadmeSays) {
  const std::map<std::string, Cost> promised = PromisedCosts();
  std::map<std::string, Cost> counted;
  const int64_t naive = RequestsOfANaiveRound();
  counted
      ["naive polling: each minute the open pull requests, then the "
       "conversation of each"] = {naive, naive, 0, 60 * naive, 60 * naive};
  // The mentions that are delivered; an empty row is not in the table.
  const auto count = [&](const std::string& row, const char* user,
                         History history) {
    github_.ClearLog();
    const auto stream = Start(For(user, history));
    std::multiset<std::string> urls;
    for (const EventQueue::Event& event : Drain(*stream->queue)) {
      if (event.has_mention()) urls.insert(event.mention().url());
    }
    const auto first = github_.stats();
    github_.ClearLog();
    if (!row.empty()) {
      Poll(60);
      const auto hour = github_.stats();
      const Cost cost = {first.requests, first.points, first.graphql_points,
                         hour.requests, hour.points + hour.graphql_points};
      const auto [known, is_new] = counted.try_emplace(row, cost);
      EXPECT_EQ(known->second, cost) << row << " for " << user;
    }
    Cancel(*stream);
    return urls;
  };
  for (const std::string user : {"hebasto", "fanquake", "nobody-at-all"}) {
    const auto all = count("mentiond, complete history, any user", user.c_str(),
                           mentions::v1::HISTORY_COMPLETE);
    const auto found = count(
        user == "hebasto"    ? "mentiond, by search, a user with 248 mentions"
        : user == "fanquake" ? ""
                             : "mentiond, by search, a user with none",
        user.c_str(), mentions::v1::HISTORY_SEARCH);
    EXPECT_EQ(found, all) << "the search finds what the complete history has";
    EXPECT_EQ(all.size(), user == "hebasto" ? 248U : user[0] == 'f' ? 27U : 0U);
  }
  EXPECT_TRUE(
      count("mentiond, no history", "hebasto", mentions::v1::HISTORY_NONE)
          .empty());
  EXPECT_EQ(counted, promised);
}

}  // namespace
}  // namespace mentiond
