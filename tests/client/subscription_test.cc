// Runs the client library against a scripted server.

#include "client/subscription.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "asio/post.hpp"
#include "asio/this_coro.hpp"

#include "client/subscription_set.h"
#include "lib/base/async_event.h"
#include "lib/base/proto_time.h"
#include "lib/base/task_scope.h"
#include "proto/google/rpc/error_details.pb.h"
#include "tests/client/responses.h"
#include "tests/client/scripted_server.h"

namespace mentiond::client {
namespace {

using grpc::StatusCode;
using ::mentions::v1::SubscribeRequest;
using ::mentions::v1::SubscribeResponse;
using By = SubscriptionEnd::By;

constexpr absl::Duration kPatience = absl::Seconds(20);
const grpc::Status kRejected(StatusCode::UNAUTHENTICATED, "rejected");
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
      sleepers_.emplace(deadline, wake);
    }
    co_await wake->Wait();
    absl::MutexLock lock(&mutex_);
    std::erase_if(sleepers_,
                  [&](const auto& one) { return one.second == wake; });
  }
  // Waits until somebody waits for a time to come, and lets it come.
  void AdvanceToNext() {
    absl::MutexLock lock(&mutex_);
    const auto is_awaited = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      const auto next = sleepers_.upper_bound(now_);
      return next != sleepers_.end() && next->first != absl::InfiniteFuture();
    };
    ASSERT_TRUE(
        mutex_.AwaitWithTimeout(absl::Condition(&is_awaited), kPatience));
    now_ = sleepers_.upper_bound(now_)->first;
    for (const auto& [deadline, wake] : sleepers_) {
      if (deadline > now_) continue;
      asio::post(wake->executor(), [wake = wake] { wake->Notify(); });
    }
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = kStart;
  std::multimap<absl::Time, std::shared_ptr<AsyncEvent>> sleepers_
      ABSL_GUARDED_BY(mutex_);
};

// Takes note of what it is told.
class Recorder final : public SubscriptionListener {
 public:
  absl::Status OnEvent(const SubscribeResponse&) override { return result; }
  void OnDisconnected(const absl::Status& reason,
                      absl::Duration wait) override {
    absl::MutexLock lock(&mutex);
    last_reason = std::string(reason.message());
    last_wait = wait;
    ++disconnections;
  }
  void OnEnd(const SubscriptionEnd& last) override { end = last; }

  // Waits for the next disconnection: the client then waits for its next
  // attempt, and for nothing else.
  void AwaitDisconnection() {
    absl::MutexLock lock(&mutex);
    const auto has_come = [this] { return disconnections > 0; };
    ASSERT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&has_come), kPatience));
    --disconnections;
  }

  absl::Mutex mutex;
  int disconnections = 0;
  absl::Status result;
  std::string last_reason;
  absl::Duration last_wait;
  SubscriptionEnd end;
};

// After which the next one may be long in coming.
SubscribeResponse Expiring(const std::string& token, absl::Time expires_at) {
  SubscribeResponse response =
      WithToken(Heartbeat(kStart, absl::Hours(24)), token);
  *response.mutable_heartbeat()->mutable_token_expires_at() =
      ToProto(expires_at);
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
  // Follows `request` on a thread of its own.
  void Start(TokenSource source = nullptr,
             const SubscribeRequest& request = RequestFor("o/r")) {
    subscription_.emplace(ServerOptions(std::move(source)), request);
    subscription_->Start(recorder_);
  }
  SubscriptionEnd Cancel() {
    subscription_->Cancel();
    return subscription_->Join();
  }
  std::shared_ptr<ScriptedStream> Opened() {
    auto stream = server_.NextStream(kPatience);
    EXPECT_NE(stream, nullptr);
    return stream;
  }
  // The stream has been lost: lets the time until the next attempt pass, and
  // returns that.
  std::shared_ptr<ScriptedStream> Reopened() {
    recorder_.AwaitDisconnection();
    clock_.AdvanceToNext();
    return Opened();
  }

  SteppedClock clock_;
  int tokens_given_ = 0;
  Recorder recorder_;
  std::optional<Subscription> subscription_;
  // The last member: its streams end before the others.
  ScriptedServer server_;
};

