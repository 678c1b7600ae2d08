#include "tests/fake_github/demo.h"

#include <cstddef>
#include <iterator>
#include <vector>

namespace mentiond::fake_github {
namespace {

struct DemoPull {
  const char* author;
  const char* title;
  const char* body;
  bool open;
};

constexpr DemoPull kPulls[] = {
    {"mona", "Add a health endpoint", "Answers 200 when all is well.", false},
    {"hubot", "Bump the compiler to GCC 12",
     "Needed for coroutines.\n\ncc @octocat", false},
    {"octocat", "Retry uploads with backoff",
     "Uploads gave up after one failure.", false},
    {"mona", "Speed up the parser", "30 % fewer allocations.", true},
    {"defunkt", "Document the release steps",
     "Run `notify @octocat` at the end, as before.", true},
    {"hubot", "Update the dependencies", "Opened by a robot.", true},
    {"octocat", "Sort results by relevance", "Closes the oldest wish.", true},
    {"mona", "Fix the time zone of reports",
     "Reports were an hour off in summer.", false},
    {"defunkt", "Remove the old importer", "Nobody has used it since spring.",
     true},
    {"mona", "Limit the size of requests", "", true},
    {"hubot", "Translate the error messages", "French and Japanese first.",
     true},
    {"octocat", "Try a new colour scheme", "Draft, opinions welcome.", true},
};

enum class DemoKind { kComment, kReview, kReviewComment };

struct DemoPost {
  DemoKind kind;
  int64_t pull;
  const char* author;
  const char* body;
};

constexpr DemoPost kPosts[] = {
    {DemoKind::kComment, 1, "octocat", "Does it check the database too?"},
    {DemoKind::kComment, 1, "mona",
     "@octocat it does, with a one second limit."},
    {DemoKind::kReview, 3, "hubot", "Looks good to me, @Octocat!"},
    {DemoKind::kReviewComment, 3, "mona",
     "Jitter would help here (@octocat, what do you think?)"},
    {DemoKind::kComment, 3, "octocat", "Good point, added."},
    {DemoKind::kComment, 4, "defunkt",
     "> @octocat measured this last year\n\nDo the numbers still hold?"},
    {DemoKind::kComment, 4, "hubot",
     "The script that pings people:\n\n```sh\necho \"@octocat build is "
     "done\"\n```\n"},
    {DemoKind::kReview, 4, "defunkt", ""},
    {DemoKind::kComment, 5, "mona",
     "The address octocat@example.com no longer works."},
    {DemoKind::kReviewComment, 5, "hubot",
     "`@octocat` should be a parameter here."},
    {DemoKind::kComment, 7, "mona", "Two results tie: is the order stable?"},
    {DemoKind::kComment, 7, "defunkt",
     "| who | what |\n|---|---|\n| @octocat | the index |\n| @mona | docs |"},
    {DemoKind::kReview, 9, "mona", "Fine, once @hubot agrees."},
    {DemoKind::kComment, 9, "hubot",
     "**@octocat**: one caller is left, see #7."},
    {DemoKind::kComment, 12, "mona", "Much easier on the eyes, @octocat."},
};

struct LivePost {
  const char* author;
  const char* body;
};

constexpr LivePost kLive[] = {
    {"mona", "@octocat, this is ready for another look."},
    {"hubot", "All checks have passed."},
    {"defunkt", "I agree with @octocat here: smaller steps."},
    {"mona", "> can we ship it today?\n\nAsk @octocat."},
    {"hubot", "Merged `main` into this branch."},
    {"defunkt", "Thanks @octocat and @mona!"},
    {"hubot", "Build log:\n\n    error: @octocat is only code here\n"},
    {"mona", "Reverting this fixes it for me, @OctoCat."},
    {"defunkt", "- [ ] docs\n- [x] tests (@octocat wrote them)"},
};

}  // namespace

void FillDemo(FakeRepository& repository, absl::Time now) {
  constexpr absl::Duration kBetween = absl::Minutes(47);
  constexpr auto kSteps =
      static_cast<int64_t>(std::size(kPulls) + std::size(kPosts));
  absl::Time time = now - kSteps * kBetween;
  std::vector<int64_t> numbers;
  for (const DemoPull& pull : kPulls) {
    PullOptions options;
    options.title = pull.title;
    options.open = pull.open;
    options.created_at = time;
    numbers.push_back(repository.AddPull(pull.author, pull.body, options));
    time += kBetween;
  }
  for (const DemoPost& post : kPosts) {
    WriteOptions options;
    options.created_at = time;
    options.pull_updated_at = time;
    const int64_t number = numbers[static_cast<size_t>(post.pull - 1)];
    switch (post.kind) {
      case DemoKind::kComment:
        repository.AddIssueComment(number, post.author, post.body, options);
        break;
      case DemoKind::kReview:
        repository.AddReview(number, post.author, post.body, options);
        break;
      case DemoKind::kReviewComment:
        repository.AddReviewComment(number, post.author, post.body, options);
        break;
    }
    time += kBetween;
  }
}

void FillSecondDemo(FakeRepository& repository, absl::Time now) {
  repository.AddPull("mona", "Shorter than the old one.",
                     {.title = "Rewrite the install script",
                      .created_at = now - absl::Hours(30)});
  repository.AddPull("renovate[bot]",
                     "Update of three dependencies, for @octocat and "
                     "@octo/tools to look at.",
                     {.title = "Update the dependencies",
                      .created_at = now - absl::Hours(26)});
}

void AddDemoComment(FakeRepository& repository, int64_t step) {
  const LivePost& post = kLive[static_cast<size_t>(step) % std::size(kLive)];
  const int64_t number =
      1 + (step * 5) % static_cast<int64_t>(std::size(kPulls));
  // Now and then somebody comments on the diff instead.
  if (step % 4 == 3) {
    repository.AddReviewComment(number, post.author, post.body);
  } else {
    repository.AddIssueComment(number, post.author, post.body);
  }
}

}  // namespace mentiond::fake_github
