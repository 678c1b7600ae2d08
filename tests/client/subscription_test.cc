// Runs the client library against a scripted server.

#include "client/subscription.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "asio/post.hpp"
#include "asio/this_coro.hpp"

#include "client/subscription_set.h"
#include "lib/base/async_event.h"
#include "lib/base/proto_time.h"
#include "lib/base/task_scope.h"
#include "tests/client/scripted_server.h"

namespace mentiond::client {
namespace {

using ::mentions::v1::SubscribeRequest;
using ::mentions::v1::SubscribeResponse;
using ::testing::ElementsAre;
using By = SubscriptionEnd::By;

constexpr absl::Duration kPatience = absl::Seconds(20);
const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

// Stands still until the test advances it. Thread-safe.
class SteppedClock final : public Clock {
 public:
  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }

  asio::awaitable<void> SleepUntil(absl::Time deadline) override {
    const auto wake =
        std::make_shared<AsyncEvent>(co_await asio::this_coro::executor);
    {
      absl::MutexLock lock(&mutex_);
      if (deadline <= now_) co_return;
      sleepers_.push_back({deadline, wake});
    }
    co_await wake->Wait();
    absl::MutexLock lock(&mutex_);
    std::erase_if(sleepers_,
                  [&](const Sleeper& one) { return one.wake == wake; });
  }

  // Waits until somebody waits for a time to come, and lets it come.
  void AdvanceToNext() {
    absl::MutexLock lock(&mutex_);
    const auto is_awaited = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return Next() != absl::InfiniteFuture();
    };
    ASSERT_TRUE(
        mutex_.AwaitWithTimeout(absl::Condition(&is_awaited), kPatience));
    now_ = Next();
    for (const Sleeper& one : sleepers_) {
      if (one.deadline > now_) continue;
      asio::post(one.wake->executor(), [wake = one.wake] { wake->Notify(); });
    }
  }

 private:
  struct Sleeper {
    absl::Time deadline;
    std::shared_ptr<AsyncEvent> wake;
  };

  absl::Time Next() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    absl::Time next = absl::InfiniteFuture();
    for (const Sleeper& one : sleepers_) {
      if (one.deadline > now_) next = std::min(next, one.deadline);
    }
    return next;
  }

  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = kStart;
  std::vector<Sleeper> sleepers_ ABSL_GUARDED_BY(mutex_);
};

// Takes note of what it is told.
class Recorder final : public SubscriptionListener {
 public:
  absl::Status OnEvent(const SubscribeResponse& response) override {
    tokens.push_back(response.resume_token());
    return result;
  }
  void OnDisconnected(const absl::Status& reason, absl::Duration) override {
    reasons.emplace_back(reason.message());
    absl::MutexLock lock(&mutex);
    ++disconnections;
  }
  void OnEnd(const SubscriptionEnd& last) override { end = last; }

  // Waits for the next disconnection: the client then waits for its next
  // attempt, and for nothing else.
  void AwaitDisconnection() {
    absl::MutexLock lock(&mutex);
    const auto has_come = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
      return disconnections > 0;
    };
    ASSERT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&has_come), kPatience));
    --disconnections;
  }

  absl::Mutex mutex;
  int disconnections ABSL_GUARDED_BY(mutex) = 0;
  absl::Status result;
  std::vector<std::string> tokens;
  std::vector<std::string> reasons;
  SubscriptionEnd end;
};

SubscribeResponse Heartbeat(const std::string& token) {
  SubscribeResponse response;
  *response.mutable_heartbeat()->mutable_polled_at() = ToProto(kStart);
  *response.mutable_heartbeat()->mutable_next_poll_at() = ToProto(kStart);
  response.set_resume_token(token);
  return response;
}

// After which anything may be long in coming.
SubscribeResponse Progress(const std::string& token) {
  SubscribeResponse response;
  response.mutable_sync_progress();
  response.set_resume_token(token);
  return response;
}

// After which the next one may be long in coming.
SubscribeResponse Expiring(const std::string& token, absl::Time expires_at) {
  SubscribeResponse response = Heartbeat(token);
  *response.mutable_heartbeat()->mutable_token_expires_at() =
      ToProto(expires_at);
  *response.mutable_heartbeat()->mutable_next_poll_at() =
      ToProto(kStart + absl::Hours(24));
  return response;
}

SubscribeRequest RequestFor(const std::string& repo) {
  SubscribeRequest request;
  request.set_repo(repo);
  return request;
}

