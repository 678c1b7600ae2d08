// The history that a stream begins with: all of it, each mention once.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

#include "lib/markdown/extractor.h"
#include "tests/corpus.h"
#include "tests/e2e/service.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

using mentions::v1::Mention;
using mentions::v1::Source;

// A place: its source and id.
using Place = std::pair<int, int64_t>;

std::multiset<Place> PlacesOf(const std::vector<Mention>& mentions) {
  std::multiset<Place> places;
  for (const Mention& mention : mentions) {
    places.insert({mention.source(), mention.id()});
  }
  return places;
}

bool IsOldestFirstWithinEachSource(const std::vector<Mention>& mentions) {
  std::map<int, int64_t> last;
  for (const Mention& mention : mentions) {
    const int64_t seconds = mention.updated_at().seconds();
    if (seconds < last[mention.source()]) return false;
    last[mention.source()] = seconds;
  }
  return true;
}

TEST(HistoryTest, IsDeliveredOldestFirstWithProgressThenSynced) {
  // Given a repository with more comments than fit on a page
  Service service;
  FakeRepository& repo = service.github().repo("octo/demo");
  const absl::Time start = absl::Now() - absl::Hours(24);
  const int64_t pull = repo.AddPull("mona", "Hello", {.created_at = start});
  std::multiset<Place> expected;
  for (int i = 0; i < 250; ++i) {
    const bool mentions = i % 10 == 0;
    const int64_t id =
        repo.AddIssueComment(pull, "hubot", mentions ? "@octocat" : "octocat",
                             {.created_at = start + absl::Seconds(i)});
    if (mentions) expected.insert({Source::SOURCE_PULL_REQUEST_COMMENT, id});
  }
  expected.insert(
      {Source::SOURCE_REVIEW, repo.AddReview(pull, "hubot", "@octocat, done")});

  // When somebody subscribes
  const auto stream = service.Subscribe("octo/demo", "octocat");
  std::vector<Mention> mentions;
  uint32_t pages_done = 0;
  uint32_t pages_total = 0;
  while (true) {
    const auto event = stream->Next();
    ASSERT_TRUE(event.has_value());
    if (event->has_synced()) break;
    if (event->has_mention()) mentions.push_back(event->mention());
    if (event->has_sync_progress()) {
      EXPECT_GE(event->sync_progress().pages_done(), pages_done);
      pages_done = event->sync_progress().pages_done();
      pages_total = event->sync_progress().pages_total();
    }
    EXPECT_NE(event->resume_token(), "");
  }

  // Then everything comes before Synced, in order, and the progress ends full.
  EXPECT_EQ(PlacesOf(mentions), expected);
  EXPECT_TRUE(IsOldestFirstWithinEachSource(mentions));
  EXPECT_GT(pages_done, 3);
  EXPECT_EQ(pages_done, pages_total);
}

