// How long the extractor takes over real comments, for each of their authors,
// and its floor: cmark-gfm parsing every body; and how long 10,000 other users
// take to find that a page of 100 comments mentions none of them. Prints one
// line of JSON; "bodies" is 0 where the comments are not there.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cmark-gfm.h"

#include "lib/base/login.h"
#include "lib/markdown/extractor.h"
#include "lib/markdown/mention_index.h"
#include "tests/corpus.h"
#include "tests/shared_data.h"

namespace mentiond {
namespace {

struct Comments {
  std::vector<std::string> bodies;
  std::set<std::string> authors;
};

Comments ReadComments() {
  Comments comments;
  for (const std::string_view file :
       {kIssueCommentsFile, kReviewCommentsFile, kReviewsFile, kPullsFile}) {
    const auto path =
        SharedPath(std::string(kCorpusFolder) + "/" + std::string(file));
    if (!path) return {};
    const absl::Status status =
        ForEachGzipJson(*path, [&](const rapidjson::Value& object) {
          comments.bodies.emplace_back(StringMember(object, "body"));
          comments.authors.emplace(AuthorOf(object));
        });
    if (!status.ok()) return {};
  }
  return comments;
}

double SecondsOf(const std::function<void()>& work) {
  const absl::Time began = absl::Now();
  work();
  return absl::ToDoubleSeconds(absl::Now() - began);
}

constexpr int kUsers = 10'000;
constexpr size_t kPage = 100;

// For each user, the making of the index among them.
double SecondsPerUser(const std::vector<std::string>& bodies,
                      int64_t& candidates) {
  std::vector<Login> users;
  for (int i = 0; i < kUsers; ++i) {
    users.push_back(*Login::Parse(absl::StrCat("not-mentioned-", i)));
  }
  const std::vector<std::string_view> page(
      bodies.begin(), bodies.begin() + std::min(kPage, bodies.size()));
  return SecondsOf([&] {
           const MentionIndex index(page);
           for (const Login& user : users) {
             candidates += static_cast<int64_t>(index.Candidates(user).size());
           }
         }) /
         kUsers;
}

void Measure() {
  const auto [bodies, authors] = ReadComments();
  int64_t mentions = 0;
  int64_t parsed = 0;
  std::vector<double> ours;
  for (const std::string& author : authors) {
    const auto login = Login::Parse(author);
    if (!login.ok()) continue;  // a bot
    ours.push_back(SecondsOf([&, &bodies = bodies] {
      for (const std::string& body : bodies) {
        mentions += HasMention(body, *login) ? 1 : 0;
      }
    }));
  }
  const double floor = SecondsOf([&, &bodies = bodies] {
    for (const std::string& body : bodies) {
      cmark_node* document =
          cmark_parse_document(body.data(), body.size(), CMARK_OPT_DEFAULT);
      parsed += document != nullptr ? 1 : 0;
      cmark_node_free(document);
    }
  });
  int64_t candidates = 0;
  const double user = SecondsPerUser(bodies, candidates);
  std::cout << absl::StrFormat(
                   R"({"user_seconds": %.9f, "candidates": %d, )"
                   R"("bodies": %d, "users": %d, "mentions": %d, )"
                   R"("parsed": %d, "seconds": %.6f, "max_seconds": %.6f, )"
                   R"("floor_seconds": %.6f})",
                   user, candidates, bodies.size(), ours.size(), mentions,
                   parsed,
                   std::accumulate(ours.begin(), ours.end(), 0.0) /
                       static_cast<double>(std::max<size_t>(1, ours.size())),
                   ours.empty() ? 0
                                : *std::max_element(ours.begin(), ours.end()),
                   floor)
            << std::endl;
}

}  // namespace
}  // namespace mentiond

int main() { mentiond::Measure(); }
