// Holds the extractor against GitHub's own verdicts on real comments.
//
// How it is counted, over the issue comments that have a label (a set of
// logins that GitHub recorded as mentioned):
// - A label is findable when the body contains `@login`, in any case. The rest
//   cannot be found by anyone: the account was renamed later, and the label has
//   its new login while the body has the old one.
// - A findable label is found when ExtractMentions(body) has it.
// - Extracted is the sum of the sizes of ExtractMentions(body).
// - Strictly false is an extracted login that the comment's label lacks. Nearly
//   all of these are no fault of the extractor: GitHub labels accounts that
//   exist today and by the login they have today, while `@foo` mentions nobody
//   where nobody is called foo or is any longer.
// - False, which has the limit, is a strictly false one whose login is known to
//   be an account's: somewhere in the corpus it is the author of a comment,
//   review or pull request, or in a label. Where the corpus shows one account
//   (by its number) under two logins, the rarer one is taken for the other, as
//   the label has it.

#include "tests/corpus.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "lib/base/login.h"
#include "lib/markdown/extractor.h"
#include "lib/markdown/mention_index.h"
#include "lib/markdown/mention_places.h"
#include "lib/markdown/parse_cost.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

using LoginSet = std::set<std::string>;

std::string Lower(std::string_view text) {
  return absl::AsciiStrToLower(absl::string_view(text.data(), text.size()));
}

class CorpusTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::optional<std::string> folder = SharedPath(kCorpusFolder);
    if (!folder.has_value()) {
      GTEST_SKIP() << "../shared/corpus is absent: GitHub's own verdicts on "
                      "real comments cannot be compared with ours";
    }
    folder_ = *folder;
  }

  void ForEach(std::string_view file,
               absl::FunctionRef<void(const rapidjson::Value&)> object) {
    const absl::Status status =
        ForEachGzipJson(folder_ + "/" + std::string(file), object);
    ASSERT_TRUE(status.ok()) << status;
  }

  // The comments' bodies by id.
  std::map<std::int64_t, std::string> CommentBodies() {
    std::map<std::int64_t, std::string> bodies;
    ForEach(kIssueCommentsFile, [&](const rapidjson::Value& comment) {
      bodies.emplace(comment["id"].GetInt64(), StringMember(comment, "body"));
    });
    return bodies;
  }

  // The logins that GitHub recorded, by comment.
  std::map<std::int64_t, LoginSet> Labels() {
    std::map<std::int64_t, LoginSet> labels;
    ForEach(kMentionLabelsFile, [&](const rapidjson::Value& label) {
      LoginSet& logins = labels[label["id"].GetInt64()];
      for (const rapidjson::Value& login : label["mentioned"].GetArray()) {
        logins.insert(Lower(login.GetString()));
      }
    });
    return labels;
  }

  // Every body of every kind, empty ones included.
  std::vector<std::string> AllBodies() {
    std::vector<std::string> bodies;
    for (const std::string_view file :
         {kIssueCommentsFile, kReviewCommentsFile, kReviewsFile, kPullsFile}) {
      ForEach(file, [&](const rapidjson::Value& item) {
        bodies.emplace_back(StringMember(item, "body"));
      });
    }
    return bodies;
  }

  // Every login that is some account's, with the login of that account which
  // labels use: itself, unless the account was renamed.
  std::map<std::string, std::string> KnownAccounts() {
    std::map<std::int64_t, std::map<std::string, int>> logins_by_account;
    for (const std::string_view file :
         {kIssueCommentsFile, kReviewCommentsFile, kReviewsFile, kPullsFile}) {
      ForEach(file, [&](const rapidjson::Value& item) {
        const std::string login = Lower(AuthorOf(item));
        if (login.empty()) return;
        ++logins_by_account[item["user"]["id"].GetInt64()][login];
      });
    }
    std::map<std::string, std::string> known;
    for (const auto& [account, logins] : logins_by_account) {
      const auto usual = std::max_element(
          logins.begin(), logins.end(),
          [](const auto& a, const auto& b) { return a.second < b.second; });
      for (const auto& [login, count] : logins) known[login] = usual->first;
    }
    for (const auto& [id, logins] : Labels()) {
      for (const std::string& login : logins) known.emplace(login, login);
    }
    return known;
  }

  std::string folder_;
};

TEST_F(CorpusTest, AgreesWithGitHubsVerdictsOnRealComments) {
  const std::map<std::int64_t, std::string> bodies = CommentBodies();
  const std::map<std::string, std::string> known = KnownAccounts();
  int labels = 0, findable = 0, found = 0;
  int extracted = 0, strictly_false = 0, false_of_known = 0;
  std::map<std::string, int> false_logins;
  for (const auto& [id, logins] : Labels()) {
    const auto body = bodies.find(id);
    ASSERT_NE(body, bodies.end()) << "a label without its comment: " << id;
    const std::string lower = Lower(body->second);
    const std::vector<std::string> mentions = ExtractMentions(body->second);
    for (const std::string& login : logins) {
      ++labels;
      if (lower.find("@" + login) == std::string::npos) continue;
      ++findable;
      if (std::count(mentions.begin(), mentions.end(), login) == 1) {
        ++found;
      } else {
        std::printf("missed: @%s in comment %lld\n", login.c_str(),
                    static_cast<long long>(id));
      }
    }
    for (const std::string& login : mentions) {
      ++extracted;
      if (logins.contains(login)) continue;
      ++strictly_false;
      ++false_logins[login];
      const auto account = known.find(login);
      if (account == known.end() || logins.contains(account->second)) continue;
      ++false_of_known;
      std::printf("false: @%s in comment %lld\n", login.c_str(),
                  static_cast<long long>(id));
    }
  }
  for (const auto& [login, count] : false_logins) {
    std::printf("strictly false: %s x%d\n", login.c_str(), count);
  }
  std::printf("labels: %d, findable: %d, found: %d (%.3f %%)\n", labels,
              findable, found, 100.0 * found / findable);
  std::printf("extracted: %d, false: %d (%.3f %%), strictly: %d (%.3f %%)\n",
              extracted, false_of_known, 100.0 * false_of_known / extracted,
              strictly_false, 100.0 * strictly_false / extracted);

  EXPECT_GT(findable, 1000);
  EXPECT_GE(found, findable * 0.999);
  EXPECT_LE(false_of_known, extracted * 0.015);
  // No target, as the extractor can't know which accounts there are; but it
  // must not get worse unseen.
  EXPECT_LE(strictly_false, extracted * 0.065);
}

