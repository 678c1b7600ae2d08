// Names that take long to look up: whoever waits for one may go, and the loop
// does not wait with it. libcurl looks names up in threads, by getaddrinfo();
// the one here keeps it waiting for as long as a test wants.

#include <dlfcn.h>
#include <netdb.h>

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "lib/base/task_scope.h"
#include "lib/http/curl_transport.h"
#include "lib/http/http.h"
#include "tests/fakes/run_loop.h"
#include "tests/lib/http/raw_server.h"
#include "tests/lib/http/transport_fixture.h"

namespace mentiond {
namespace {

using absl::StatusCode;

constexpr char kSlowHost[] = "slow.test";
constexpr char kSlowUrl[] = "http://slow.test/";
// A lookup that nobody ends fails by itself: a loop that waits for it then
// fails the test instead of hanging.
constexpr absl::Duration kLongestLookup = absl::Seconds(5);

// The lookups of kSlowHost. Safe to use from any thread.
class SlowLookups {
 public:
  static SlowLookups& Get() {
    static auto* const lookups = new SlowLookups;  // outlives detached threads
    return *lookups;
  }

  // One lookup, in its thread.
  void Wait() {
    const absl::MutexLock lock(&mutex_);
    ++under_way_;
    begun_();
    mutex_.AwaitWithTimeout(absl::Condition(&answered_), kLongestLookup);
    --under_way_;
    ++ended_;
  }

  // From now on lookups wait, and each calls `begun` when it does.
  void Hold(std::function<void()> begun) {
    const absl::MutexLock lock(&mutex_);
    answered_ = false;
    ended_ = 0;
    begun_ = std::move(begun);
  }

  // Lets all go, and waits until they have gone.
  void Answer() {
    const absl::MutexLock lock(&mutex_);
    answered_ = true;
    begun_ = [] {};
    const auto none = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return under_way_ == 0;
    };
    mutex_.Await(absl::Condition(&none));
  }

  // Since Hold(). As long as there are none, nobody has waited for one.
  int ended() const {
    const absl::MutexLock lock(&mutex_);
    return ended_;
  }

 private:
  mutable absl::Mutex mutex_;
  bool answered_ ABSL_GUARDED_BY(mutex_) = true;
  int under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  int ended_ ABSL_GUARDED_BY(mutex_) = 0;
  std::function<void()> begun_ ABSL_GUARDED_BY(mutex_) = [] {};
};

}  // namespace
}  // namespace mentiond

// Comes before libc's for libcurl too, as symbols of the program do.
extern "C" int getaddrinfo(const char* node, const char* service,
                           const addrinfo* hints, addrinfo** result) {
  if (node != nullptr && std::string_view(node) == mentiond::kSlowHost) {
    mentiond::SlowLookups::Get().Wait();
    return EAI_AGAIN;
  }
  static const auto real =
      reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}

namespace mentiond {
namespace {

class NameLookupTest : public TransportFixture {
 protected:
  NameLookupTest() {
    SlowLookups::Get().Hold([this] { OnLoop([this] { ++lookups_; }); });
  }
  ~NameLookupTest() override { SlowLookups::Get().Answer(); }

  int lookups_ = 0;  // begun
  std::vector<Answer> answers_;
};

TEST_F(NameLookupTest, CancellingDoesNotWaitForTheName) {
  // Given a request whose host's name is being looked up
  CurlTransport transport(loop_.get_executor(), {});
  TaskScope scope(loop_.get_executor());
  const auto task =
      scope.Spawn(GetInto(&transport, Request(kSlowUrl), &answers_));
  RunUntil([&] { return lookups_ == 1; });

  // When it is cancelled, then it ends at once
  scope.Cancel(task);
  RunReady(loop_);

  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].status().code(), StatusCode::kCancelled);
  EXPECT_EQ(SlowLookups::Get().ended(), 0);

  // and the transport is good for the next one.
  const RawServer server([](RawConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  });
  EXPECT_TRUE(Get(transport, server.url()).ok());
  EXPECT_EQ(SlowLookups::Get().ended(), 0);
}

TEST_F(NameLookupTest, AConnectTimeoutDoesNotWaitForTheName) {
  CurlTransportOptions options;
  options.connect_timeout = absl::Milliseconds(50);
  options.total_timeout = absl::Hours(1);

  const Answer answer = Get(kSlowUrl, options);

  EXPECT_EQ(answer.status().code(), StatusCode::kDeadlineExceeded)
      << answer.status();
  EXPECT_EQ(SlowLookups::Get().ended(), 0);
}

TEST_F(NameLookupTest, ATotalTimeoutDoesNotWaitForTheName) {
  CurlTransportOptions options;
  options.total_timeout = absl::Milliseconds(50);

  const Answer answer = Get(kSlowUrl, options);

  EXPECT_EQ(answer.status().code(), StatusCode::kDeadlineExceeded)
      << answer.status();
  EXPECT_EQ(SlowLookups::Get().ended(), 0);
}

TEST_F(NameLookupTest, OtherRequestsContinueDuringANameLookup) {
  const RawServer server([](RawConnection& connection) {
    while (!connection.ReadRequest().empty()) {
      connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    }
  });
  CurlTransport transport(loop_.get_executor(), {});
  TaskScope scope(loop_.get_executor());
  scope.Spawn(GetInto(&transport, Request(kSlowUrl), &answers_));
  RunUntil([&] { return lookups_ == 1; });

  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(Get(transport, server.url()).ok());
  }
  EXPECT_EQ(SlowLookups::Get().ended(), 0);
  EXPECT_TRUE(answers_.empty());

  // A name that is not found is a fault that may pass.
  SlowLookups::Get().Answer();
  RunUntil([&] { return scope.size() == 0; });
  EXPECT_EQ(answers_[0].status().code(), StatusCode::kUnavailable);
}

TEST_F(NameLookupTest, ATransportMayEndDuringANameLookup) {
  auto transport = std::make_unique<CurlTransport>(loop_.get_executor(),
                                                   CurlTransportOptions());
  TaskScope scope(loop_.get_executor());
  for (int i = 0; i < 3; ++i) {
    scope.Spawn(GetInto(transport.get(), Request(kSlowUrl), &answers_));
  }
  RunUntil([&] { return lookups_ == 3; });
  scope.CancelAll();
  scope.Join([&] { transport.reset(); });

  RunReady(loop_);

  EXPECT_EQ(transport, nullptr);
  EXPECT_EQ(answers_.size(), 3U);
  EXPECT_EQ(SlowLookups::Get().ended(), 0);
}

}  // namespace
}  // namespace mentiond
