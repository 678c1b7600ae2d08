#include "tests/lib/stream/history_story.h"

#include <array>
#include <ostream>

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

class HistoryStory {
 public:
  HistoryStory(const StoryOptions& options, Exchanges& exchanges)
      : repo_(github_.repo("octo/demo")),
        options_(options),
        exchanges_(exchanges) {
    github_.SetNow([this] { return clock_.Now(); });
    github_.SetLimit(1'000'000, 1'000'000);
    pulls_.push_back(repo_.AddPull("mona", "Hello"));
  }
  ~HistoryStory() {
    if (server_ != nullptr) Close();
  }

  Told Run(const std::vector<Step>& past, const std::vector<Step>& steps) {
    for (const Step& step : past) {
      if (step.what <= Happening::kFault) Take(step);
    }
    past_ = told_.expected;
    clock_.Advance(absl::Hours(1));
    Open();
    for (const Step& step : steps) Take(step);
    Settle();
    return told_;
  }

 private:
  struct Text {
    Happening kind;
    int64_t id;
    std::string author;
  };
  // A server of its own, and a stream on it.
  struct Server {
    Server(HistoryStory& story, const std::string& resume_token)
        : transport([&story](const HttpRequest& request) {
            auto response = Ask(story.github_, request);
            // Not what was made up by a fault.
            if (request.post_body && response.ok() &&
                absl::StartsWith(response->body, "{\"data\"")) {
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
                   for (int source = 1; options.issues && source <= 6;
                        ++source) {
                     request.add_sources(static_cast<Source>(source));
                   }
                 })) {}

    FakeTransport transport;
    GitHubClient client;
    PollerEnvironment environment;
    OpenStream stream;
  };

  void Take(const Step& step);
  void Change(const Step& step);
  void Write(Happening kind, int64_t pull, bool mentions,
             const WriteOptions& options = {});
  void Burst(const Step& step, int64_t pull);
  void Fail(const Step& step);
  void Settle();
  void Poll();
  void Read(size_t count);
  std::string NextAuthor() const {
    return bodies_ % 3 == 0 ? "robot[bot]" : "hubot";
  }
  std::string NewBody(bool mentions, const std::string& author);
  void Open() {
    server_ = std::make_unique<Server>(*this, token_);
    RunReady(loop_);
  }
  void Close() {
    server_->stream.Stop();
    RunReady(loop_);
    server_.reset();
  }

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
  std::multiset<std::string> past_;  // what the history has
  Told told_;
};

// Whatever was wrong is over, and all has time to arrive: what GitHub no longer
// has after the next change could not be had again.
void HistoryStory::Settle() {
  github_.ClearFaults();
  github_.SetGraphQlFaults({});
  for (int i = 0; i < options_.full_poll_every + 4; ++i) Poll();
  Read(1 << 30);
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
    told_.longest_token = std::max(told_.longest_token, token_.size());
    if (event->has_mention()) told_.delivered.insert(event->mention().body());
    if (event->has_synced() &&
        !std::includes(told_.delivered.begin(), told_.delivered.end(),
                       past_.begin(), past_.end())) {
      told_.synced_too_early = true;
    }
  }
  RunReady(loop_);
}

std::string HistoryStory::NewBody(bool mentions, const std::string& author) {
  const auto whom = static_cast<size_t>(options_.whom);
  std::string body =
      absl::StrCat(mentions ? kMentions[whom] : kOthers[whom], " ", ++bodies_);
  const bool skipped = options_.skip_bots && author == "robot[bot]";
  if (mentions && !skipped) told_.expected.insert(body);
  return body;
}

void HistoryStory::Write(Happening kind, int64_t pull, bool mentions,
                         const WriteOptions& options) {
  if (issues_.contains(pull)) kind = Happening::kComment;
  const std::string author = NextAuthor();
  const std::string body = NewBody(mentions, author);
  int64_t id = 0;
  if (kind == Happening::kComment) {
    id = repo_.AddIssueComment(pull, author, body, options);
  } else if (kind == Happening::kReviewComment) {
    id = repo_.AddReviewComment(pull, author, body, options);
  } else {
    id = repo_.AddReview(pull, author, body, options);
  }
  texts_.push_back({kind, id, author});
}

// More than a page has, perhaps: of reviews, of the comments of one review, or
// of the conversation.
void HistoryStory::Burst(const Step& step, int64_t pull) {
  const uint32_t size = step.b % 8 == 0 ? 120 : step.b % 20;
  const auto kind =
      step.a % 3 == 0 ? Happening::kComment : Happening::kReviewComment;
  WriteOptions options;
  if (step.a % 3 == 1 && !issues_.contains(pull)) {
    options.review_id = repo_.AddReview(pull, "hubot", "many comments");
  }
  for (uint32_t i = 0; i < size; ++i) {
    Write(kind, pull, step.mentions || i % 7 == 3, options);
  }
}

