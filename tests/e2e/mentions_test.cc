// What a subscriber gets: the history, each mention once, and what comes then,
// with everything that is known of it.

#include <algorithm>
#include <csignal>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

#include "lib/markdown/extractor.h"
#include "tests/corpus.h"
#include "tests/e2e/service.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

using mentions::v1::Mention;
using mentions::v1::SubscribeRequest;
using mentions::v1::SubscribeResponse;

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
  return std::all_of(mentions.begin(), mentions.end(), [&](const auto& next) {
    const int64_t seconds = next.updated_at().seconds();
    return std::exchange(last[next.source()], seconds) <= seconds;
  });
}

TEST(MentionsTest, OfEachSourceComeToWhomTheyAreFor) {
  // Given streams of two users, and one for issues, on one repository
  Service service;
  FakeRepository& repo = service.github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "Speeds it up.");
  SubscribeRequest for_issues = Request();
  for_issues.add_sources(mentions::v1::SOURCE_ISSUE);
  for_issues.add_sources(mentions::v1::SOURCE_ISSUE_COMMENT);
  const auto octocat = service.Subscribe(kRepo, "octocat");
  const auto hubot = service.Subscribe(kRepo, "@HUBOT");
  const auto issues = service.Subscribe(for_issues);
  for (const auto& stream : {octocat.get(), hubot.get(), issues.get()}) {
    EXPECT_THAT(stream->ReadHistory(), testing::IsEmpty());
  }
  const auto expect = [&](Stream& stream, mentions::v1::Source source,
                          int64_t id, int64_t number, const std::string& author,
                          const std::string& body, const std::string& url) {
    const auto mention = stream.NextMention();
    ASSERT_TRUE(mention.has_value()) << body;
    EXPECT_EQ(
        std::tuple(mention->source(), mention->id(), mention->pull_request(),
                   mention->author(), mention->body()),
        std::tuple(source, id, number, author, body));
    EXPECT_THAT(mention->url(), testing::EndsWith(absl::StrCat(number, url)));
    EXPECT_GT(mention->updated_at().seconds(), 0);
  };

  // When they are mentioned in each kind of text, one after another, then each
  // arrives where it belongs, and nothing else does.
  const absl::Time past = absl::Now() - absl::Minutes(1);
  int64_t id =
      repo.AddIssueComment(pull, "hubot", "@octocat", {.created_at = past});
  const std::string anchor = absl::StrCat("#issuecomment-", id);
  expect(*octocat, mentions::v1::SOURCE_PULL_REQUEST_COMMENT, id, pull, "hubot",
         "@octocat", anchor);
  repo.EditIssueComment(id, "@octocat and @hubot");
  for (Stream* stream : {octocat.get(), hubot.get()}) {
    expect(*stream, mentions::v1::SOURCE_PULL_REQUEST_COMMENT, id, pull,
           "hubot", "@octocat and @hubot", anchor);
  }
  id = repo.AddReviewComment(pull, "", "of nobody, @octocat?");
  expect(*octocat, mentions::v1::SOURCE_REVIEW_COMMENT, id, pull, "",
         "of nobody, @octocat?", absl::StrCat("#discussion_r", id));
  id = repo.AddReview(pull, "hubot", "Fine, @OctoCat.");
  expect(*octocat, mentions::v1::SOURCE_REVIEW, id, pull, "hubot",
         "Fine, @OctoCat.", absl::StrCat("#pullrequestreview-", id));
  const int64_t issue = repo.AddIssue("mona", "@octocat, it breaks");
  id = repo.AddIssueComment(issue, "hubot", "@octocat @hubot");
  const int64_t other = repo.AddPull("mona", "For @octocat and @hubot.");
  for (Stream* stream : {octocat.get(), hubot.get()}) {
    const auto mention = stream->NextMention();
    ASSERT_TRUE(mention.has_value());
    EXPECT_EQ(mention->source(), mentions::v1::SOURCE_PULL_REQUEST);
    EXPECT_EQ(mention->pull_request(), other);
    EXPECT_EQ(mention->state(), mentions::v1::PULL_STATE_OPEN);
  }
  const auto breaks = issues->NextMention();
  ASSERT_TRUE(breaks.has_value());
  EXPECT_EQ(breaks->source(), mentions::v1::SOURCE_ISSUE);
  EXPECT_EQ(breaks->pull_request(), issue);
  expect(*issues, mentions::v1::SOURCE_ISSUE_COMMENT, id, issue, "hubot",
         "@octocat @hubot", absl::StrCat("#issuecomment-", id));
}

