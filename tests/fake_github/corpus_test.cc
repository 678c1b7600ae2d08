#include "tests/fake_github/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "tests/fake_github/gzip.h"
#include "tests/fake_github/test_client.h"
#include "tests/shared_data.h"

namespace mentiond::fake_github {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A directory that is gone when the test is over.
class Directory {
 public:
  Directory() {
    const char* root = std::getenv("TEST_TMPDIR");
    std::string pattern =
        absl::StrCat(root == nullptr ? "/tmp" : root, "/corpus.XXXXXX");
    path_ = mkdtemp(pattern.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << Gzip(text);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr char kPull[] =
    R"({"id":70,"number":4,"state":"open","title":"T",)"
    R"("created_at":"2020-01-01T00:00:00Z","updated_at":"2020-01-02T00:00:00Z",)"
    R"("user":{"login":"mona"},"comments":1,"head":{"sha":"abc"},)"
    R"("base":{"sha":"def","repo":{"id":9,"full_name":"octo/small"}}})";

constexpr char kComment[] =
    R"({"id":71,"issue_url":"https://api.github.com/repos/octo/small/issues/5",)"
    R"("created_at":"2020-01-03T00:00:00Z","updated_at":"2020-01-04T00:00:00Z",)"
    R"("user":null,"body":"c"})";

TEST(CorpusTest, LoadsWhatAnExportHolds) {
  const Directory directory;
  directory.Write("pulls.jsonl.gz", absl::StrCat(kPull, "\n"));
  directory.Write("issue_comments.jsonl.gz", kComment);
  directory.Write("review_comments.jsonl.gz", "");
  directory.Write("reviews.jsonl.gz", "\n\n");
  FakeGitHub fake;
  ASSERT_TRUE(fake.Start().ok());

  const absl::StatusOr<std::string> loaded = fake.LoadCorpus(directory.path());

  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(*loaded, "octo/small");
  TestClient client(fake, "secret");
  EXPECT_EQ(client.Get("/repositories/9/issues/comments").body,
            absl::StrCat("[", kComment, "]"));
  const TestAnswer issues =
      client.Get("/repos/octo/small/issues?state=all&direction=asc");
  EXPECT_THAT(issues.Ints("number"), ElementsAre(4, 5));
  EXPECT_EQ(issues.Ints("id")[0], 70) << "the pull request's own id";
  EXPECT_TRUE(issues.json[0]["body"].IsNull()) << "the export leaves it out";
  EXPECT_EQ(issues.Texts("updated_at")[1], "2020-01-04T00:00:00Z");
  EXPECT_TRUE(issues.json[1]["body"].IsNull());
  EXPECT_EQ(client.Get("/repos/octo/small/pulls/4/reviews").body, "[]");
}

TEST(CorpusTest, SaysWhichLineIsWrong) {
  const Directory directory;
  FakeGitHub fake;
  EXPECT_TRUE(absl::IsNotFound(fake.LoadCorpus(directory.path()).status()));

  directory.Write("pulls.jsonl.gz", absl::StrCat(kPull, "\n{\"id\":3}\n"));
  const absl::Status wrong = fake.LoadCorpus(directory.path()).status();
  EXPECT_TRUE(absl::IsInvalidArgument(wrong));
  EXPECT_THAT(std::string(wrong.message()), HasSubstr("line 2"));

  directory.Write("pulls.jsonl.gz", "");
  EXPECT_FALSE(fake.LoadCorpus(directory.path()).ok());

  std::ofstream(directory.path() + "/pulls.jsonl.gz", std::ios::binary)
      << Gzip(kPull).substr(0, 60);
  EXPECT_TRUE(absl::IsDataLoss(fake.LoadCorpus(directory.path()).status()));
}

class RealCorpusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto corpus = SharedPath("corpus/bitcoin-core-gui");
    if (!corpus.has_value()) {
      GTEST_SKIP() << "../shared/corpus is absent: nothing real to serve";
    }
    const absl::StatusOr<std::string> loaded = fake_.LoadCorpus(*corpus);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ASSERT_EQ(*loaded, "bitcoin-core/gui");
    ASSERT_TRUE(fake_.Start().ok());
  }

  // The ids on all pages from `target` on, each of which must be new.
  std::set<int64_t> AllIds(const std::string& target) {
    TestClient client(fake_, "secret");
    std::set<int64_t> ids;
    for (std::string next = target; !next.empty();) {
      const TestAnswer answer = client.Get(next);
      EXPECT_EQ(answer.status, 200);
      for (const int64_t id : answer.Ints("id")) {
        EXPECT_TRUE(ids.insert(id).second) << id << " is listed twice";
      }
      next = answer.Link("next");
    }
    return ids;
  }

  FakeGitHub fake_;
};

TEST_F(RealCorpusTest, AllOfItCanBeListed) {
  const std::string repo = "/repos/bitcoin-core/gui";

  EXPECT_EQ(AllIds(repo + "/issues/comments?per_page=100").size(), 5197u);
  EXPECT_EQ(AllIds(repo + "/issues/comments?per_page=100&sort=updated").size(),
            5197u);
  EXPECT_EQ(AllIds(repo + "/pulls/comments?per_page=100").size(), 2308u);
  EXPECT_EQ(AllIds(repo + "/pulls?per_page=100&state=all").size(), 537u);
  // 264 numbers are known only by comments on them.
  EXPECT_EQ(AllIds(repo + "/issues?per_page=100&state=all").size(),
            537u + 264u);
  size_t reviews = 0;
  for (const ItemPtr& item :
       fake_.repo("bitcoin-core/gui").All(ItemKind::kIssue)) {
    if (!item->is_pull) continue;
    reviews += AllIds(absl::StrCat(repo, "/pulls/", item->number,
                                   "/reviews?per_page=100"))
                   .size();
  }
  EXPECT_EQ(reviews, 1788u);
}

TEST_F(RealCorpusTest, RealNullsAreServed) {
  TestClient client(fake_, "secret");
  int null_users = 0;
  int null_lines = 0;
  for (std::string next = "/repos/bitcoin-core/gui/pulls/comments?per_page=100";
       !next.empty();) {
    const TestAnswer answer = client.Get(next);
    for (const auto& comment : answer.json.GetArray()) {
      null_users += comment["user"].IsNull() ? 1 : 0;
      null_lines += comment["line"].IsNull() ? 1 : 0;
    }
    next = answer.Link("next");
  }
  EXPECT_EQ(null_users, 20);
  EXPECT_EQ(null_lines, 1411);
}

TEST_F(RealCorpusTest, NewItemsComeAfterTheRealOnes) {
  FakeRepository& repo = fake_.repo("bitcoin-core/gui");
  const int64_t last = repo.All(ItemKind::kIssueComment).back()->id;

  EXPECT_GT(repo.AddIssueComment(8, "mona", "new"), last);
}

}  // namespace
}  // namespace mentiond::fake_github
