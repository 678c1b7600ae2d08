// A stream in random circumstances beside a model of it: each event that it
// sends, each request, when, and how it ends. The model is of one listing, so
// that each attempt that fails is one request; exactly_once_test has the
// others.

#include <array>
#include <deque>
#include <map>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rapidcheck.h"

#include "lib/base/proto_time.h"
#include "tests/fakes/effort.h"
#include "tests/lib/stream/stream_fixture.h"

namespace mentiond {
namespace {

using mentions::v1::Delayed;

enum class Act : uint8_t {
  kPass,         // time
  kComment,      // with a mention
  kTrouble,      // GitHub answers the next requests badly
  kRecover,      // and no longer
  kHang,         // or not at all
  kRelease,      // until now
  kHint,         // a webhook says that something has happened
  kStopReading,  // the client
  kRead,
  kResume,  // the stream is cancelled, and resumed with the last token read
};
constexpr std::array kActs = {"pass", "comment", "trouble", "recover",
                              "hang", "release", "hint",    "stop reading",
                              "read", "resume"};

struct Scene {
  Act act = Act::kPass;
  uint32_t a = 0;
  uint32_t b = 0;
};
std::ostream& operator<<(std::ostream& out, const Scene& scene) {
  return out << kActs[static_cast<size_t>(scene.act)] << " " << scene.a << " "
             << scene.b;
}

enum class Reply : uint8_t {
  kBadGateway,
  kClosed,
  kUsedUp,
  kSlowDown,
  kUnauthorized,
  kForbidden,
  kNotFound,
};

class StreamStory : public StreamFixture {
 public:
  StreamStory(absl::Duration keepalive, double random) {
    random_ = random;
    environment_.keepalive_interval = keepalive;
    answer_ = [this](const HttpRequest& request) { return Answer(request); };
    pull_ = repo_.AddPull("mona", "Hello");
    Comment();
    clock_.Advance(absl::Hours(1));
  }
  void TestBody() override {}

  void Tell(const std::vector<Scene>& scenes) {
    Open();
    for (const Scene& scene : scenes) Take(scene);
    // Then all is well, and nothing is missing.
    bad_replies_ = 0;
    Release();
    Read(1 << 20);
    reading_ = true;
    if (end_) Resume();
    Pass(absl::Minutes(10));
    RC_ASSERT(read_ == comments_.size());
    RC_ASSERT(synced_read_);
  }

 private:
  void Take(const Scene& scene) {
    switch (scene.act) {
      case Act::kPass:
        Pass(absl::Seconds(1 + scene.a % 180));
        break;
      case Act::kComment:
        Comment();
        Pass(absl::Seconds(1));
        break;
      case Act::kTrouble:
        reply_ = static_cast<Reply>(scene.a % 7);
        bad_replies_ = std::array{1, 2, 3, 1000}[scene.b % 4];
        wait_ = absl::Seconds(1 + scene.b % 200);
        KeepHistoriesUnslowed();
        break;
      case Act::kRecover:
        bad_replies_ = 0;
        break;
      case Act::kHang:
        transport_.Hold();
        held_ = true;
        break;
      case Act::kRelease:
        Release();
        break;
      case Act::kHint:
        Hint();
        break;
      case Act::kStopReading:
        reading_ = false;
        break;
      case Act::kRead:
        reading_ = false;
        Read(scene.a % 2 == 0 ? 1 << 20 : scene.a % 5);
        reading_ = scene.a % 2 == 0;
        break;
      case Act::kResume:
        Read(scene.a % 5);
        stream_->Stop();
        Run();
        RC_ASSERT(stream_->ended().has_value());
        RC_ASSERT(end_ || absl::IsCancelled(*stream_->ended()));
        RC_ASSERT(transport_.waiting() == 0U);
        end_ = absl::StatusCode::kCancelled;
        Pass(absl::Seconds(scene.b % 200));
        Resume();
        break;
    }
  }

  // --- What happens.