TEST_F(CorpusTest, FindsTheSameForOneLoginAsForAllOfThem) {
  // Given a few logins that are mentioned much, little, and never.
  std::vector<Login> logins;
  for (const char* text : {"hebasto", "maflcko", "luke-jr", "jarolrod",
                           "marcofalke", "a", "nobody-has-this-name"}) {
    logins.push_back(*Login::Parse(text));
  }
  // When each real body is searched for each of them
  const std::vector<std::string> bodies = AllBodies();
  const MentionIndex index({bodies.begin(), bodies.end()});
  std::vector<std::vector<size_t>> candidates;
  for (const Login& login : logins) {
    candidates.push_back(index.Candidates(login));
    EXPECT_LT(candidates.back().size(), bodies.size() / 5) << login.text();
  }
  int mentions_seen = 0;
  for (size_t i = 0; i < bodies.size(); ++i) {
    const std::string& body = bodies[i];
    const std::vector<std::string> all = ExtractMentions(body);
    for (const std::string& login : all) {
      // no index of the bodies leaves it out,
      EXPECT_EQ(MentionIndex({body}).Candidates(*Login::Parse(login)).size(), 1)
          << login << " in: " << body;
    }
    for (size_t k = 0; k < logins.size(); ++k) {
      const bool is_candidate =
          std::binary_search(candidates[k].begin(), candidates[k].end(), i);
      EXPECT_LE(HasMention(body, logins[k]), is_candidate) << body;
    }
    for (const Login& login : logins) {
      const bool expected =
          std::count(all.begin(), all.end(), login.lower()) == 1;
      // then the result is that of a full extraction.
      ASSERT_EQ(HasMention(body, login), expected)
          << login.text() << " in: " << body;
      mentions_seen += expected ? 1 : 0;
    }
  }
  EXPECT_GT(mentions_seen, 500);
}

TEST_F(CorpusTest, LocatesEveryMention) {
  int located = 0;
  for (const std::string& body : AllBodies()) {
    const std::vector<std::string> logins = ExtractMentions(body);
    const std::vector<std::string> names = ExtractNames(body);
    const std::vector<MentionPlace> places = LocateMentions(body, names);
    for (const std::string& login : logins) {
      // Without the places of a login, nobody of that name is mentioned;
      std::string without = body;
      std::string only = body;
      for (const MentionPlace& place : places) {
        if (names[place.name] == login) without[place.offset] = ' ';
      }
      ASSERT_NE(without, body) << login << " in: " << body;
      const std::vector<std::string> rest = ExtractMentions(without);
      ASSERT_EQ(std::count(rest.begin(), rest.end(), login), 0)
          << login << " in: " << body;
      // without any other place where the login stands, there still is.
      const std::string lower = Lower(body);
      for (size_t at = lower.find("@" + login); at != std::string::npos;
           at = lower.find("@" + login, at + 1)) {
        if (without[at] == '@') only[at] = ' ';
      }
      const std::vector<std::string> same = ExtractMentions(only);
      ASSERT_EQ(std::count(same.begin(), same.end(), login), 1)
          << login << " in: " << body;
      ++located;
    }
  }
  EXPECT_GT(located, 1000);
}

TEST_F(CorpusTest, ParsesEveryRealBody) {
  for (const std::string& body : AllBodies()) {
    EXPECT_FALSE(IsTooCostlyToParse(body)) << body;
  }
}

// Reports figures and checks none of them: the machine decides.
TEST_F(CorpusTest, ReportsItsSpeed) {
  const std::vector<std::string> bodies = AllBodies();
  const Login login = *Login::Parse("hebasto");
  std::size_t bytes = 0, one = 0, all = 0;
  const absl::Time start = absl::Now();
  for (const std::string& body : bodies) one += HasMention(body, login);
  const absl::Time middle = absl::Now();
  for (const std::string& body : bodies) {
    // A leading mention makes sure that each is parsed.
    all += ExtractMentions("@x " + body).size();
    bytes += body.size();
  }
  const absl::Time end = absl::Now();
  const double count = static_cast<double>(bodies.size());
  std::printf(
      "%zu bodies of %zu bytes on average: %.0f/s for one login (%zu mention "
      "it), %.0f/s with each parsed (%zu mentions)\n",
      bodies.size(), bytes / bodies.size(),
      count / absl::ToDoubleSeconds(middle - start), one,
      count / absl::ToDoubleSeconds(end - middle), all);
}

}  // namespace
}  // namespace mentiond
