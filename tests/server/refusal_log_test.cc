#include "server/refusal_log.h"

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "lib/base/hashed_token.h"
#include "lib/base/secret.h"
#include "tests/fakes/captured_log.h"
#include "tests/fakes/fake_clock.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;

const absl::Status kInvalid = absl::InvalidArgumentError("user: it is empty");

class RefusalLogTest : public testing::Test {
 protected:
  FakeClock clock_;
  RefusalLog refusals_{clock_, "github.com"};
};

TEST_F(RefusalLogTest, TheLineSaysWhoWantedWhatAsFarAsThatIsValid) {
  const auto request = [](const char* repo, const char* user,
                          const char* token) {
    SubscribeRequest of;
    of.set_repo(repo);
    of.set_user(user);
    of.set_token(token);
    return of;
  };
  const Caller peer = {.peer = "ipv4:10.0.0.1:4711"};
  const std::string by_peer = " peer=ipv4:10.0.0.1:4711";
  const std::string by_octocat = " repo=Octo/Demo user=octocat" + by_peer;
  const std::string hashed = " token=" + HashedToken(Secret("ghp_secret"));
  const struct {
    std::optional<SubscribeRequest> request;  // if it was read
    const char* authorization;
    Caller caller;
    std::string line;
  } cases[] = {
      {request("Octo/Demo", "octocat", "ghp_secret"),
       "",
       {.peer = peer.peer, .principal = "a\nb", .trace_parent = "t"},
       by_octocat + hashed + " principal=\"a\\nb\" traceparent=t"},
      // A token may be in the wrong field.
      {request("ghp_secret", "ghp_secret\n", "ghp_secret\n"), "", peer,
       by_peer},
      {request("Octo/Demo", "octocat", ""), "Bearer ghp_secret", peer,
       by_octocat + hashed},
      {request("Octo/Demo", "octocat", ""), "", peer, by_octocat + " token=-"},
      // Without the request it is not known whether there was one.
      {std::nullopt, "Bearer ghp_secret", peer, by_peer + hashed},
      {std::nullopt, "ghp_secret", peer, by_peer},
      {std::nullopt, "", peer, by_peer},
  };
  for (const auto& row : cases) {
    const CapturedLog log;
    clock_.Advance(absl::Seconds(1));
    refusals_.Note(kInvalid, row.caller, row.request ? &*row.request : nullptr,
                   row.authorization);
    const auto lines = log.With("");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(
        lines[0].message,
        "stream refused (INVALID_ARGUMENT: user: it is empty):" + row.line);
  }
}

TEST_F(RefusalLogTest, AFloodOfOneKindIsCountedAndHidesNoOther) {
  // Given a thousand refusals in a second, ten of which are logged,
  const CapturedLog log;
  for (int i = 0; i < 1000; ++i) refusals_.Note(kInvalid, {}, nullptr, "");
  EXPECT_EQ(log.With("INVALID_ARGUMENT").size(),
            size_t{RefusalLog::kLinesPerSecond});
  // when somebody else is not let in, then that is logged,
  refusals_.Note(absl::PermissionDeniedError("no"), {}, nullptr, "");
  EXPECT_EQ(log.With("PERMISSION_DENIED").size(), 1U);
  // and a second later how many there were of the others.
  clock_.Advance(absl::Seconds(1));
  refusals_.Note(kInvalid, {}, nullptr, "");
  EXPECT_EQ(log.With("(990 more since the last such line)").size(), 1U);
}

}  // namespace
}  // namespace mentiond
