#include "tests/lib/stream/history_story.h"

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "glog/logging.h"

#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

// By Whom: what is subscribed to, and the beginnings of bodies that mention it
// and of others.
constexpr std::array<const char*, 3> kUsers = {"octocat", "octo/team", "*"};
constexpr std::array<const char*, 3> kMentions = {"@octocat", "@Octo/Team",
                                                  "@octo/any or @body"};
constexpr std::array<const char*, 3> kOthers = {"nobody", "@octo `@octo/team`",
                                                "some@body"};
// Settle() takes longer.
constexpr absl::Duration kFullReadInterval = absl::Minutes(4);

// A query without its numbers and strings, and without repetition.
std::string ShapeOf(const std::string& query) {
  std::string text;
  for (size_t i = 0; i < query.size(); ++i) {
    if (query.compare(i, 2, "\\\"") == 0) i = query.find("\\\"", i + 2) + 1;
    if (query[i] < '0' || query[i] > '9') text.push_back(query[i]);
  }
  const std::set<std::string> words =
      absl::StrSplit(text.substr(0, text.find("variables")), ' ');
  return absl::StrJoin(words, " ");
}

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
      : transport([&story](const HttpRequest& request) {
          auto response = Ask(story.github_, request);
          if (request.post_body && response.ok() && response->status == 200) {
            const bool partial = absl::StrContains(response->body, "errors");
            story.exchanges_.try_emplace(
                absl::StrCat(ShapeOf(*request.post_body), partial),
                GraphQlExchange{*request.post_body, response->body});
          }
          return response;
        }),
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
        stream(story.loop_.get_executor(), environment,
               SubscriptionWith([&](auto& request) {
                 const StoryOptions& options = story.options_;
                 request.set_user(kUsers[static_cast<size_t>(options.whom)]);
                 request.set_skip_bots(options.skip_bots);
                 request.set_resume_token(resume_token);
                 if (options.by_search) {
                   request.set_history(mentions::v1::HISTORY_SEARCH);
                 }
                 for (int source = 1; options.issues && source <= 6; ++source) {
                   request.add_sources(static_cast<Source>(source));
                 }
               })) {}

  FakeTransport transport;
  GitHubClient client;
  PollerEnvironment environment;
  OpenStream stream;
};

HistoryStory::HistoryStory(StoryOptions options, Exchanges& exchanges)
    : repo_(github_.repo("octo/demo")),
      options_(options),
      exchanges_(exchanges) {
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
  github_.SetGraphQlFaults({});
  for (int i = 0; i < options_.full_poll_every + 4; ++i) Poll();
  Read(1 << 30);
}

void HistoryStory::Open() {
  server_ = std::make_unique<Server>(*this, token_);
  RunReady(loop_);
}

void HistoryStory::Close() {
  server_->stream.Stop();
  RunReady(loop_);
  server_.reset();
}

void HistoryStory::Poll() {
  const size_t requests = server_->transport.requests().size();
  // In between the stream may show that it is alive.
  for (int i = 0; i < 4 && server_->transport.requests().size() == requests;
       ++i) {
    CHECK(!server_->stream.ended()) << *server_->stream.ended();
    clock_.Advance(
        std::max(clock_.NextDeadline() - clock_.Now(), absl::Seconds(1)));
    RunReady(loop_);
  }
}