TEST_F(SubscriptionTest, ResumesAfterWhatMayPassAndEndsWithWhatDoesNot) {
  SubscribeRequest request = RequestFor("o/r");
  request.set_user("octocat");
  request.set_history(::mentions::v1::HISTORY_SEARCH);
  request.add_sources(::mentions::v1::SOURCE_REVIEW);
  Start(nullptr, request);
  // Given an event larger than the 4 MiB that gRPC receives by default,
  auto stream = Opened();
  EXPECT_EQ(stream->request().SerializeAsString(), request.SerializeAsString());
  stream->Send(WithToken(AMention(1, std::string(5 << 20, 'x'), kStart), "1"));
  request.set_resume_token("1");
  // when the stream ends for a reason that may pass, or without one, then
  // another continues it.
  for (const StatusCode code :
       {StatusCode::OK, StatusCode::CANCELLED, StatusCode::UNKNOWN,
        StatusCode::DEADLINE_EXCEEDED, StatusCode::RESOURCE_EXHAUSTED,
        StatusCode::ABORTED, StatusCode::INTERNAL, StatusCode::UNAVAILABLE}) {
    stream->End(grpc::Status(code, "for now"));
    stream = Reopened();
    EXPECT_EQ(stream->request().SerializeAsString(),
              request.SerializeAsString());
  }
  // That waits as long as the server wants.
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(90);
  google::rpc::Status details;
  details.add_details()->PackFrom(retry);
  stream->End(grpc::Status(StatusCode::UNAVAILABLE, "bye",
                           details.SerializeAsString()));
  stream = Reopened();
  Cancel();
  EXPECT_EQ(recorder_.last_wait, absl::Seconds(90));

  for (const StatusCode code :
       {StatusCode::INVALID_ARGUMENT, StatusCode::NOT_FOUND,
        StatusCode::PERMISSION_DENIED, StatusCode::FAILED_PRECONDITION,
        StatusCode::OUT_OF_RANGE, StatusCode::UNIMPLEMENTED,
        StatusCode::UNAUTHENTICATED, StatusCode::DATA_LOSS}) {
    Start();
    Opened()->End(grpc::Status(code, "for ever"));
    const SubscriptionEnd end = subscription_->Join();
    EXPECT_EQ(end.by, By::kServer);
    EXPECT_EQ(end.status,
              absl::Status(static_cast<absl::StatusCode>(code), "for ever"));
  }
}

TEST_F(SubscriptionTest, AMessageThatCannotBeParsedEndsIt) {
  Start();
  Opened()->Send(AMention(1, "\xff", kStart));  // not UTF-8
  // No status follows it for a while.
  clock_.AdvanceToNext();
  EXPECT_EQ(subscription_->Join().status,
            absl::DataLossError("cannot parse a message from the server"));
}

TEST_F(SubscriptionTest, ReconnectsWhenHeartbeatsStop) {
  Start();
  // Given a heartbeat that announces the next one immediately
  auto first = Opened();
  first->Send(WithToken(Heartbeat(kStart, absl::ZeroDuration()), "one"));
  // when nothing follows, then the client opens another stream after a while,
  clock_.AdvanceToNext();
  auto second = Reopened();
  EXPECT_EQ(second->request().resume_token(), "one");
  EXPECT_TRUE(first->WaitUntilGone(kPatience));
  // and a third one if nothing at all arrives on the second.
  clock_.AdvanceToNext();
  EXPECT_EQ(Reopened()->request().resume_token(), "one");
  EXPECT_TRUE(second->WaitUntilGone(kPatience));
  EXPECT_EQ(Cancel().by, By::kCancel);
  EXPECT_EQ(recorder_.last_reason, "no heartbeat from the server");
}

TEST_F(SubscriptionTest, ReplacesATokenBeforeItExpires) {
  // Given a source that has another token only at the fourth call,
  Start([this]() -> absl::StatusOr<std::string> {
    if (++tokens_given_ == 3) return absl::UnavailableError("not now");
    return tokens_given_ < 3 ? "token-1" : "token-2";
  });
  auto first = Opened();
  EXPECT_EQ(first->authorization(), "Bearer token-1");
  // when a token's time has nearly come, then the stream is kept until there is
  // another, and continues with that,
  const absl::Time expires_at = kStart + absl::Hours(1);
  first->Send(Expiring("one", expires_at));
  for (int i = 0; i < 3; ++i) clock_.AdvanceToNext();
  auto second = Opened();
  EXPECT_EQ(second->authorization(), "Bearer token-2");
  EXPECT_EQ(second->request().resume_token(), "one");
  EXPECT_TRUE(first->WaitUntilGone(kPatience));
  second->Send(Expiring("two", absl::InfiniteFuture() - absl::Hours(1)));
  EXPECT_EQ(Cancel().by, By::kCancel);
  // without a disconnection to tell of.
  EXPECT_EQ(recorder_.disconnections, 0);
  EXPECT_EQ(tokens_given_, 4);
  EXPECT_LT(clock_.Now(), expires_at);
}

