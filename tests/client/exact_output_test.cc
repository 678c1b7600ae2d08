#include "client/exact_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace mentiond {
namespace {

// Stops writing after a given number of bytes, like a program that is killed.
class CutSink : public Sink {
 public:
  explicit CutSink(int fd) : fd_(fd) {}

  absl::Status Write(std::string_view bytes) override {
    const size_t piece = std::min(bytes.size(), left_);
    EXPECT_EQ(write(fd_, bytes.data(), piece), static_cast<ssize_t>(piece));
    return is_cut_ ? absl::AbortedError("killed") : absl::OkStatus();
  }

  void CutAfter(size_t bytes) {
    is_cut_ = true;
    left_ = bytes;
  }

 private:
  const int fd_;
  bool is_cut_ = false;
  size_t left_ = size_t{1} << 30;
};

class ExactOutputTest : public testing::Test {
 protected:
  ExactOutputTest() {
    const std::filesystem::path directory =
        std::filesystem::path(testing::TempDir()) /
        testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
    out_path_ = (directory / "out").string();
    resume_path_ = (directory / "token").string();
  }

  ~ExactOutputTest() override { Kill(); }

  // Kills the current run, if any, and starts a new one.
  ExactOutput& Start(int flags = O_WRONLY | O_CREAT | O_APPEND) {
    Kill();
    fd_ = open(out_path_.c_str(), flags | O_CLOEXEC, 0600);
    EXPECT_GE(fd_, 0);
    sink_ = std::make_unique<CutSink>(fd_);
    run_ = std::make_unique<ExactOutput>(*sink_, fd_, resume_path_);
    return *run_;
  }

  void Kill() {
    run_.reset();
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  static void Print(ExactOutput& run, const std::string& token,
                    const std::string& text) {
    ASSERT_TRUE(run.Begin(token).ok());
    ASSERT_TRUE(run.Write(text).ok());
    ASSERT_TRUE(run.Commit().ok());
  }

  // Prints the event until it is killed: after so many bytes of it, and before
  // its token is saved.
  void PrintAndDie(ExactOutput& run, const std::string& token,
                   const std::string& text, size_t bytes) {
    ASSERT_TRUE(run.Begin(token).ok());
    sink_->CutAfter(bytes);
    EXPECT_TRUE(absl::IsAborted(run.Write(text)));
  }

  static std::string ContentOf(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string Out() { return ContentOf(out_path_); }
  std::string TokenFile() { return ContentOf(resume_path_); }

  std::string out_path_;
  std::string resume_path_;
  int fd_ = -1;
  std::unique_ptr<CutSink> sink_;
  std::unique_ptr<ExactOutput> run_;
};

TEST_F(ExactOutputTest, PrintsEventsAndSavesTheirTokens) {
  ExactOutput& run = Start();
  EXPECT_EQ(*run.Recover(), "");
  Print(run, "t1", "one\n");
  Print(run, "t2", "two\n");
  EXPECT_EQ(Out(), "one\ntwo\n");
  EXPECT_EQ(TokenFile(), "t2\n");
  // An event that prints nothing has a token, too.
  ASSERT_TRUE(run.Begin("t3").ok());
  ASSERT_TRUE(run.Commit().ok());
  EXPECT_EQ(TokenFile(), "t3\n");
  EXPECT_EQ(*Start().Recover(), "t3");
  EXPECT_EQ(Out(), "one\ntwo\n");
}

TEST_F(ExactOutputTest, PrintsTheEventOnceWhereverItIsKilled) {
  const std::string text = "two, in some words\n";
  for (size_t bytes = 0; bytes <= text.size(); ++bytes) {
    std::filesystem::remove(out_path_);
    std::filesystem::remove(resume_path_);
    Print(Start(), "t1", "one\n");
    PrintAndDie(*run_, "t2", text, bytes);
    // Resuming from the token delivers the event again only if needed.
    ExactOutput& next = Start();
    const auto token = next.Recover();
    ASSERT_TRUE(token.ok()) << token.status();
    if (*token == "t1") Print(next, "t2", text);
    Print(next, "t3", "three\n");
    EXPECT_EQ(Out(), "one\n" + text + "three\n") << "after " << bytes;
    EXPECT_EQ(TokenFile(), "t3\n");
    EXPECT_EQ(*token, bytes == 0 ? "t1" : "t2");
  }
}

TEST_F(ExactOutputTest, ToleratesOutputOfOtherPrograms) {
  Print(Start(), "t1", "one\n");
  PrintAndDie(*run_, "t2", "two\n", 4);
  std::ofstream(out_path_, std::ios::app) << "killed\nstarted again\n";
  EXPECT_EQ(*Start().Recover(), "t2");
  EXPECT_EQ(Out(), "one\ntwo\nkilled\nstarted again\n");

  // If other output follows part of an event, the whole event is printed again.
  PrintAndDie(*run_, "t3", "three\n", 2);
  std::ofstream(out_path_, std::ios::app) << "\nkilled\n";
  EXPECT_EQ(*Start().Recover(), "t2");
}

TEST_F(ExactOutputTest, PrintsTheEventAgainIfTheOutputFileWasReplaced) {
  Print(Start(), "t1", "one\n");
  PrintAndDie(*run_, "t2", "two\n", 4);
  std::filesystem::rename(out_path_, out_path_ + ".1");
  EXPECT_EQ(*Start().Recover(), "t1") << "the log was rotated";

  PrintAndDie(*run_, "t2", "two\n", 4);
  EXPECT_EQ(*Start(O_WRONLY | O_TRUNC).Recover(), "t1") << "it was truncated";
}

TEST_F(ExactOutputTest, IgnoresTheRecordIfTheResumeFileWasChanged) {
  Print(Start(), "t1", "one\n");
  PrintAndDie(*run_, "t2", "two\n", 4);
  std::ofstream(resume_path_) << "other\n";
  EXPECT_EQ(*Start().Recover(), "other");
  std::filesystem::remove(resume_path_);
  EXPECT_EQ(*Start().Recover(), "");
}

TEST_F(ExactOutputTest, StartsFromTheBeginningIfTheResumeFileWasDeleted) {
  // Even if the record is of the first event, which has no token before it.
  Print(Start(), "t1", "one\n");
  std::filesystem::remove(resume_path_);
  EXPECT_EQ(*Start().Recover(), "");
}

TEST_F(ExactOutputTest, IgnoresAnInvalidRecord) {
  for (const std::string& record :
       {std::string(), std::string("nonsense"), std::string(1000, '\0')}) {
    Print(Start(), "t1", "one\n");
    std::ofstream(resume_path_ + ".pending") << record;
    EXPECT_EQ(*Start().Recover(), "t1");
  }
}

TEST_F(ExactOutputTest, WritesNoRecordForAPipe) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  CutSink sink(ends[1]);
  ExactOutput run(sink, ends[1], resume_path_);
  EXPECT_EQ(*run.Recover(), "");
  Print(run, "t1", "one\n");
  EXPECT_EQ(TokenFile(), "t1\n");
  EXPECT_FALSE(std::filesystem::exists(resume_path_ + ".pending"));
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace mentiond
