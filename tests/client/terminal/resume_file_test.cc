#include "client/terminal/resume_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace mentiond::terminal {
namespace {

using ::testing::HasSubstr;

const absl::Time kToday = absl::FromUnixSeconds(1'700'000'000);

class ResumeFileTest : public testing::Test {
 protected:
  ResumeFileTest() {
    directory_ = std::filesystem::path(testing::TempDir()) /
                 testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    path_ = (directory_ / "token").string();
  }

  // The file as another run sees it.
  std::unique_ptr<ResumeFile> Open(const std::vector<std::string>& repos = {
                                       "o/r"}) {
    auto file = std::make_unique<ResumeFile>(path_, repos);
    EXPECT_TRUE(file->Read().ok());
    return file;
  }

  static absl::Status Save(ResumeFile& file, const std::string& token,
                           size_t repo = 0) {
    const absl::Status status = file.Prepare(repo, token);
    return status.ok() ? file.Commit() : status;
  }
  absl::Status Save(const std::string& token) {
    ResumeFile file(path_, {"o/r"});
    return Save(file, token);
  }

  void Put(const std::string& content) { std::ofstream(path_) << content; }

  std::string Content() {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  int FilesInDirectory() {
    return static_cast<int>(
        std::distance(std::filesystem::directory_iterator(directory_), {}));
  }

  std::filesystem::path directory_;
  std::string path_;
};

TEST_F(ResumeFileTest, HasNoTokenIfNothingWasSaved) {
  EXPECT_EQ(Open()->token(0), "");
  for (const char* content : {"", "\n"}) {
    Put(content);
    EXPECT_EQ(Open()->token(0), "");
  }
}

TEST_F(ResumeFileTest, HasTheLastTokenInTheNextRun) {
  const auto file = Open();
  ASSERT_TRUE(Save(*file, "first").ok());
  ASSERT_TRUE(Save(*file, "second").ok());
  EXPECT_EQ(Open()->token(0), "second");
  EXPECT_EQ(Content(), "second\n");
  EXPECT_EQ(FilesInDirectory(), 1);
}

TEST_F(ResumeFileTest, KeepsTheTokensOfSeveralRepositories) {
  {
    const auto file = Open({"o/a", "O/B", "o/c"});
    ASSERT_TRUE(Save(*file, "token-a", 0).ok());
    ASSERT_TRUE(Save(*file, "token-b", 1).ok());
  }
  EXPECT_EQ(Content(), "o/a token-a\no/b token-b\n");
  // Whatever their case and order, and also for one of them,
  const auto one = Open({"o/B"});
  EXPECT_EQ(one->token(0), "token-b");
  // which leaves those of the others as they are.
  ASSERT_TRUE(Save(*one, "token-b2").ok());
  const auto all = Open({"o/c", "o/b", "o/a"});
  EXPECT_EQ(all->token(0), "");
  EXPECT_EQ(all->token(1), "token-b2");
  EXPECT_EQ(all->token(2), "token-a");
}

TEST_F(ResumeFileTest, RejectsATokenOfWhichTheRepositoryIsNotKnown) {
  Put("token\n");
  ResumeFile file(path_, {"o/a", "o/b"});
  EXPECT_THAT(std::string(file.Read().message()),
              HasSubstr("the token of a single repository"));
}

TEST_F(ResumeFileTest, IsReadableOnlyByItsOwner) {
  ASSERT_TRUE(Save("token").ok());
  struct stat about = {};
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(ResumeFileTest, IgnoresAnEmptyToken) {
  ASSERT_TRUE(Save("").ok());
  EXPECT_EQ(FilesInDirectory(), 0);
  // Also after a token was saved: not every event has one.
  const auto file = Open();
  ASSERT_TRUE(Save(*file, "new").ok());
  ASSERT_TRUE(Save(*file, "").ok());
  ASSERT_TRUE(file->Note(0, "", kToday).ok());
  EXPECT_EQ(Content(), "new\n");
}

TEST_F(ResumeFileTest, ReplacesTheFileAtomically) {
  // Given a reader that has the old file open,
  Put("old\n");
  std::ifstream reader(path_);
  // when a new token is saved,
  ASSERT_TRUE(Save("new").ok());
  // then that reader still sees the old content.
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old\n");
  EXPECT_EQ(Content(), "new\n");
}

TEST_F(ResumeFileTest, RejectsInvalidTokens) {
  for (const std::string& content :
       {std::string("two\nlines"), std::string("t\xc3\xb6ken"),
        std::string("a\x1b[2J"), std::string(4097, 'x'), std::string("o/r "),
        std::string("o/r a\no/r b"), std::string(50 << 20, 'x')}) {
    Put(content);
    ResumeFile file(path_, {"o/r"});
    const absl::Status read = file.Read();
    EXPECT_EQ(read.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(read.message()), HasSubstr(path_));
  }
  Put(std::string(4096, 'x') + "\n");
  EXPECT_EQ(Open()->token(0).size(), 4096u);
  EXPECT_EQ(Save("two\nlines").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ResumeFileTest, ReportsErrors) {
  path_ = (directory_ / "no" / "token").string();
  EXPECT_THAT(std::string(Save("token").message()), HasSubstr("/no/token"));
  path_ = directory_.string();
  EXPECT_FALSE(ResumeFile(path_, {"o/r"}).Read().ok());
  // A directory cannot be replaced; the temporary file must not be left behind.
  EXPECT_FALSE(Save("token").ok());
  EXPECT_FALSE(std::filesystem::exists(directory_.string() + ".new"));
}

TEST_F(ResumeFileTest, SavesAPreparedTokenOnCommit) {
  {
    const auto file = Open();
    ASSERT_TRUE(Save(*file, "first").ok());
    ASSERT_TRUE(file->Prepare(0, "second").ok());
    EXPECT_EQ(Content(), "first\n");
    EXPECT_EQ(file->token(0), "first");
    // A token that is prepared later replaces it,
    ASSERT_TRUE(file->Prepare(0, "third").ok());
    ASSERT_TRUE(file->Commit().ok());
    EXPECT_EQ(Content(), "third\n");
    EXPECT_EQ(file->token(0), "third");
    // and a second commit does nothing.
    ASSERT_TRUE(file->Commit().ok());
    ASSERT_TRUE(file->Prepare(0, "fourth").ok());
    // What was not committed stands for what was not printed.
    ASSERT_TRUE(file->Flush().ok());
  }
  EXPECT_EQ(Open()->token(0), "third");
  EXPECT_EQ(FilesInDirectory(), 1);
}

TEST_F(ResumeFileTest, SavesANotedTokenWithTheNextOneOrAfterTenSeconds) {
  const auto file = Open({"o/a", "o/b"});
  ASSERT_TRUE(file->Note(0, "a1", kToday).ok());
  EXPECT_EQ(Content(), "o/a a1\n");
  ASSERT_TRUE(file->Note(0, "a2", kToday + absl::Seconds(9)).ok());
  EXPECT_EQ(Content(), "o/a a1\n");
  ASSERT_TRUE(Save(*file, "b1", 1).ok());
  EXPECT_EQ(Content(), "o/a a2\no/b b1\n");
  ASSERT_TRUE(file->Note(0, "a3", kToday + absl::Seconds(9)).ok());
  ASSERT_TRUE(file->Note(1, "b2", kToday + absl::Seconds(10)).ok());
  EXPECT_EQ(Content(), "o/a a3\no/b b2\n");
  ASSERT_TRUE(file->Note(0, "a4", kToday + absl::Seconds(11)).ok());
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(Content(), "o/a a4\no/b b2\n");
}

TEST_F(ResumeFileTest, ReplacesATemporaryFileOfAKilledRun) {
  std::ofstream(path_ + ".new") << "half a tok";
  ASSERT_TRUE(Save("token").ok());
  EXPECT_EQ(Content(), "token\n");
  EXPECT_EQ(FilesInDirectory(), 1);
}

}  // namespace
}  // namespace mentiond::terminal