TEST_F(SubscriptionTest, ReplacesATokenThatGitHubRejects) {
  Start([this] { return absl::StrCat("token-", ++tokens_given_); });
  auto stream = Opened();
  stream->Send(WithToken(Progress(0, 0), "one"));
  // Also if the next one is no better.
  for (int i = 2; i < 5; ++i) {
    stream->End(kRejected);
    stream = Reopened();
    EXPECT_EQ(stream->authorization(), absl::StrCat("Bearer token-", i));
    EXPECT_EQ(stream->request().resume_token(), "one");
  }
  EXPECT_EQ(Cancel().by, By::kCancel);
}

TEST_F(SubscriptionTest, GivesUpWhenGitHubRejectsEveryToken) {
  Start([] { return "always-the-same"; });
  Opened()->End(kRejected);
  for (int i = 0; i < 4; ++i) Reopened()->End(kRejected);
  const SubscriptionEnd end = subscription_->Join();
  EXPECT_EQ(end.by, By::kServer);
  EXPECT_EQ(end.status, absl::UnauthenticatedError("rejected"));
  // Without a source at once.
  SubscribeRequest request = RequestFor("o/r");
  request.set_token("ghp_1");
  Start(nullptr, request);
  const auto stream = Opened();
  EXPECT_EQ(stream->authorization(), "Bearer ghp_1");
  EXPECT_EQ(stream->request().token(), "");
  stream->End(kRejected);
  EXPECT_EQ(subscription_->Join().status, end.status);
}

TEST_F(SubscriptionTest, EndsWithoutAFirstTokenWhenCancelledOrNotConnected) {
  Start([]() -> absl::StatusOr<std::string> {
    return absl::NotFoundError("not logged in");
  });
  SubscriptionEnd end = subscription_->Join();
  EXPECT_EQ(end.by, By::kTokenSource);
  EXPECT_EQ(end.status, absl::NotFoundError("not logged in"));

  Subscription cancelled(ServerOptions(), RequestFor("o/r"));
  cancelled.Cancel();
  EXPECT_EQ(cancelled.Run(recorder_).by, By::kCancel);

  server_.Die();
  Start();
  end = subscription_->Join();
  EXPECT_EQ(end.by, By::kServer);
  EXPECT_FALSE(end.reached);
  EXPECT_EQ(end.status.code(), absl::StatusCode::kUnavailable);
}

TEST_F(SubscriptionTest, KeepsTheMembersOfASetApart) {
  // Given three subscriptions over one connection,
  Recorder gone;
  Recorder broken;
  broken.result = absl::InternalError("mine");
  SubscriptionSet set(ServerOptions(
      [this] { return absl::StrCat("token-", ++tokens_given_); }));
  set.Add(RequestFor("o/ok"), recorder_);
  set.Add(RequestFor("o/gone"), gone);
  set.Add(RequestFor("o/broken"), broken);
  std::thread thread([&set] { set.Run(); });
  std::shared_ptr<ScriptedStream> ok;
  std::shared_ptr<ScriptedStream> refused;
  for (int i = 0; i < 3; ++i) {
    auto stream = Opened();
    // which share the token,
    EXPECT_EQ(stream->authorization(), "Bearer token-1");
    const std::string& repo = stream->request().repo();
    // when two of them end,
    if (repo == "o/gone") {
      stream->End(grpc::Status(StatusCode::NOT_FOUND, "no"));
    } else if (repo == "o/broken") {
      stream->Send(SubscribeResponse());
      refused = stream;
    } else {
      ok = stream;
    }
  }
  // then the third one goes on.
  ok->End(grpc::Status(StatusCode::UNAVAILABLE, "restart"));
  EXPECT_EQ(Reopened()->request().repo(), "o/ok");
  set.Cancel();
  thread.join();
  EXPECT_EQ(recorder_.end.by, By::kCancel);
  EXPECT_EQ(gone.end.status, absl::NotFoundError("no"));
  EXPECT_EQ(broken.end.by, By::kListener);
  EXPECT_EQ(broken.end.status, broken.result);
  EXPECT_TRUE(refused->WaitUntilGone(kPatience));
  EXPECT_EQ(tokens_given_, 1);
}

}  // namespace
}  // namespace mentiond::client