void HistoryStory::Change(const Step& step) {
  const size_t i = step.b % texts_.size();
  const auto [kind, id, author] = texts_[i];
  const bool remove = step.what == Happening::kDelete;
  // With a pull request goes all that was written on it.
  if (remove && kind == Happening::kPull) return;
  Settle();
  if (remove) texts_.erase(texts_.begin() + static_cast<ptrdiff_t>(i));
  const std::string body = remove ? "" : NewBody(step.mentions, author);
  if (kind == Happening::kPull) {
    repo_.EditPull(id, body);
  } else if (kind == Happening::kComment) {
    remove ? repo_.DeleteIssueComment(id) : repo_.EditIssueComment(id, body);
  } else if (kind == Happening::kReviewComment) {
    remove ? repo_.DeleteReviewComment(id) : repo_.EditReviewComment(id, body);
  } else if (remove) {
    repo_.DeleteReview(id);
  } else if (step.a % 2 == 0) {
    repo_.EditReview(id, body, {.pull_updated_at = clock_.Now()});
  } else {
    repo_.EditReview(id, body);  // which does not update the pull request
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
  static const std::vector<Fault>& faults = *new std::vector<Fault>{
      Fault::HtmlBadGateway(""),
      Fault::Close(""),
      Fault::Truncate("", 10),
      Fault::Answer("", 200, ""),
      Fault::Answer("", 200, "[{\"id\":1},"),
      Fault::Answer("", 200, "{}"),
      Fault::Answer("", 200, "<html>"),
      Fault::Answer("", 500, "{}"),
      Fault::Answer("", 503, "", {{"Retry-After", "1"}}),
      Fault::Answer("", 422, R"({"message":"too deep"})"),
      Fault::Answer("", 301, ""),
      Fault::Answer("", 304, ""),
      Fault::Answer("", 429, "", {{"Retry-After", "2"}}),
  };
  constexpr const char* kTargets[] = {"", "/issues?", "/issues/comments",
                                      "/pulls/comments", "/graphql"};
  Fault fault = faults[step.a % faults.size()];
  fault.target_contains = kTargets[step.b % 6];
  fault.skip = static_cast<int>(step.a / 13 % 4);
  fault.times = static_cast<int>(1 + step.a % 6);
  github_.AddFault(fault);
}

void HistoryStory::Take(const Step& step) {
  const int64_t pull = pulls_[step.a % pulls_.size()];
  const absl::Time now = clock_.Now();
  switch (step.what) {
    case Happening::kPull: {
      const std::string author = NextAuthor();
      const std::string body = NewBody(step.mentions, author);
      const bool issue = options_.issues && step.a % 2 == 0;
      pulls_.push_back(issue ? repo_.AddIssue(author, body)
                             : repo_.AddPull(author, body));
      if (issue) issues_.insert(pulls_.back());
      texts_.push_back({step.what, pulls_.back(), author});
      break;
    }
    case Happening::kComment:
      Write(step.what, pull, step.mentions);
      break;
    case Happening::kReviewComment:
      // Long a draft, perhaps: its time is that of its submission.
      Write(
          step.what, pull, step.mentions,
          {.created_at = now - absl::Minutes(step.b % 300), .updated_at = now});
      break;
    case Happening::kReview:
      // Visible late, perhaps.
      Write(step.what, pull, step.mentions,
            {.created_at = now - absl::Seconds(step.b % 119),
             .pull_updated_at = now});
      break;
    case Happening::kLate:
      Write(Happening::kComment, pull, step.mentions,
            {.created_at = now - absl::Seconds(step.b % 119)});
      break;
    case Happening::kBurst:
      Burst(step, pull);
      break;
    case Happening::kEdit:
    case Happening::kDelete:
      if (!texts_.empty()) Change(step);
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

}  // namespace

std::ostream& operator<<(std::ostream& out, const Step& step) {
  constexpr const char* kNames[] = {
      "pull",  "comment", "review comment", "review", "burst", "late",
      "fault", "edit",    "delete",         "poll",   "read",  "break"};
  return out << kNames[static_cast<size_t>(step.what)] << " " << step.a << " "
             << step.b << (step.mentions ? " @" : "");
}

Told TellStory(const StoryOptions& options, const std::vector<Step>& past,
               const std::vector<Step>& steps, Exchanges& exchanges) {
  return HistoryStory(options, exchanges).Run(past, steps);
}

}  // namespace mentiond
