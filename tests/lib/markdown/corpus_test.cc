// Holds the extractor against GitHub's own verdicts on real comments.
//
// A label is a login that GitHub recorded as mentioned in an issue comment. It
// is findable when the body contains `@login`: otherwise the account was
// renamed later. An extracted login that the comment's labels lack is strictly
// false, mostly since GitHub labels accounts that exist today, by today's
// login. It is false, which has the limit, when it is known to be an account's:
// that of an author or a label in the corpus. Where that shows one account (by
// its number) under two logins, the rarer one is taken for the other.

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

  // Every item of every kind that has a body.
  void ForEachItem(absl::FunctionRef<void(const rapidjson::Value&)> item) {
    for (const std::string_view file :
         {kIssueCommentsFile, kReviewCommentsFile, kReviewsFile, kPullsFile}) {
      ForEach(file, item);
    }
  }
  // Their bodies, empty ones included.
  std::vector<std::string> AllBodies() {
    std::vector<std::string> bodies;
    ForEachItem([&](const rapidjson::Value& item) {
      bodies.emplace_back(StringMember(item, "body"));
    });
    return bodies;
  }

  // Every login that is some account's, with the login of that account which
  // labels use: itself, unless the account was renamed.
  std::map<std::string, std::string> KnownAccounts() {
    std::map<std::int64_t, std::map<std::string, int>> logins_by_account;
    ForEachItem([&](const rapidjson::Value& item) {
      const std::string login = Lower(AuthorOf(item));
      if (login.empty()) return;
      ++logins_by_account[item["user"]["id"].GetInt64()][login];
    });
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
  std::map<std::int64_t, std::string> bodies;
  ForEach(kIssueCommentsFile, [&](const rapidjson::Value& comment) {
    bodies.emplace(comment["id"].GetInt64(), StringMember(comment, "body"));
  });
  const std::map<std::string, std::string> known = KnownAccounts();
  int findable = 0, found = 0;
  int extracted = 0, strictly_false = 0, false_of_known = 0;
  for (const auto& [id, logins] : Labels()) {
    SCOPED_TRACE(id);
    ASSERT_TRUE(bodies.contains(id)) << "a label without its comment";
    const std::string lower = Lower(bodies[id]);
    const std::vector<std::string> mentions = ExtractMentions(bodies[id]);
    for (const std::string& login : logins) {
      if (lower.find("@" + login) == std::string::npos) continue;
      ++findable;
      const auto times = std::count(mentions.begin(), mentions.end(), login);
      EXPECT_EQ(times, 1) << login << " in: " << lower;
      found += times == 1 ? 1 : 0;
    }
    for (const std::string& login : mentions) {
      ++extracted;
      if (logins.contains(login)) continue;
      ++strictly_false;
      const auto account = known.find(login);
      if (account == known.end() || logins.contains(account->second)) continue;
      ++false_of_known;
      std::printf("false: @%s in comment %lld\n", login.c_str(),
                  static_cast<long long>(id));
    }
  }
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
  const std::map<std::string, int> logins = {
      {"hebasto", 293},      {"maflcko", 9},     {"luke-jr", 145},
      {"jarolrod", 158},     {"marcofalke", 48}, {"a", 0},
      {"nobody-has-this", 0}};
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
  for (const auto& [text, expected] : logins) {
    const Login login = *Login::Parse(text);
    const std::vector<size_t> candidates = index.Candidates(login);
    EXPECT_LT(candidates.size(), bodies.size() / 5) << text;
    int found = 0;
    for (size_t i = 0; i < bodies.size(); ++i) {
      const bool has =
          std::count(mentions[i].begin(), mentions[i].end(), text) == 1;
      ASSERT_EQ(HasMention(bodies[i], login), has)
          << text << " in: " << bodies[i];
      EXPECT_LE(has,
                std::binary_search(candidates.begin(), candidates.end(), i))
          << bodies[i];
      found += has ? 1 : 0;
    }
    EXPECT_EQ(found, expected) << text;
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
