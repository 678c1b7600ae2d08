#include "client/resume_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace mentiond {
namespace {

class ResumeFileTest : public testing::Test {
 protected:
  ResumeFileTest() {
    directory_ = std::filesystem::path(testing::TempDir()) /
                 testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    path_ = (directory_ / "token").string();
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

TEST_F(ResumeFileTest, ReturnsAnEmptyTokenIfNothingWasSaved) {
  EXPECT_EQ(*ResumeFile(path_).Read(), "");
  Put("");
  EXPECT_EQ(*ResumeFile(path_).Read(), "");
  Put("\n");
  EXPECT_EQ(*ResumeFile(path_).Read(), "");
}

TEST_F(ResumeFileTest, ReturnsTheLastTokenInTheNextRun) {
  ResumeFile file(path_);
  ASSERT_TRUE(file.Save("first").ok());
  ASSERT_TRUE(file.Save("second").ok());
  EXPECT_EQ(*ResumeFile(path_).Read(), "second");
  EXPECT_EQ(Content(), "second\n");
  EXPECT_EQ(FilesInDirectory(), 1);
}

TEST_F(ResumeFileTest, IsReadableOnlyByItsOwner) {
  ASSERT_TRUE(ResumeFile(path_).Save("token").ok());
  struct stat about = {};
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(ResumeFileTest, IgnoresAnEmptyToken) {
  ASSERT_TRUE(ResumeFile(path_).Save("").ok());
  EXPECT_EQ(FilesInDirectory(), 0);
  Put("old\n");
  ASSERT_TRUE(ResumeFile(path_).Save("").ok());
  EXPECT_EQ(Content(), "old\n");
  // Also after a token was saved: not every event has one.
  ResumeFile file(path_);
  ASSERT_TRUE(file.Save("new").ok());
  ASSERT_TRUE(file.Save("").ok());
  EXPECT_EQ(Content(), "new\n");
}

TEST_F(ResumeFileTest, ReplacesTheFileAtomically) {
  // Given a reader that has the old file open,
  Put("old\n");
  std::ifstream reader(path_);
  // when a new token is saved,
  ASSERT_TRUE(ResumeFile(path_).Save("new").ok());
  // then that reader still sees the old content.
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old\n");
  EXPECT_EQ(Content(), "new\n");
}

TEST_F(ResumeFileTest, RejectsInvalidTokens) {
  for (const std::string& content :
       {std::string("two\nlines"), std::string("t\xc3\xb6ken"),
        std::string("a\x1b[2J"), std::string(4097, 'x'),
        std::string(1 << 20, 'x')}) {
    Put(content);
    const auto token = ResumeFile(path_).Read();
    EXPECT_EQ(token.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(token.status().message()),
                testing::HasSubstr(path_));
  }
  Put(std::string(4096, 'x') + "\n");
  EXPECT_EQ(ResumeFile(path_).Read()->size(), 4096u);
  EXPECT_EQ(ResumeFile(path_).Save("two\nlines").code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ResumeFileTest, ReportsErrors) {
  const absl::Status status =
      ResumeFile((directory_ / "no" / "token").string()).Save("token");
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("/no/token"));
  EXPECT_FALSE(ResumeFile(directory_.string()).Read().ok());
  // A directory cannot be replaced; the temporary file must not be left behind.
  EXPECT_FALSE(ResumeFile(directory_.string()).Save("token").ok());
  EXPECT_FALSE(std::filesystem::exists(directory_.string() + ".new"));
}

TEST_F(ResumeFileTest, SavesAPreparedTokenOnCommit) {
  {
    ResumeFile file(path_);
    ASSERT_TRUE(file.Save("first").ok());
    ASSERT_TRUE(file.Prepare("second").ok());
    EXPECT_EQ(Content(), "first\n");
    EXPECT_EQ(file.saved(), "first");
    // A token that is prepared later replaces it,
    ASSERT_TRUE(file.Prepare("third").ok());
    ASSERT_TRUE(file.Commit().ok());
    EXPECT_EQ(Content(), "third\n");
    EXPECT_EQ(file.saved(), "third");
    // and a second commit does nothing.
    ASSERT_TRUE(file.Commit().ok());
    ASSERT_TRUE(file.Prepare("fourth").ok());
  }
  EXPECT_EQ(*ResumeFile(path_).Read(), "third");
  EXPECT_EQ(FilesInDirectory(), 1);
}

TEST_F(ResumeFileTest, ReplacesATemporaryFileOfAKilledRun) {
  std::ofstream(path_ + ".new") << "half a tok";
  ASSERT_TRUE(ResumeFile(path_).Save("token").ok());
  EXPECT_EQ(Content(), "token\n");
  EXPECT_EQ(FilesInDirectory(), 1);
}

}  // namespace
}  // namespace mentiond