TEST(HistoryTest, BeginsAtSince) {
  Service service;
  FakeRepository& repo = service.github().repo("octo/demo");
  const absl::Time noon = absl::FromUnixSeconds(1'700'000'000);
  const int64_t pull = repo.AddPull("mona", "Hello", {.created_at = noon});
  repo.AddIssueComment(pull, "hubot", "@octocat before",
                       {.created_at = noon - absl::Seconds(1)});
  const int64_t at =
      repo.AddIssueComment(pull, "hubot", "@octocat at", {.created_at = noon});
  mentions::v1::SubscribeRequest request;
  request.set_repo("octo/demo");
  request.set_user("octocat");
  request.set_token(kToken);
  request.mutable_since()->set_seconds(1'700'000'000);

  const auto mentions = service.Subscribe(request)->ReadHistory();
  ASSERT_EQ(mentions.size(), 1);
  EXPECT_EQ(mentions[0].id(), at);
}

TEST(HistoryTest, LosesNothingToAnEditBetweenTwoPages) {
  // Given two pages of mentions
  Service service;
  FakeRepository& repo = service.github().repo("octo/demo");
  const absl::Time start = absl::Now() - absl::Hours(24);
  const int64_t pull = repo.AddPull("mona", "Hello", {.created_at = start});
  std::vector<int64_t> ids;
  for (int i = 0; i < 150; ++i) {
    ids.push_back(repo.AddIssueComment(
        pull, "hubot", "@octocat", {.created_at = start + absl::Seconds(i)}));
  }

  // When the first comment is edited after the first page was read, which
  // moves the 101st onto that page
  service.github().AfterFirst("/issues/comments", [&] {
    repo.EditIssueComment(ids[0], "@octocat (edited)");
  });
  const auto mentions =
      service.Subscribe("octo/demo", "octocat")->ReadHistory();

  // Then all are delivered, and the edited one in both versions.
  std::multiset<Place> expected;
  for (const int64_t id : ids) {
    expected.insert({Source::SOURCE_PULL_REQUEST_COMMENT, id});
  }
  expected.insert({Source::SOURCE_PULL_REQUEST_COMMENT, ids[0]});
  EXPECT_EQ(PlacesOf(mentions), expected);
}

// What the corpus holds, by the rules: for each login, where it is mentioned
// in pull requests.
class CorpusMentions {
 public:
  static CorpusMentions Load(const std::string& folder) {
    CorpusMentions corpus;
    corpus.LoadFile(folder, kPullsFile, Source::SOURCE_PULL_REQUEST);
    corpus.LoadFile(folder, kIssueCommentsFile,
                    Source::SOURCE_PULL_REQUEST_COMMENT);
    corpus.LoadFile(folder, kReviewCommentsFile, Source::SOURCE_REVIEW_COMMENT);
    corpus.LoadFile(folder, kReviewsFile, Source::SOURCE_REVIEW);
    return corpus;
  }

  std::multiset<Place> Of(const std::string& login) const {
    const auto found = places_.find(login);
    return found == places_.end() ? std::multiset<Place>() : found->second;
  }

  // The logins with the most mentions.
  std::vector<std::string> Top(size_t count) const {
    std::vector<std::pair<size_t, std::string>> ranked;
    for (const auto& [login, places] : places_) {
      ranked.emplace_back(places.size(), login);
    }
    std::sort(ranked.rbegin(), ranked.rend());
    std::vector<std::string> top;
    for (size_t i = 0; i < std::min(count, ranked.size()); ++i) {
      top.push_back(ranked[i].second);
    }
    return top;
  }

 private:
  void LoadFile(const std::string& folder, std::string_view file,
                Source source) {
    const absl::Status status =
        ForEachGzipJson(absl::StrCat(folder, "/", std::string(file)),
                        [&](const rapidjson::Value& object) {
                          // Comments on plain issues are in the same file.
                          if (source == Source::SOURCE_PULL_REQUEST_COMMENT &&
                              StringMember(object, "html_url").find("/pull/") ==
                                  std::string_view::npos) {
                            return;
                          }
                          const int64_t id = object["id"].GetInt64();
                          for (std::string& login :
                               ExtractMentions(StringMember(object, "body"))) {
                            places_[std::move(login)].insert({source, id});
                          }
                        });
    ASSERT_TRUE(status.ok()) << status;
  }

  std::map<std::string, std::multiset<Place>> places_;
};

TEST(HistoryTest, IsExactlyWhatTheCorpusHolds) {
  const auto folder = SharedPath(kCorpusFolder);
  if (!folder) {
    GTEST_SKIP() << "../shared/" << kCorpusFolder
                 << " is absent: no real repository to read";
  }
  const CorpusMentions corpus = CorpusMentions::Load(*folder);
  Service service;
  ASSERT_EQ(*service.github().LoadCorpus(*folder), "bitcoin-core/gui");

  std::vector<std::string> users = corpus.Top(3);
  users.push_back("hebasto");
  users.push_back("never-mentioned");
  for (const std::string& user : users) {
    const auto mentions =
        service.Subscribe("bitcoin-core/gui", user)->ReadHistory();
    EXPECT_EQ(PlacesOf(mentions), corpus.Of(user)) << user;
    EXPECT_TRUE(IsOldestFirstWithinEachSource(mentions)) << user;
    std::cout << "@" << user << ": " << mentions.size() << " mentions\n";
    if (user == "never-mentioned") {
      EXPECT_TRUE(mentions.empty());
    } else {
      EXPECT_GT(mentions.size(), 100);
    }
  }
}

}  // namespace
}  // namespace mentiond
