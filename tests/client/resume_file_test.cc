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
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "token").string();
  }

  void Put(const std::string& content) { std::ofstream(path_) << content; }

  std::string Content() {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  int FilesInFolder() {
    return static_cast<int>(
        std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(ResumeFileTest, WhereNothingWasKeptThereIsNoToken) {
  EXPECT_EQ(*ResumeFile(path_).Read(), "");
  Put("");
  EXPECT_EQ(*ResumeFile(path_).Read(), "");
  Put("\n");
  EXPECT_EQ(*ResumeFile(path_).Read(), "");
}

TEST_F(ResumeFileTest, TheLastTokenIsThereInTheNextRun) {
  ResumeFile file(path_);
  ASSERT_TRUE(file.Keep("first").ok());
  ASSERT_TRUE(file.Keep("second").ok());
  EXPECT_EQ(*ResumeFile(path_).Read(), "second");
  EXPECT_EQ(Content(), "second\n");
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(ResumeFileTest, OnlyItsOwnerMayReadIt) {
  ASSERT_TRUE(ResumeFile(path_).Keep("token").ok());
  struct stat about = {};
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(ResumeFileTest, AnEmptyTokenChangesNothing) {
  ASSERT_TRUE(ResumeFile(path_).Keep("").ok());
  EXPECT_EQ(FilesInFolder(), 0);
  Put("old\n");
  ASSERT_TRUE(ResumeFile(path_).Keep("").ok());
  EXPECT_EQ(Content(), "old\n");
  // Nor after one that was kept: not every event carries a token.
  ResumeFile file(path_);
  ASSERT_TRUE(file.Keep("new").ok());
  ASSERT_TRUE(file.Keep("").ok());
  EXPECT_EQ(Content(), "new\n");
}

TEST_F(ResumeFileTest, TheFileIsReplacedAndNotWrittenInto) {
  // Given somebody who has the old file open,
  Put("old\n");
  std::ifstream reader(path_);
  // when a new token is kept,
  ASSERT_TRUE(ResumeFile(path_).Keep("new").ok());
  // then the old one is still whole for them.
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old\n");
  EXPECT_EQ(Content(), "new\n");
}

TEST_F(ResumeFileTest, RefusesWhatCannotBeAToken) {
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
  EXPECT_EQ(ResumeFile(path_).Keep("two\nlines").code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ResumeFileTest, SaysWhatFailed) {
  const absl::Status status =
      ResumeFile((folder_ / "no" / "token").string()).Keep("token");
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("/no/token"));
  EXPECT_FALSE(ResumeFile(folder_.string()).Read().ok());
  // A folder cannot be replaced; nothing may be left beside it.
  EXPECT_FALSE(ResumeFile(folder_.string()).Keep("token").ok());
  EXPECT_FALSE(std::filesystem::exists(folder_.string() + ".new"));
}

TEST_F(ResumeFileTest, WhatIsPreparedCountsWhenItIsCommitted) {
  {
    ResumeFile file(path_);
    ASSERT_TRUE(file.Keep("first").ok());
    ASSERT_TRUE(file.Prepare("second").ok());
    EXPECT_EQ(Content(), "first\n");
    EXPECT_EQ(file.kept(), "first");
    // Another one takes its place,
    ASSERT_TRUE(file.Prepare("third").ok());
    ASSERT_TRUE(file.Commit().ok());
    EXPECT_EQ(Content(), "third\n");
    EXPECT_EQ(file.kept(), "third");
    // and there is nothing more to commit.
    ASSERT_TRUE(file.Commit().ok());
    ASSERT_TRUE(file.Prepare("fourth").ok());
  }
  EXPECT_EQ(*ResumeFile(path_).Read(), "third");
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(ResumeFileTest, WhatAKilledRunHasLeftBesideIsReplaced) {
  std::ofstream(path_ + ".new") << "half a tok";
  ASSERT_TRUE(ResumeFile(path_).Keep("token").ok());
  EXPECT_EQ(Content(), "token\n");
  EXPECT_EQ(FilesInFolder(), 1);
}

}  // namespace
}  // namespace mentiond
