#include "tests/lib/stream/history_story.h"

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

#include "tests/fakes/run_loop.h"
#include "tests/lib/stream/running_poller.h"

namespace mentiond {
namespace {

constexpr char kRepo[] = "octo/demo";
// By Whom: what is subscribed to, and the beginnings of bodies that mention it
// and of others.
constexpr std::array<const char*, 3> kUsers = {"octocat", "octo/team", "*"};
constexpr std::array<const char*, 3> kMentions = {"@octocat", "@Octo/Team",
                                                  "@octo/any or @body"};
constexpr std::array<const char*, 3> kOthers = {"nobody", "@octo `@octo/team`",
                                                "some@body"};
// Settle() takes longer.
constexpr absl::Duration kFullReadInterval = absl::Minutes(4);

// What needs no listener, and takes nothing away that nobody has seen.
bool IsOfTheRepository(Happening what) {
  switch (what) {
    case Happening::kPull:
    case Happening::kComment:
    case Happening::kReviewComment:
    case Happening::kReview:
    case Happening::kBurst:
    case Happening::kLate:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Step& step) {
  constexpr const char* kNames[] = {
      "pull",  "comment", "review comment", "review", "edit", "delete",
      "burst", "late",    "fault",          "poll",   "read", "break"};
  return out << kNames[static_cast<size_t>(step.what)] << " " << step.a << " "
             << step.b << (step.mentions ? " @" : "");
}

struct HistoryStory::Server {
  Server(HistoryStory& story, const std::string& resume_token)
      : transport(TransportTo(story.github_)),
        client(story.loop_.get_executor(), transport, story.clock_,
               {.api_url = kInProcessApi, .random = [] { return 0.5; }}),
        environment{.github = client,
                    .clock = story.clock_,
                    .random = [] { return 0.5; },
                    .poll_interval = absl::Minutes(1),
                    .keepalive_interval = absl::Seconds(25),
                    .full_poll_every = story.options_.full_poll_every,
                    .full_read_interval = kFullReadInterval,
                    .phase_of =
                        [&story](const Secret&, const RepoName&) {
                          return uint64_t{story.options_.phase} << 8;
                        }},
        queue(std::make_shared<EventQueue>(
            story.loop_.get_executor(), story.clock_,
            EventQueueLimits{.events = 1 << 20, .bytes = 1 << 30})) {
    mentions::v1::SubscribeRequest request;
    request.set_repo(kRepo);
    request.set_user(kUsers[static_cast<size_t>(story.options_.whom)]);
    request.set_skip_bots(story.options_.skip_bots);
    request.set_token("ghp_test");
    request.set_resume_token(resume_token);
    if (story.options_.by_search)
      request.set_history(mentions::v1::HISTORY_SEARCH);
    auto subscription = ParseSubscription(request, "", "github.test");
    CHECK(subscription.ok()) << subscription.status();
    poller.emplace(story.loop_.get_executor(), environment,
                   *std::move(subscription), queue);
  }

  FakeTransport transport;
  GitHubClient client;
  PollerEnvironment environment;
  std::shared_ptr<EventQueue> queue;
  std::optional<RunningPoller> poller;
};

HistoryStory::HistoryStory(StoryOptions options)
    : repo_(github_.repo(kRepo)), options_(options) {
  github_.SetNow([this] { return clock_.Now(); });
  github_.SetLimit(1'000'000, 1'000'000);
  pulls_.push_back(repo_.AddPull("mona", "Hello"));
}

HistoryStory::~HistoryStory() {
  if (server_ != nullptr) Close();
}

void HistoryStory::Run(const std::vector<Step>& past,
                       const std::vector<Step>& steps) {
  for (const Step& step : past) {
    if (IsOfTheRepository(step.what)) Take(step);
  }
  clock_.Advance(absl::Hours(1));
  Open();
  for (const Step& step : steps) Take(step);
  Settle();
}

// Whatever was wrong is over, and all has time to arrive: what GitHub no longer
// has after the next change could not be had again.
void HistoryStory::Settle() {
  github_.ClearFaults();
  for (int i = 0; i < options_.full_poll_every + 4; ++i) Poll();
  Read(1 << 30);
}

void HistoryStory::Open() {
  server_ = std::make_unique<Server>(*this, token_);
  RunReady(loop_);
}

void HistoryStory::Close() {
  server_->poller->Stop();
  RunReady(loop_);
  server_.reset();
}

void HistoryStory::Poll() {
  const size_t requests = server_->transport.requests().size();
  // In between the stream may show that it is alive.
  for (int i = 0; i < 4 && server_->transport.requests().size() == requests;
       ++i) {
    CHECK(!server_->poller->ended()) << *server_->poller->ended();
    clock_.Advance(
        std::max(clock_.NextDeadline() - clock_.Now(), absl::Seconds(1)));
    RunReady(loop_);
  }
}

void HistoryStory::Read(size_t count) {
  for (; count > 0; --count) {
    EventQueue::Popped popped = server_->queue->Pop();
    auto* event = std::get_if<EventQueue::Event>(&popped);
    if (event == nullptr) break;
    token_ = event->resume_token();
    longest_token_ = std::max(longest_token_, token_.size());
    if (event->has_mention()) delivered_.insert(event->mention().body());
  }
  RunReady(loop_);
}

std::string HistoryStory::NextAuthor() const {
  return bodies_ % 3 == 0 ? "robot[bot]" : "hubot";
}

std::string HistoryStory::NewBody(bool mentions, const std::string& author) {
  const auto whom = static_cast<size_t>(options_.whom);
  std::string body =
      absl::StrCat(mentions ? kMentions[whom] : kOthers[whom], " ", ++bodies_);
  const bool skipped = options_.skip_bots && author == "robot[bot]";
  if (mentions && !skipped) expected_.insert(body);
  return body;
}

void HistoryStory::Add(Happening kind, int64_t id, const std::string& author) {
  texts_.push_back({kind, id, author});
}

void HistoryStory::Take(const Step& step) {
  const int64_t pull = pulls_[step.a % pulls_.size()];
  const std::string author = NextAuthor();
  switch (step.what) {
    case Happening::kPull:
      pulls_.push_back(repo_.AddPull(author, NewBody(step.mentions, author)));
      Add(Happening::kPull, pulls_.back(), author);
      break;
    case Happening::kComment:
      Add(step.what,
          repo_.AddIssueComment(pull, author, NewBody(step.mentions, author)),
          author);
      break;
    case Happening::kReviewComment:
      // Long a draft, perhaps: its time is that of its submission.
      Add(step.what,
          repo_.AddReviewComment(
              pull, author, NewBody(step.mentions, author),
              {.created_at = clock_.Now() - absl::Minutes(step.b % 300),
               .updated_at = clock_.Now()}),
          author);
      break;
    case Happening::kReview:
      // Visible late, perhaps.
      Add(step.what,
          repo_.AddReview(
              pull, author, NewBody(step.mentions, author),
              {.created_at = clock_.Now() - absl::Seconds(step.b % 119),
               .pull_updated_at = clock_.Now()}),
          author);
      break;
    case Happening::kEdit: {
      if (texts_.empty()) break;
      const Text* text = &texts_[step.b % texts_.size()];
      Settle();
      const std::string body = NewBody(step.mentions, text->author);
      if (text->kind == Happening::kPull) repo_.EditPull(text->id, body);
      if (text->kind == Happening::kComment) {
        repo_.EditIssueComment(text->id, body);
      }
      if (text->kind == Happening::kReviewComment) {
        repo_.EditReviewComment(text->id, body);
      }
      if (text->kind == Happening::kReview) {
        // Only sometimes it updates the pull request.
        EditOptions options;
        if (step.a % 2 == 0) options.pull_updated_at = clock_.Now();
        repo_.EditReview(text->id, body, options);
      }
      break;
    }
    case Happening::kDelete: {
      if (texts_.empty()) break;
      const Text* text = &texts_[step.b % texts_.size()];
      // With a pull request goes all that was written on it.
      if (text->kind == Happening::kPull) break;
      Settle();
      if (text->kind == Happening::kComment) {
        repo_.DeleteIssueComment(text->id);
      }
      if (text->kind == Happening::kReviewComment) {
        repo_.DeleteReviewComment(text->id);
      }
      if (text->kind == Happening::kReview) repo_.DeleteReview(text->id);
      texts_.erase(texts_.begin() + (text - texts_.data()));
      break;
    }
    case Happening::kBurst: {
      const uint32_t size = step.b % 8 == 0 ? 120 : step.b % 20;
      for (uint32_t i = 0; i < size; ++i) {
        Add(Happening::kReviewComment,
            repo_.AddReviewComment(
                pull, author, NewBody(step.mentions || i % 7 == 3, author)),
            author);
      }
      break;
    }
    case Happening::kLate:
      Add(Happening::kComment,
          repo_.AddIssueComment(
              pull, author, NewBody(step.mentions, author),
              {.created_at = clock_.Now() - absl::Seconds(step.b % 119)}),
          author);
      break;
    case Happening::kFault: {
      constexpr const char* kTargets[] = {"", "/issues?", "/issues/comments",
                                          "/pulls/comments", "/graphql"};
      Fault fault = step.a % 3 == 0
                        ? Fault::Close(kTargets[step.b % 5])
                        : Fault::HtmlBadGateway(kTargets[step.b % 5]);
      fault.skip = static_cast<int>(step.a % 4);
      fault.times = static_cast<int>(1 + step.a % 6);
      github_.AddFault(fault);
      break;
    }
    case Happening::kPoll:
      for (uint32_t i = 0; i <= step.a % 3; ++i) Poll();
      break;
    case Happening::kRead:
      Read(step.a % 40);
      break;
    case Happening::kBreak:
      Read(step.a % 5);
      Close();
      clock_.Advance(absl::Seconds(step.b % 200));
      Open();
      break;
  }
  clock_.Advance(absl::Seconds(1));
}

}  // namespace mentiond
