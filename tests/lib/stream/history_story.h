// A random story of a repository and a subscriber: descriptions, comments and
// reviews appear, change and disappear, GitHub fails now and then, and the
// stream is interrupted and resumed elsewhere with the last resume token. At
// the end, what was delivered is compared with what there was to deliver.

#ifndef MENTIOND_TESTS_LIB_STREAM_HISTORY_STORY_H_
#define MENTIOND_TESTS_LIB_STREAM_HISTORY_STORY_H_

#include <cstdint>
#include <iosfwd>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "asio/io_context.hpp"

#include "tests/fake_github/fake_github.h"
#include "tests/fakes/fake_clock.h"
#include "tests/graphql/schema_check.h"

namespace mentiond {

enum class Happening : uint8_t {
  kPull,           // a pull request is opened
  kComment,        // a conversation comment
  kReviewComment,  // a comment on the diff
  kReview,
  kEdit,  // of a body that mentions the user, or did, or will
  kDelete,
  kBurst,  // many comments in one second
  kLate,   // a comment that becomes visible after its time
  kFault,  // some requests fail
  kPoll,
  kRead,   // the subscriber reads some responses
  kBreak,  // the stream is interrupted and resumed with the last token read
};

// One step; what the numbers mean depends on what happens.
struct Step {
  Happening what = Happening::kPoll;
  uint32_t a = 0;
  uint32_t b = 0;
  bool mentions = false;
};
std::ostream& operator<<(std::ostream& out, const Step& step);

// Whose mentions the subscriber wants.
enum class Whom : uint8_t { kUser, kTeam, kAnyone };

struct StoryOptions {
  // See PollerEnvironment.
  int full_poll_every = 5;
  uint16_t phase = 0;
  // The history is read through the search index.
  bool by_search = false;
  Whom whom = Whom::kUser;
  // But not those by bots, who write a third of everything.
  bool skip_bots = false;
  // Issues, too, which are half of what is opened.
  bool issues = false;
};

// GraphQL queries, one of each shape, and their responses.
using Exchanges = std::map<std::string, GraphQlExchange>;

class HistoryStory {
 public:
  // What is exchanged is added to `exchanges`.
  HistoryStory(StoryOptions options, Exchanges& exchanges);
  ~HistoryStory();
  HistoryStory(const HistoryStory&) = delete;
  HistoryStory& operator=(const HistoryStory&) = delete;

  // What happened in `past` did so long before the stream was opened.
  void Run(const std::vector<Step>& past, const std::vector<Step>& steps);

  // After Run: the bodies of all mentions there were, and of those delivered.
  // Each version has a body of its own.
  const std::multiset<std::string>& expected() const { return expected_; }
  const std::multiset<std::string>& delivered() const { return delivered_; }
  // The longest token there was.
  size_t longest_token() const { return longest_token_; }

 private:
  struct Text {
    Happening kind;
    int64_t id;
    std::string author;
  };
  void Edit(const Text& text, const std::string& body, bool shown);
  void Delete(const Text& text);
  void Burst(const Step& step, int64_t pull, const std::string& author);
  void Fail(const Step& step);
  // A server of its own, and a stream on it.
  struct Server;

  void Take(const Step& step);
  void Open();
  void Close();
  void Poll();
  void Settle();
  void Read(size_t count);
  std::string NewBody(bool mentions, const std::string& author);
  void Add(Happening kind, int64_t id, const std::string& author);

  asio::io_context loop_;
  FakeClock clock_;
  FakeGitHub github_;
  FakeRepository& repo_;
  const StoryOptions options_;
  Exchanges& exchanges_;
  std::unique_ptr<Server> server_;

  std::vector<int64_t> pulls_;  // and issues
  std::set<int64_t> issues_;
  std::vector<Text> texts_;
  int bodies_ = 0;
  std::string token_;
  size_t longest_token_ = 0;
  std::multiset<std::string> expected_;
  std::multiset<std::string> delivered_;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_STREAM_HISTORY_STORY_H_