void HistoryStory::Read(size_t count) {
  for (; count > 0; --count) {
    EventQueue::Popped popped = server_->stream.queue->Pop();
    auto* event = std::get_if<EventQueue::Event>(&popped);
    if (event == nullptr) break;
    token_ = event->resume_token();
    longest_token_ = std::max(longest_token_, token_.size());
    if (event->has_mention()) delivered_.insert(event->mention().body());
  }
  RunReady(loop_);
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

void HistoryStory::Edit(const Text& text, const std::string& body, bool shown) {
  EditOptions options;
  if (shown) options.pull_updated_at = clock_.Now();
  if (text.kind == Happening::kPull) repo_.EditPull(text.id, body);
  if (text.kind == Happening::kComment) repo_.EditIssueComment(text.id, body);
  if (text.kind == Happening::kReviewComment) {
    repo_.EditReviewComment(text.id, body);
  }
  // Only sometimes it updates the pull request.
  if (text.kind == Happening::kReview) repo_.EditReview(text.id, body, options);
}

void HistoryStory::Delete(const Text& text) {
  if (text.kind == Happening::kComment) repo_.DeleteIssueComment(text.id);
  if (text.kind == Happening::kReviewComment) {
    repo_.DeleteReviewComment(text.id);
  }
  if (text.kind == Happening::kReview) repo_.DeleteReview(text.id);
}

// More than a page has, perhaps: of reviews, of the comments of one review, or
// of the conversation.
void HistoryStory::Burst(const Step& step, int64_t pull,
                         const std::string& author) {
  const uint32_t size = step.b % 8 == 0 ? 120 : step.b % 20;
  const bool conversation = issues_.contains(pull) || step.a % 3 == 0;
  std::optional<int64_t> review;
  if (!conversation && step.a % 3 == 1) {
    review = repo_.AddReview(pull, author, "many comments");
  }
  for (uint32_t i = 0; i < size; ++i) {
    const std::string body = NewBody(step.mentions || i % 7 == 3, author);
    if (conversation) {
      Add(Happening::kComment, repo_.AddIssueComment(pull, author, body),
          author);
    } else {
      Add(Happening::kReviewComment,
          repo_.AddReviewComment(pull, author, body, {.review_id = review}),
          author);
    }
  }
}

void HistoryStory::Fail(const Step& step) {
  if (step.b % 6 == 5) {
    // Partial data.
    github_.SetGraphQlFaults(
        {.pulls = {{pulls_[step.a % pulls_.size()],
                    {.type = step.a % 2 == 0 ? "INTERNAL" : "",
                     .field = step.a % 3 == 0 ? "" : "reviews",
                     .times = static_cast<int>(1 + step.a % 4)}}}});
    return;
  }
  constexpr const char* kTargets[] = {"", "/issues?", "/issues/comments",
                                      "/pulls/comments", "/graphql"};
  Fault fault = step.a % 3 == 0 ? Fault::Close(kTargets[step.b % 6])
                                : Fault::HtmlBadGateway(kTargets[step.b % 6]);
  fault.skip = static_cast<int>(step.a % 4);
  fault.times = static_cast<int>(1 + step.a % 6);
  github_.AddFault(fault);
}

void HistoryStory::Take(const Step& step) {
  const int64_t pull = pulls_[step.a % pulls_.size()];
  const std::string author = bodies_ % 3 == 0 ? "robot[bot]" : "hubot";
  Happening what = step.what;
  if (issues_.contains(pull) &&
      (what == Happening::kReviewComment || what == Happening::kReview)) {
    what = Happening::kComment;
  }
  switch (what) {
    case Happening::kPull: {
      const std::string body = NewBody(step.mentions, author);
      const bool issue = options_.issues && step.a % 2 == 0;
      pulls_.push_back(issue ? repo_.AddIssue(author, body)
                             : repo_.AddPull(author, body));
      if (issue) issues_.insert(pulls_.back());
      Add(what, pulls_.back(), author);
      break;
    }
    case Happening::kComment:
      Add(what,
          repo_.AddIssueComment(pull, author, NewBody(step.mentions, author)),
          author);
      break;
    case Happening::kReviewComment:
      // Long a draft, perhaps: its time is that of its submission.
      Add(what,
          repo_.AddReviewComment(
              pull, author, NewBody(step.mentions, author),
              {.created_at = clock_.Now() - absl::Minutes(step.b % 300),
               .updated_at = clock_.Now()}),
          author);
      break;
    case Happening::kReview:
      // Visible late, perhaps.
      Add(what,
          repo_.AddReview(
              pull, author, NewBody(step.mentions, author),
              {.created_at = clock_.Now() - absl::Seconds(step.b % 119),
               .pull_updated_at = clock_.Now()}),
          author);
      break;
    case Happening::kEdit: {
      if (texts_.empty()) break;
      const Text& text = texts_[step.b % texts_.size()];
      Settle();
      Edit(text, NewBody(step.mentions, text.author), step.a % 2 == 0);
      break;
    }
    case Happening::kDelete: {
      if (texts_.empty()) break;
      const auto text =
          texts_.begin() + static_cast<ptrdiff_t>(step.b % texts_.size());
      // With a pull request goes all that was written on it.
      if (text->kind == Happening::kPull) break;
      Settle();
      Delete(*text);
      texts_.erase(text);
      break;
    }
    case Happening::kBurst:
      Burst(step, pull, author);
      break;
    case Happening::kLate:
      Add(Happening::kComment,
          repo_.AddIssueComment(
              pull, author, NewBody(step.mentions, author),
              {.created_at = clock_.Now() - absl::Seconds(step.b % 119)}),
          author);
      break;
    case Happening::kFault:
      Fail(step);
      break;
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