  void Comment() {
    comments_.push_back(repo_.AddIssueComment(pull_, "hubot", "@octocat"));
  }
  void Pass(absl::Duration time) {
    StreamFixture::Pass(time, [this] { Observe(); });
  }
  void Release() {
    held_ = false;
    transport_.Release();
    Observe();
  }
  // After a secondary limit the requests of a history are spread over time.
  void KeepHistoriesUnslowed() {
    if (!synced_ && reply_ == Reply::kSlowDown) reply_ = Reply::kUsedUp;
  }
  absl::StatusOr<HttpResponse> Answer(const HttpRequest& request) {
    if (bad_replies_ == 0) {
      ceilings_.erase(request.url);
      return Ask(github_, request);
    }
    --bad_replies_;
    failed_ = request.url;
    constexpr std::array kStatuses = {502, 0, 403, 403, 401, 403, 404};
    HttpResponse response =
        mentiond::Answer(kStatuses[static_cast<size_t>(reply_)], "{}");
    if (reply_ == Reply::kClosed) {
      return absl::UnavailableError("the connection was closed");
    }
    if (reply_ == Reply::kUsedUp) {
      response.headers.Add("x-ratelimit-limit", "5000");
      response.headers.Add("x-ratelimit-remaining", "0");
      response.headers.Add(
          "x-ratelimit-reset",
          absl::StrCat(absl::ToUnixSeconds(clock_.Now() + wait_)));
    }
    if (reply_ == Reply::kSlowDown) {
      response.headers.Add("retry-after",
                           absl::StrCat(absl::ToInt64Seconds(wait_)));
    }
    return response;
  }

  // With a token that GitHub has said nothing of.
  void Open() {
    const Subscription subscription = SubscriptionWith([&](auto& request) {
      request.add_sources(Source::SOURCE_PULL_REQUEST_COMMENT);
      request.set_token(absl::StrCat("ghp_", ++streams_));
      request.set_resume_token(token_);
    });
    stream_ = StreamFixture::Open(subscription);
    due_ = last_read_ = clock_.Now();
    announced_ = polled_ = absl::InfinitePast();
    late_since_.reset();
    soon_.reset();
    failed_.reset();
    end_.reset();
    asking_ = again_ = false;
    doubts_ = rejections_ = 0;
    ceilings_.clear();
    expected_.clear();
    queue_was_empty_ = true;
    sent_ = read_;
    synced_ = synced_read_;
    good_ = good_read_;
    Observe();
  }
  void Resume() {
    KeepHistoriesUnslowed();
    Open();
  }

  void Hint() {
    stream_->group.PollSoon("Octo/Demo");
    if (!end_) {
      const absl::Time now = clock_.Now();
      if (!soon_) {
        soon_ = now;
      } else if (*soon_ <= now) {
        soon_ = std::max(now, *soon_ + absl::Seconds(1));
      }
      if (asking_) {
        again_ = true;
      } else if (!late_since_) {
        due_ = std::min(due_, *soon_);
      }
    }
    Observe();
  }

  // --- The model.

  void Observe() {
    Run();
    bool may_ask = asking_;
    bool must_ask = false;
    if (asking_ && !held_ && !end_) Finish();
    while (!end_ && !asking_ && due_ <= clock_.Now()) {
      RC_ASSERT(due_ == clock_.Now() || soon_.has_value());
      asking_ = must_ask = may_ask = true;
      if (!held_) Finish();
    }
    const size_t asked = transport_.requests().size();
    RC_ASSERT(may_ask || asked == asked_);
    RC_ASSERT(!must_ask || asked > asked_);
    asked_ = asked;

    if (reading_) Read(1 << 20);
    RC_ASSERT(!reading_ || expected_.empty());
    if (end_ == absl::StatusCode::kCancelled) return;
    RC_ASSERT(end_.has_value() == stream_->ended().has_value());
    if (end_) {
      RC_ASSERT(stream_->ended()->code() == *end_);
      return;
    }
    const auto views = stream_->group.Streams({}, {}, 1);
    RC_ASSERT(views.size() == 1U);
    RC_ASSERT(views[0].state == (late_since_ ? StreamState::kDelayed
                                 : synced_   ? StreamState::kLive
                                             : StreamState::kReading));
    // No proxy takes it for dead.
    RC_ASSERT(!reading_ || clock_.Now() - last_read_ <=
                               1.1 * environment_.keepalive_interval +
                                   absl::Milliseconds(50));
  }
  // An attempt.
  void Finish() {
    asking_ = false;
    if (failed_) {
      Fail(*std::exchange(failed_, std::nullopt));
      return;
    }
    late_since_.reset();
    doubts_ = rejections_ = 0;
    for (; sent_ < comments_.size(); ++sent_) {
      expected_.push_back(absl::StrCat("mention ", comments_[sent_]));
    }
    if (!std::exchange(synced_, true)) expected_.push_back("synced { }");
    good_ = true;
    polled_ = clock_.Now();
    announced_ = due_ =
        polled_ + kInterval - (polled_ - absl::UnixEpoch()) % kInterval;
    expected_.push_back(Heartbeat(polled_, announced_));
    if (std::exchange(again_, false)) due_ = std::min(due_, *soon_);
  }