class SubscriptionTest : public testing::Test {
 protected:
  Options ServerOptions(TokenSource source = nullptr) {
    return {.server = server_.address(),
            .token_source = std::move(source),
            .heartbeat_grace = absl::Hours(1),
            .clock = &clock_};
  }
  // Hands out "token-1", "token-2", ...
  TokenSource NumberedTokens() {
    return [this] { return absl::StrCat("token-", ++tokens_given_); };
  }
  std::shared_ptr<ScriptedStream> Opened() {
    auto stream = server_.NextStream(kPatience);
    EXPECT_NE(stream, nullptr);
    return stream;
  }
  // The stream has been lost: lets the time until the next attempt pass.
  void AwaitNextAttempt() {
    recorder_.AwaitDisconnection();
    clock_.AdvanceToNext();
  }
  static void Reject(ScriptedStream& stream) {
    stream.End(grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "rejected"));
  }

  SteppedClock clock_;
  int tokens_given_ = 0;
  Recorder recorder_;
  // The last member: its streams end before the others.
  ScriptedServer server_;
};

TEST_F(SubscriptionTest, ReconnectsWhenHeartbeatsStop) {
  Subscription subscription(ServerOptions(), RequestFor("o/r"));
  subscription.Start(recorder_);
  // Given a heartbeat that announces the next one immediately
  auto first = Opened();
  first->Send(Heartbeat("after-heartbeat"));
  // when nothing follows, then the client opens another stream after a while,
  clock_.AdvanceToNext();
  AwaitNextAttempt();
  auto second = Opened();
  EXPECT_EQ(second->request().resume_token(), "after-heartbeat");
  EXPECT_TRUE(first->WaitUntilGone(kPatience));
  // and a third one if nothing at all arrives on the second.
  clock_.AdvanceToNext();
  AwaitNextAttempt();
  EXPECT_EQ(Opened()->request().resume_token(), "after-heartbeat");
  EXPECT_TRUE(second->WaitUntilGone(kPatience));
  subscription.Cancel();
  EXPECT_EQ(subscription.Join().by, By::kCancel);
  EXPECT_EQ(recorder_.reasons.front(), "no heartbeat from the server");
}

TEST_F(SubscriptionTest, ReplacesATokenBeforeItExpires) {
  Subscription subscription(ServerOptions(NumberedTokens()), RequestFor("o/r"));
  subscription.Start(recorder_);
  auto first = Opened();
  EXPECT_EQ(first->authorization(), "Bearer token-1");
  // Given a token that expires within the hour,
  const absl::Time expires_at = kStart + absl::Hours(1);
  first->Send(Expiring("one", expires_at));
  // when its time has nearly come, then the stream continues with another,
  clock_.AdvanceToNext();
  auto second = Opened();
  EXPECT_EQ(second->authorization(), "Bearer token-2");
  EXPECT_EQ(second->request().resume_token(), "one");
  EXPECT_TRUE(first->WaitUntilGone(kPatience));
  second->Send(Expiring("two", absl::InfiniteFuture() - absl::Hours(1)));
  subscription.Cancel();
  EXPECT_EQ(subscription.Join().by, By::kCancel);
  // without a disconnection to tell of.
  EXPECT_THAT(recorder_.reasons, ElementsAre());
  EXPECT_LT(clock_.Now(), expires_at);
}

TEST_F(SubscriptionTest, KeepsTheStreamWhileThereIsNoOtherToken) {
  // Given a source that has another token only at the fourth call
  Subscription subscription(
      ServerOptions([this]() -> absl::StatusOr<std::string> {
        switch (++tokens_given_) {
          case 1:
          case 2:
            return "token-1";
          case 3:
            return absl::UnavailableError("not now");
          default:
            return "token-2";
        }
      }),
      RequestFor("o/r"));
  subscription.Start(recorder_);
  auto first = Opened();
  first->Send(Expiring("one", kStart + absl::Hours(1)));
  for (int i = 0; i < 3; ++i) clock_.AdvanceToNext();
  EXPECT_EQ(Opened()->authorization(), "Bearer token-2");
  subscription.Cancel();
  subscription.Join();
  EXPECT_EQ(tokens_given_, 4);
  EXPECT_THAT(recorder_.reasons, ElementsAre());
}

TEST_F(SubscriptionTest, ReplacesATokenThatGitHubRejects) {
  Subscription subscription(ServerOptions(NumberedTokens()), RequestFor("o/r"));
  subscription.Start(recorder_);
  auto stream = Opened();
  stream->Send(Progress("one"));
  Reject(*stream);
  // Also if the next one is no better.
  for (int i = 2; i < 5; ++i) {
    AwaitNextAttempt();
    stream = Opened();
    EXPECT_EQ(stream->authorization(), absl::StrCat("Bearer token-", i));
    EXPECT_EQ(stream->request().resume_token(), "one");
    Reject(*stream);
  }
  subscription.Cancel();
  EXPECT_EQ(subscription.Join().by, By::kCancel);
}

