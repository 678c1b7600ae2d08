// Names that take long to look up: whoever waits for one may go, and the loop
// does not wait with it. libcurl looks names up in threads, by getaddrinfo();
// the one here keeps it waiting for as long as a test wants.

#include <dlfcn.h>
#include <netdb.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "tests/lib/http/transport_fixture.h"

namespace mentiond {
namespace {

using absl::StatusCode;

constexpr char kSlowHost[] = "slow.test";
constexpr char kSlowUrl[] = "http://slow.test/";
// A lookup that nobody ends fails by itself: a loop that waits for it then
// fails the test instead of hanging.
constexpr absl::Duration kLongestLookup = absl::Seconds(5);

// The lookups of kSlowHost, in their threads, which libcurl detaches: it is
// never destroyed.
struct SlowLookups {
  void Wait() {
    const absl::MutexLock lock(&mutex);
    ++under_way;
    begun();
    mutex.AwaitWithTimeout(absl::Condition(&answered), kLongestLookup);
    --under_way;
    ++ended;
  }
  // From now on lookups wait, and each calls `on_begin` when it does.
  void Hold(std::function<void()> on_begin) {
    const absl::MutexLock lock(&mutex);
    answered = false;
    ended = 0;
    begun = std::move(on_begin);
  }
  // Lets all go, and waits until they have gone.
  void Answer() {
    const absl::MutexLock lock(&mutex);
    answered = true;
    begun = [] {};
    mutex.Await(absl::Condition(
        +[](int* waiting) { return *waiting == 0; }, &under_way));
  }
  // Since Hold(). As long as there are none, nobody has waited for one.
  int Ended() {
    const absl::MutexLock lock(&mutex);
    return ended;
  }

  absl::Mutex mutex;
  bool answered ABSL_GUARDED_BY(mutex) = true;
  int under_way ABSL_GUARDED_BY(mutex) = 0;
  int ended ABSL_GUARDED_BY(mutex) = 0;
  std::function<void()> begun ABSL_GUARDED_BY(mutex) = [] {};
};
SlowLookups& lookups = *new SlowLookups;

}  // namespace
}  // namespace mentiond

// Comes before libc's for libcurl too, as symbols of the program do.
extern "C" int getaddrinfo(const char* node, const char* service,
                           const addrinfo* hints, addrinfo** result) {
  if (node != nullptr && std::string_view(node) == mentiond::kSlowHost) {
    mentiond::lookups.Wait();
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
    lookups.Hold([this] { OnLoop([this] { ++lookups_; }); });
  }
  ~NameLookupTest() override { lookups.Answer(); }

  // Starts requests to a host whose name is being looked up from then on.
  void StartSlow(int times = 1) {
    Start(kSlowUrl, times);
    RunUntil([&] { return lookups_ == times; });
  }

  int lookups_ = 0;  // begun
  const RawServer server_{[](RawConnection& connection) {
    while (!connection.ReadRequest().empty()) connection.Send(Ok("hello"));
  }};
};

TEST_F(NameLookupTest, CancellingDoesNotWaitForTheName) {
  StartSlow();

  CancelAll();

  EXPECT_EQ(Answered(StatusCode::kCancelled), 1);
  // The transport is good for the next one.
  EXPECT_TRUE(Get(server_.url()).ok());
  EXPECT_EQ(lookups.Ended(), 0);
}

TEST_F(NameLookupTest, ATimeoutDoesNotWaitForTheName) {
  // By libcurl's own clock: nothing else ends them.
  CurlTransportOptions connect;
  connect.connect_timeout = absl::Milliseconds(20);
  connect.total_timeout = absl::Hours(1);
  CurlTransportOptions total;
  total.total_timeout = absl::Milliseconds(20);
  for (const CurlTransportOptions& options : {connect, total}) {
    EXPECT_TRUE(absl::IsDeadlineExceeded(Get(kSlowUrl, options).status()));
    EXPECT_EQ(lookups.Ended(), 0);
  }
}

TEST_F(NameLookupTest, OtherRequestsContinueDuringANameLookup) {
  StartSlow();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Get(server_.url()).ok());
  EXPECT_EQ(lookups.Ended(), 0);
  EXPECT_TRUE(answers_.empty());

  // A name that is not found is a fault that may pass.
  lookups.Answer();
  AwaitAll();
  EXPECT_EQ(Answered(StatusCode::kUnavailable), 1);
}

TEST_F(NameLookupTest, ATransportMayEndDuringANameLookup) {
  StartSlow(3);
  scope_.CancelAll();
  scope_.Join([&] { transport_.reset(); });

  RunReady(loop_);

  EXPECT_EQ(transport_, nullptr);
  EXPECT_EQ(Answered(StatusCode::kCancelled), 3);
  EXPECT_EQ(lookups.Ended(), 0);
}

}  // namespace
}  // namespace mentiond