  void Fail(const std::string& url) {
    const absl::Time now = clock_.Now();
    again_ = false;
    Delayed::Reason reason = Delayed::REASON_UPSTREAM_UNAVAILABLE;
    const bool refused =
        reply_ == Reply::kForbidden || reply_ == Reply::kNotFound;
    if (refused) rejections_ = 0;
    switch (reply_) {
      case Reply::kBadGateway:
      case Reply::kClosed: {
        absl::Duration& ceiling =
            ceilings_.try_emplace(url, absl::Seconds(1)).first->second;
        due_ = now + absl::Ceil(ceiling * (1 - random_), absl::Milliseconds(1));
        ceiling = std::min(2 * ceiling, absl::Minutes(1));
        break;
      }
      case Reply::kUsedUp:
        reason = Delayed::REASON_RATE_LIMITED;
        due_ = now + wait_ + absl::Seconds(1);
        due_ -= (due_ - absl::UnixEpoch()) % absl::Seconds(1);
        break;
      case Reply::kSlowDown:
        reason = Delayed::REASON_SECONDARY_RATE_LIMITED;
        due_ = absl::UnixEpoch() + absl::Ceil(now + wait_ - absl::UnixEpoch(),
                                              absl::Milliseconds(1));
        break;
      case Reply::kUnauthorized:
        if (++rejections_ > 2) end_ = absl::StatusCode::kUnauthenticated;
        due_ = now + absl::Seconds(rejections_ == 1 ? 2 : 4);
        break;
      case Reply::kForbidden:
      case Reply::kNotFound:
        ceilings_.erase(url);
        if (!good_ || doubts_ == 2) {
          end_ = reply_ == Reply::kForbidden
                     ? absl::StatusCode::kPermissionDenied
                     : absl::StatusCode::kNotFound;
        }
        due_ = now + absl::Seconds(++doubts_ == 1 ? 2 : 5);
        break;
    }
    if (end_) return;
    if (!late_since_) late_since_ = now;
    announced_ = due_;
    if (due_ <= *late_since_ + kInterval) return;
    EventQueue::Event event;
    event.mutable_delayed()->set_reason(reason);
    *event.mutable_delayed()->mutable_retry_at() = ToProto(due_);
    expected_.push_back(event.ShortDebugString());
  }

  // --- What the client reads.

  void Read(size_t events) {
    for (; events > 0; --events) {
      EventQueue::Popped popped = stream_->queue->Pop();
      const auto* event = std::get_if<EventQueue::Event>(&popped);
      if (event == nullptr) return;
      const bool is_first =
          std::exchange(queue_was_empty_, stream_->queue->empty());
      Take(*event, is_first);
      last_read_ = clock_.Now();
      token_ = event->resume_token();
      RC_ASSERT(!token_.empty());
    }
  }

  void Take(const EventQueue::Event& event, bool is_first) {
    if (event.has_sync_progress()) {
      good_read_ = true;
      return;
    }
    const std::string words = WordsOf(event);
    if (!expected_.empty() && words == expected_.front()) {
      expected_.pop_front();
      if (event.has_mention()) ++read_;
      synced_read_ = synced_read_ || event.has_synced();
      good_read_ = good_read_ || !event.has_delayed();
      return;
    }
    // It has been quiet for long, and nothing else waits to be read.
    RC_LOG() << "unexpected: " << words << " instead of "
             << absl::StrJoin(expected_, ", ") << "\n";
    RC_ASSERT(event.has_heartbeat());
    RC_ASSERT(is_first);
    RC_ASSERT(clock_.Now() - last_read_ >= environment_.keepalive_interval);
    RC_ASSERT(!reading_ || words == Heartbeat(polled_, announced_));
  }

