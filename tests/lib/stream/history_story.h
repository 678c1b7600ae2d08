// A random story of a repository and a subscriber: descriptions, comments and
// reviews appear, change and disappear, GitHub fails now and then, and the
// stream is interrupted and resumed elsewhere with the last resume token. At
// the end, what was delivered is compared with what there was to deliver.

#ifndef MENTIOND_TESTS_LIB_STREAM_HISTORY_STORY_H_
#define MENTIOND_TESTS_LIB_STREAM_HISTORY_STORY_H_

#include <cstdint>
#include <iosfwd>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/graphql/schema_check.h"

namespace mentiond {

enum class Happening : uint8_t {
  kPull,           // a pull request is opened
  kComment,        // a conversation comment
  kReviewComment,  // a comment on the diff
  kReview,
  kBurst,  // many comments in one second
  kLate,   // a comment that becomes visible after its time
  kFault,  // some requests fail; what follows cannot happen in the past
  kEdit,   // of a body that mentions the user, or did, or will
  kDelete,
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

// How a story ended. Each version has a body of its own.
struct Told {
  std::multiset<std::string> expected;  // the bodies of all mentions
  std::multiset<std::string> delivered;
  bool synced_too_early = false;  // before the past was delivered
  size_t longest_token = 0;
};

// What happened in `past` did so long before the stream was opened. What is
// exchanged by GraphQL is added to `exchanges`.
Told TellStory(const StoryOptions& options, const std::vector<Step>& past,
               const std::vector<Step>& steps, Exchanges& exchanges);

}  // namespace mentiond

#endif  // MENTIOND_TESTS_LIB_STREAM_HISTORY_STORY_H_