TEST(MentionsTest, TheHistoryIsDeliveredOldestFirstWithProgressThenSynced) {
  // Given a repository with more comments than fit on a page, one of them long
  Service service;
  FakeRepository& repo = service.github().repo(kRepo);
  const absl::Time start = absl::Now() - absl::Hours(24);
  const int64_t pull = repo.AddPull("mona", "Hello", {.created_at = start});
  const std::string body = std::string(1 << 20, 'x') + " @octocat";
  std::multiset<Place> expected;
  for (int i = 0; i < 250; ++i) {
    const int64_t id =
        repo.AddIssueComment(pull, "hubot", i == 100 ? body : "@octocat",
                             {.created_at = start + absl::Seconds(i)});
    expected.insert({mentions::v1::SOURCE_PULL_REQUEST_COMMENT, id});
  }
  expected.insert({mentions::v1::SOURCE_REVIEW,
                   repo.AddReview(pull, "hubot", "@octocat, done")});

  // When somebody subscribes
  const auto stream = service.Subscribe();
  std::vector<Mention> mentions;
  uint32_t pages_done = 0;
  uint32_t pages_total = 0;
  while (true) {
    const auto event = stream->Next();
    ASSERT_TRUE(event.has_value());
    EXPECT_NE(event->resume_token(), "");
    if (event->has_synced()) break;
    if (event->has_mention()) mentions.push_back(event->mention());
    if (!event->has_sync_progress()) continue;
    EXPECT_GE(event->sync_progress().pages_done(), pages_done);
    pages_done = event->sync_progress().pages_done();
    pages_total = event->sync_progress().pages_total();
  }

  // Then everything comes before Synced, in order, and the progress ends full.
  EXPECT_EQ(PlacesOf(mentions), expected);
  EXPECT_TRUE(IsOldestFirstWithinEachSource(mentions));
  EXPECT_EQ(std::count_if(
                mentions.begin(), mentions.end(),
                [&](const Mention& mention) { return mention.body() == body; }),
            1);
  EXPECT_GT(pages_done, 3);
  EXPECT_EQ(pages_done, pages_total);
}

TEST(MentionsTest, TheSampleClientPrintsThemUntilCtrlC) {
  Service service;
  FakeRepository& repo = service.github().repo(kRepo);
  const int64_t pull = repo.AddPull("mona", "For @octocat");
  const auto client =
      service.RunClient({"--user=octocat", "--format=json", kRepo});
  const auto next = [&](SubscribeResponse::EventCase kind) {
    SubscribeResponse response;
    do {
      const auto line =
          client->ReadLine(Subprocess::Stream::kStdout, Deadline());
      EXPECT_TRUE(line.ok()) << line.status();
      if (!line.ok()) return SubscribeResponse();
      const auto parsed =
          google::protobuf::util::JsonStringToMessage(*line, &response);
      EXPECT_TRUE(parsed.ok()) << *line;
    } while (response.event_case() != kind);
    return response;
  };
  EXPECT_EQ(next(SubscribeResponse::kMention).mention().pull_request(), pull);
  next(SubscribeResponse::kSynced);
  repo.AddIssueComment(pull, "hubot", "@octocat now");
  EXPECT_EQ(next(SubscribeResponse::kMention).mention().body(), "@octocat now");
  // It ends well, and its poller with it.
  ASSERT_TRUE(client->Signal(SIGINT).ok());
  EXPECT_EQ(client->Wait(Deadline()).value(), ExitStatus{.code = 0});
  service.WaitUntilNoStreamIsOpen();
}

// What the corpus holds, by the rules: for each login, where it is mentioned
// in pull requests.
std::map<std::string, std::multiset<Place>> PlacesInCorpus(
    const std::string& folder) {
  std::map<std::string, std::multiset<Place>> places;
  for (const auto& [file, source] :
       {std::pair(kPullsFile, mentions::v1::SOURCE_PULL_REQUEST),
        {kIssueCommentsFile, mentions::v1::SOURCE_PULL_REQUEST_COMMENT},
        {kReviewCommentsFile, mentions::v1::SOURCE_REVIEW_COMMENT},
        {kReviewsFile, mentions::v1::SOURCE_REVIEW}}) {
    const auto add = [&, from = source](const rapidjson::Value& object) {
      // Comments on plain issues are in the same file.
      if (from == mentions::v1::SOURCE_PULL_REQUEST_COMMENT &&
          !Contains(StringMember(object, "html_url"), "/pull/")) {
        return;
      }
      const int64_t id = object["id"].GetInt64();
      for (const auto& login : ExtractMentions(StringMember(object, "body"))) {
        places[login].insert({from, id});
      }
    };
    const absl::Status read =
        ForEachGzipJson(absl::StrCat(folder, "/", std::string(file)), add);
    EXPECT_TRUE(read.ok()) << read;
  }
  return places;
}

TEST(MentionsTest, OfARealRepositoryAreAllThere) {
  const auto folder = SharedPath(kCorpusFolder);
  if (!folder) {
    GTEST_SKIP() << "../shared/" << kCorpusFolder
                 << " is absent: no real repository to read";
  }
  auto corpus = PlacesInCorpus(*folder);
  Service service;
  ASSERT_EQ(*service.github().LoadCorpus(*folder), "bitcoin-core/gui");
  // For those with the most mentions, and for one without any
  std::vector<std::pair<size_t, std::string>> ranked;
  for (const auto& [login, places] : corpus) {
    ranked.emplace_back(places.size(), login);
  }
  std::sort(ranked.rbegin(), ranked.rend());
  ASSERT_GT(ranked.size(), 3U);
  ranked.resize(3);
  ranked.emplace_back(0, "never-mentioned");
  for (const auto& [count, user] : ranked) {
    const auto mentions =
        service.Subscribe("bitcoin-core/gui", user)->ReadHistory();
    EXPECT_EQ(PlacesOf(mentions), corpus[user]) << user;
    EXPECT_TRUE(IsOldestFirstWithinEachSource(mentions)) << user;
    EXPECT_EQ(mentions.size() > 100, count > 0);
    std::cout << "@" << user << ": " << mentions.size() << " mentions\n";
  }
}

}  // namespace
}  // namespace mentiond