  // Events in words, without what the model does not know.
  static std::string Heartbeat(absl::Time polled, absl::Time next) {
    EventQueue::Event event;
    mentions::v1::Heartbeat& heartbeat = *event.mutable_heartbeat();
    if (polled != absl::InfinitePast()) {
      *heartbeat.mutable_polled_at() = ToProto(polled);
    }
    if (next != absl::InfinitePast()) {
      *heartbeat.mutable_next_poll_at() = ToProto(next);
    }
    return event.ShortDebugString();
  }
  static std::string WordsOf(EventQueue::Event event) {
    if (event.has_mention()) {
      return absl::StrCat("mention ", event.mention().id());
    }
    event.clear_resume_token();
    if (event.has_heartbeat()) {
      event.mutable_heartbeat()->clear_rate_limit();
    } else if (event.has_delayed()) {
      RC_ASSERT(!event.delayed().detail().empty());
      event.mutable_delayed()->clear_detail();
    }
    return event.ShortDebugString();
  }

  // GitHub.
  int64_t pull_ = 0;
  Ids comments_;
  Reply reply_ = Reply::kBadGateway;
  int bad_replies_ = 0;
  absl::Duration wait_;  // that a limit asks for
  bool held_ = false;
  std::optional<std::string> failed_;  // the URL that was answered badly

  // The stream.
  std::shared_ptr<OpenStream> stream_;
  int streams_ = 0;
  size_t asked_ = 0;     // requests so far
  bool asking_ = false;  // an attempt is under way
  absl::Time due_;       // the next one
  absl::Time announced_;
  absl::Time polled_;
  std::optional<absl::Time> late_since_;
  std::optional<absl::Time> soon_;  // the last poll for a hint
  bool again_ = false;              // once more, for a hint
  bool synced_ = false;
  bool good_ = false;  // GitHub has once shown the repository
  int doubts_ = 0;
  int rejections_ = 0;
  std::map<std::string, absl::Duration> ceilings_;  // of the next wait, by URL
  std::optional<absl::StatusCode> end_;
  size_t sent_ = 0;  // mentions
  std::deque<std::string> expected_;

  // The client.
  bool reading_ = true;
  bool queue_was_empty_ = true;
  absl::Time last_read_;
  std::string token_;
  size_t read_ = 0;  // mentions
  bool synced_read_ = false;
  bool good_read_ = false;
};

}  // namespace
}  // namespace mentiond

namespace rc {

template <>
struct Arbitrary<mentiond::Scene> {
  static Gen<mentiond::Scene> arbitrary() {
    using mentiond::Act;
    return gen::build<mentiond::Scene>(
        gen::set(&mentiond::Scene::act, gen::weightedElement<Act>({
                                            {9, Act::kPass},
                                            {4, Act::kComment},
                                            {6, Act::kTrouble},
                                            {3, Act::kRecover},
                                            {1, Act::kHang},
                                            {3, Act::kRelease},
                                            {2, Act::kHint},
                                            {1, Act::kStopReading},
                                            {3, Act::kRead},
                                            {2, Act::kResume},
                                        })),
        gen::set(&mentiond::Scene::a, gen::inRange<uint32_t>(0, 1000)),
        gen::set(&mentiond::Scene::b, gen::inRange<uint32_t>(0, 1000)));
  }
};

}  // namespace rc

namespace mentiond {
namespace {

// Shows: heartbeats, `Delayed` and polls come when they are due
TEST(StreamModelTest, AStreamSendsWhatItMustWhenItMust) {
  EXPECT_TRUE(Holds(
      "a stream and its model", 500, 60,
      [](const std::vector<Scene>& scenes, uint8_t keepalive, uint8_t random) {
        StreamStory story(
            std::array{absl::Seconds(30), absl::Seconds(7), absl::Seconds(150),
                       absl::InfiniteDuration()}[keepalive % 4],
            random % 100 / 100.0);
        story.Tell(scenes);
      }));
}

}  // namespace
}  // namespace mentiond
