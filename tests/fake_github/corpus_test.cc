#include "tests/fake_github/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "tests/corpus.h"
#include "tests/fake_github/gzip.h"
#include "tests/fake_github/test_client.h"
#include "tests/shared_data.h"
#include "tests/temp_directory.h"

namespace mentiond::fake_github {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kPullLine[] =
    R"({"id":70,"number":4,"state":"closed","title":"T",)"
    R"("created_at":"2020-01-01T00:00:00Z","updated_at":"2020-01-02T00:00:00Z",)"
    R"("merged_at":"2020-01-02T00:00:00Z","user":{"login":"mona"},)"
    R"("comments":1,"base":{"repo":{"id":9,"full_name":"octo/small"}}})";

constexpr char kCommentLine[] =
    R"({"id":71,"issue_url":"https://api.github.com/repos/octo/small/issues/5",)"
    R"("created_at":"2020-01-03T00:00:00Z","updated_at":"2020-01-04T00:00:00Z",)"
    R"("user":null,"odd":[1, 2],"body":"c"})";

class CorpusTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& packed) {
    std::ofstream(absl::StrCat(directory_.path(), "/", name, ".jsonl.gz"),
                  std::ios::binary)
        << packed;
  }
  absl::StatusOr<std::string> Load() {
    return fake_.LoadCorpus(directory_.path());
  }

  const TempDirectory directory_;
  FakeGitHub fake_;
};

TEST_F(CorpusTest, LoadsWhatAnExportHolds) {
  Write("pulls", Gzip(absl::StrCat(kPullLine, "\n")));
  Write("issue_comments", Gzip(kCommentLine));
  Write("review_comments", Gzip(""));
  Write("reviews", Gzip("\n\n"));

  const auto loaded = Load();

  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(*loaded, "octo/small");
  EXPECT_EQ(Get(fake_, "/repositories/9/issues/comments").body,
            absl::StrCat("[", kCommentLine, "]"))
      << "as it is";
  EXPECT_FALSE(
      fake_.repo("octo/small").All(ItemKind::kIssueComment)[0]->is_pull);
  const TestAnswer issues = Get(
      fake_, "/repos/octo/small/issues?state=all&direction=asc&sort=updated");
  EXPECT_THAT(issues.Ints("number"), ElementsAre(4, 5));
  EXPECT_THAT(issues.Ints("comments"), ElementsAre(1, 1));
  EXPECT_THAT(issues.Texts("body"), ElementsAre("(null)", "(null)"));
  EXPECT_EQ(issues.Ints("id")[0], 70) << "the pull request's own id";
  EXPECT_THAT(issues.body, HasSubstr(R"("merged_at":"2020-01-02T00:00:00Z")"));
  EXPECT_EQ(issues.Texts("updated_at")[1], "2020-01-04T00:00:00Z");
}

TEST_F(CorpusTest, SaysWhichLineIsWrong) {
  EXPECT_TRUE(absl::IsNotFound(Load().status()));
  for (const char* wrong : {"{\"id\":3}", "[]", "no JSON"}) {
    Write("pulls", Gzip(absl::StrCat(kPullLine, "\n", wrong, "\n")));
    const absl::Status status = Load().status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << wrong;
    EXPECT_THAT(std::string(status.message()), HasSubstr("line 2")) << wrong;
  }
  Write("pulls", Gzip(""));
  EXPECT_TRUE(absl::IsInvalidArgument(Load().status()));
  Write("pulls", Gzip(kPullLine).substr(0, 60));
  EXPECT_TRUE(absl::IsDataLoss(Load().status()));
}

class RealCorpusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto corpus = SharedPath(kCorpusFolder);
    if (!corpus) {
      GTEST_SKIP() << "../shared/corpus is absent: nothing real to serve";
    }
    const auto loaded = fake_.LoadCorpus(*corpus);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ASSERT_EQ(*loaded, "bitcoin-core/gui");
  }

  // How many ids there are on all pages of a list, each of which must be new.
  size_t CountAll(const std::string& list) {
    std::set<int64_t> ids;
    for (std::string next = "/repos/bitcoin-core/gui" + list; !next.empty();) {
      const TestAnswer answer = Get(fake_, next);
      EXPECT_EQ(answer.status, 200);
      for (const int64_t id : answer.Ints("id")) {
        EXPECT_TRUE(ids.insert(id).second) << id << " is listed twice";
      }
      next = answer.Link("next");
    }
    return ids.size();
  }

  FakeGitHub fake_;
};

TEST_F(RealCorpusTest, AllOfItIsThere) {
  EXPECT_EQ(CountAll("/issues/comments?per_page=100"), 5197U);
  EXPECT_EQ(CountAll("/issues/comments?per_page=100&sort=updated"), 5197U);
  EXPECT_EQ(CountAll("/pulls/comments?per_page=100"), 2308U);
  // 264 numbers are known only by comments on them.
  EXPECT_EQ(CountAll("/issues?per_page=100&state=all"), 537U + 264U);
  FakeRepository& repo = fake_.repo("bitcoin-core/gui");
  EXPECT_EQ(repo.All(ItemKind::kReview).size(), 1788U);
  const int64_t last = repo.All(ItemKind::kIssueComment).back()->id;
  EXPECT_GT(repo.AddIssueComment(8, "mona", "new"), last);
}

}  // namespace
}  // namespace mentiond::fake_github