TEST_F(SubscriptionTest, GivesUpWhenGitHubRejectsEveryToken) {
  Subscription subscription(ServerOptions([] { return "always-the-same"; }),
                            RequestFor("o/r"));
  subscription.Start(recorder_);
  Reject(*Opened());
  for (int i = 0; i < 4; ++i) {
    AwaitNextAttempt();
    Reject(*Opened());
  }
  const SubscriptionEnd end = subscription.Join();
  EXPECT_EQ(end.by, By::kServer);
  EXPECT_EQ(end.status.code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(SubscriptionTest, EndsWhenGitHubRejectsItsOnlyToken) {
  SubscribeRequest request = RequestFor("o/r");
  request.set_token("ghp_1");
  Subscription subscription(ServerOptions(), request);
  subscription.Start(recorder_);
  auto stream = Opened();
  EXPECT_EQ(stream->authorization(), "Bearer ghp_1");
  EXPECT_EQ(stream->request().token(), "");
  Reject(*stream);
  EXPECT_EQ(subscription.Join().status.code(),
            absl::StatusCode::kUnauthenticated);
}

TEST_F(SubscriptionTest, EndsWhenThereIsNoFirstToken) {
  Subscription subscription(ServerOptions([]() -> absl::StatusOr<std::string> {
                              return absl::NotFoundError("not logged in");
                            }),
                            RequestFor("o/r"));
  const SubscriptionEnd end = subscription.Run(recorder_);
  EXPECT_EQ(end.by, By::kTokenSource);
  EXPECT_EQ(end.status, absl::NotFoundError("not logged in"));
}

TEST_F(SubscriptionTest, EndsWithTheListenersError) {
  Subscription subscription(ServerOptions(), RequestFor("o/r"));
  recorder_.result = absl::ResourceExhaustedError("the disk is full");
  subscription.Start(recorder_);
  auto stream = Opened();
  stream->Send(Heartbeat("one"));
  const SubscriptionEnd end = subscription.Join();
  EXPECT_EQ(end.by, By::kListener);
  EXPECT_EQ(end.status, recorder_.result);
  EXPECT_TRUE(stream->WaitUntilGone(kPatience));
}

TEST_F(SubscriptionTest, KeepsTheMembersOfASetApart) {
  // Given three subscriptions over one connection,
  Recorder gone;
  Recorder broken;
  SubscriptionSet set(ServerOptions(NumberedTokens()));
  set.Add(RequestFor("o/ok"), recorder_);
  set.Add(RequestFor("o/gone"), gone);
  set.Add(RequestFor("o/broken"), broken);
  broken.result = absl::InternalError("mine");
  std::thread thread([&set] { set.Run(); });
  std::shared_ptr<ScriptedStream> ok;
  for (int i = 0; i < 3; ++i) {
    auto stream = Opened();
    // which share the token,
    EXPECT_EQ(stream->authorization(), "Bearer token-1");
    const std::string& repo = stream->request().repo();
    // when two of them end,
    if (repo == "o/gone") {
      stream->End(grpc::Status(grpc::StatusCode::NOT_FOUND, "no"));
    } else if (repo == "o/broken") {
      stream->Send(SubscribeResponse());
    } else {
      ok = stream;
    }
  }
  // then the third one goes on.
  ok->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "restart"));
  AwaitNextAttempt();
  ok = Opened();
  EXPECT_EQ(ok->request().repo(), "o/ok");
  set.Cancel();
  thread.join();
  EXPECT_EQ(recorder_.end.by, By::kCancel);
  EXPECT_EQ(gone.end.status, absl::NotFoundError("no"));
  EXPECT_EQ(broken.end.by, By::kListener);
  EXPECT_EQ(tokens_given_, 1);
}

TEST_F(SubscriptionTest, CanBeCancelledBeforeItRuns) {
  Subscription subscription(ServerOptions(), RequestFor("o/r"));
  subscription.Cancel();
  EXPECT_EQ(subscription.Run(recorder_).by, By::kCancel);
}

TEST_F(SubscriptionTest, EndsWhenTheServerWasNeverReached) {
  server_.Die();
  Subscription subscription(ServerOptions(), RequestFor("o/r"));
  const SubscriptionEnd end = subscription.Run(recorder_);
  EXPECT_EQ(end.by, By::kServer);
  EXPECT_FALSE(end.reached);
  EXPECT_EQ(end.status.code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace mentiond::client
