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
#include <cstdio>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "gtest/gtest.h"

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
    if (!folder) GTEST_SKIP() << "../shared/" << kCorpusFolder << " is absent";
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

  EXPECT_EQ(findable, 1443);
  EXPECT_EQ(found, findable);
  EXPECT_EQ(extracted, 1540);
  EXPECT_LE(false_of_known, 20);
  // No target, as the extractor can't know which accounts there are; but it
  // must not get worse unseen.
  EXPECT_LE(strictly_false, 97);
}

TEST_F(CorpusTest, FindsTheSameForOneLoginAsForAllOfThem) {
  // Given a few logins that are mentioned much, little, and never, with how
  // many of the real bodies mention each.
  std::vector<std::pair<Login, int>> logins;
  for (const auto& [text, bodies] :
       {std::pair("hebasto", 293), std::pair("maflcko", 9),
        std::pair("luke-jr", 145), std::pair("jarolrod", 158),
        std::pair("marcofalke", 48), std::pair("a", 0),
        std::pair("nobody-has-this-name", 0)}) {
    logins.emplace_back(*Login::Parse(text), bodies);
  }
  const std::vector<std::string> bodies = AllBodies();
  ASSERT_EQ(bodies.size(), 9830U);
  const MentionIndex index({bodies.begin(), bodies.end()});
  // When each body is searched for each of them, then the result is that of a
  // full extraction,
  std::vector<std::vector<std::string>> mentions;
  size_t extracted = 0;
  for (const std::string& body : bodies) {
    EXPECT_FALSE(IsTooCostlyToParse(body)) << body;
    mentions.push_back(ExtractMentions(body));
    extracted += mentions.back().size();
    for (const std::string& login : mentions.back()) {
      // and no index of the bodies leaves it out.
      EXPECT_EQ(MentionIndex({body}).Candidates(*Login::Parse(login)).size(), 1)
          << login << " in: " << body;
    }
  }
  EXPECT_EQ(extracted, 2121U);
  for (const auto& [login, expected] : logins) {
    const std::vector<size_t> candidates = index.Candidates(login);
    EXPECT_LT(candidates.size(), bodies.size() / 5) << login.text();
    int found = 0;
    for (size_t i = 0; i < bodies.size(); ++i) {
      const bool has = std::count(mentions[i].begin(), mentions[i].end(),
                                  login.lower()) == 1;
      ASSERT_EQ(HasMention(bodies[i], login), has)
          << login.text() << " in: " << bodies[i];
      EXPECT_LE(has,
                std::binary_search(candidates.begin(), candidates.end(), i))
          << bodies[i];
      found += has ? 1 : 0;
    }
    EXPECT_EQ(found, expected) << login.text();
  }
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
  EXPECT_EQ(located, 2121);
}

}  // namespace
}  // namespace mentiond
