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

#include "tests/temp_directory.h"

namespace mentiond::terminal {
namespace {

using ::testing::HasSubstr;

const absl::Time kToday = absl::FromUnixSeconds(1'700'000'000);

class ResumeFileTest : public testing::Test {
 protected:
  // The file as another run sees it.
  std::unique_ptr<ResumeFile> Open(const std::vector<std::string>& repos = {
                                       "o/r"}) {
    auto file = std::make_unique<ResumeFile>(path_, repos);
    EXPECT_EQ(file->Read(), absl::OkStatus());
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
  long FilesInDirectory() {
    return std::distance(std::filesystem::directory_iterator(directory_.path()),
                         {});
  }

  const TempDirectory directory_;
  std::string path_ = directory_ / "token";
};

TEST_F(ResumeFileTest, HasTheLastTokenInTheNextRun) {
  EXPECT_EQ(Open()->token(0), "") << "no file";
  for (const char* content : {"", "\n"}) {
    Put(content);
    EXPECT_EQ(Open()->token(0), "");
  }
  // Given what is left of a run that was killed, and a reader of the old file,
  Put("old\n");
  std::ofstream(path_ + ".new") << "half a tok";
  std::ifstream reader(path_);
  // when tokens are saved, although not every event has one,
  const auto file = Open();
  for (const char* token : {"first", "second", ""}) {
    EXPECT_EQ(Save(*file, token), absl::OkStatus());
  }
  EXPECT_EQ(file->Note(0, "", kToday), absl::OkStatus());
  // then the file is another one, which only its owner can read.
  EXPECT_EQ(Open()->token(0), "second");
  EXPECT_EQ(Content(), "second\n");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old\n");
  EXPECT_EQ(FilesInDirectory(), 1);
  struct stat about = {};
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(ResumeFileTest, KeepsTheTokensOfSeveralRepositories) {
  const auto file = Open({"o/a", "O/B", "o/c"});
  ASSERT_TRUE(Save(*file, "").ok());
  EXPECT_EQ(FilesInDirectory(), 0) << "nothing to save";
  ASSERT_TRUE(Save(*file, "token-a", 0).ok());
  ASSERT_TRUE(Save(*file, "token-b", 1).ok());
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

TEST_F(ResumeFileTest, RejectsWhatAreNotTokens) {
  const std::string wrong[] = {"two\nlines",
                               "t\xc3\xb6ken",
                               "a\x1b[2J",
                               std::string(4097, 'x'),
                               "o/r ",
                               "o/r a\no/r b",
                               std::string(50 << 20, 'x')};
  for (const std::string& content : wrong) {
    Put(content);
    const absl::Status read = ResumeFile(path_, {"o/r"}).Read();
    EXPECT_EQ(read.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(read.message()), HasSubstr(path_));
  }
  Put(std::string(4096, 'x') + "\n");
  EXPECT_EQ(Open()->token(0).size(), 4096u);
  EXPECT_EQ(Save("two\nlines").code(), absl::StatusCode::kInvalidArgument);
  // One whose repository is not known.
  EXPECT_THAT(std::string(ResumeFile(path_, {"o/a", "o/b"}).Read().message()),
              HasSubstr("the token of a single repository"));
}

TEST_F(ResumeFileTest, ReportsErrors) {
  path_ = directory_ / "no/token";
  EXPECT_THAT(std::string(Save("token").message()), HasSubstr("/no/token"));
  path_ = directory_.path();
  EXPECT_FALSE(ResumeFile(path_, {"o/r"}).Read().ok());
  // A directory cannot be replaced; the temporary file must not be left behind.
  EXPECT_FALSE(Save("token").ok());
  EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_F(ResumeFileTest, SavesAPreparedTokenOnCommit) {
  auto file = Open();
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
  // What was not committed stands for what was not printed.
  ASSERT_TRUE(file->Prepare(0, "fourth").ok());
  ASSERT_TRUE(file->Flush().ok());
  file.reset();
  EXPECT_EQ(Content(), "third\n");
  EXPECT_EQ(FilesInDirectory(), 1);
}

TEST_F(ResumeFileTest, SavesANotedTokenWithTheNextOneOrAfterTenSeconds) {
  const auto file = Open({"o/a", "o/b"});
  const auto note = [&](size_t repo, const char* token, int seconds) {
    EXPECT_TRUE(file->Note(repo, token, kToday + absl::Seconds(seconds)).ok());
    return Content();
  };
  EXPECT_EQ(note(0, "a1", 0), "o/a a1\n");
  EXPECT_EQ(note(0, "a2", 9), "o/a a1\n");
  ASSERT_TRUE(Save(*file, "b1", 1).ok());
  EXPECT_EQ(Content(), "o/a a2\no/b b1\n");
  EXPECT_EQ(note(0, "a3", 9), "o/a a2\no/b b1\n");
  EXPECT_EQ(note(1, "b2", 10), "o/a a3\no/b b2\n");
  EXPECT_EQ(note(0, "a4", 11), "o/a a3\no/b b2\n");
  ASSERT_TRUE(file->Flush().ok());
  EXPECT_EQ(Content(), "o/a a4\no/b b2\n");
}

}  // namespace
}  // namespace mentiond::terminal
