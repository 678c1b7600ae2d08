// The listing reader with responses that no honest GitHub gives: it must come
// to an end, or say that it can't.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "asio/io_context.hpp"
#include "gtest/gtest.h"

#include "lib/base/secret.h"
#include "lib/github/github_client.h"
#include "lib/github/listing_reader.h"
#include "lib/github/types.h"
#include "lib/http/http.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"
#include "tests/fakes/run_loop.h"

namespace mentiond {
namespace {

constexpr char kNext[] =
    "https://api.github.com/repositories/1/comments?page=2";

std::string ItemAt(int id, const std::string& updated) {
  return absl::StrCat(
      R"({"id":)", id, R"(,"user":null,"body":"",)",
      R"("html_url":"https://github.com/o/r/pull/1#issuecomment-)", id,
      R"(","created_at":"2020-01-01T00:00:00Z","updated_at":")", updated,
      R"("})");
}

HttpResponse PageWithNext(const std::string& items) {
  return Answer(200, absl::StrCat("[", items, "]"),
                {{"Link", absl::StrCat("<", kNext, R"(>; rel="next")")}});
}

bool IsNextLink(const HttpRequest& request) { return request.url == kNext; }

class ListingReaderHostileTest : public ::testing::Test {
 protected:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Reads to the end or to an error, but gives up after `limit` pages.
  absl::Status Read(Handler handler, size_t limit) {
    FakeTransport transport(
        [&](const HttpRequest& request) { return handler(request); });
    asio::io_context loop;
    FakeClock clock;
    GitHubClient client(loop.get_executor(), transport, clock);
    const absl::Cleanup at_end = [&] { RunReady(loop); };
    const RepoName name = *RepoName::Parse("o/r", "github.com");
    const Secret no_token;
    Repository repository(client, name, no_token);
    ListingReader reader(repository, {.listing = Listing::kIssueComments});
    while (transport.requests().size() < limit) {
      auto page = RunUntilDone(loop, reader.Next());
      requests_ = transport.requests().size();
      if (!page.ok()) return page.status();
      if (*page == nullptr) return absl::OkStatus();
    }
    return absl::InternalError("it goes on and on");
  }

  size_t requests_ = 0;
};

TEST_F(ListingReaderHostileTest, ALinkThatLoopsEndsInAnError) {
  const absl::Status status = Read(
      [](const HttpRequest&) {
        return PageWithNext(ItemAt(1, "2024-01-01T00:00:00Z"));
      },
      3000);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
}

TEST_F(ListingReaderHostileTest, EmptyPagesWithoutEndEndInAnError) {
  const absl::Status status =
      Read([](const HttpRequest&) { return PageWithNext(""); }, 3000);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
}

TEST_F(ListingReaderHostileTest, PagesOfNothingButMalformedItemsArePassed) {
  const absl::Status status = Read(
      [](const HttpRequest& request) {
        if (!IsNextLink(request)) return PageWithNext("17,null,{}");
        return Answer(
            200, absl::StrCat("[", ItemAt(1, "2024-01-01T00:00:00Z"), "]"));
      },
      100);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(requests_, 2U);
}

TEST_F(ListingReaderHostileTest, AMalformedPageBeforeTheEndDoesNotHoldItUp) {
  // Page 1 never says how late it is; page 2 is a year later.
  const absl::Status status = Read(
      [](const HttpRequest& request) {
        if (absl::StrContains(request.url, "since=2025")) {
          return Answer(200, "[]");
        }
        if (!IsNextLink(request)) return PageWithNext("17,null,{}");
        return PageWithNext(ItemAt(1, "2025-01-01T00:00:00Z"));
      },
      100);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(ListingReaderHostileTest, TimesWithFractionsDoNotStopAWindow) {
  // GitHub's have none. A window that began within a second would give the
  // same page for ever.
  const absl::Status status = Read(
      [](const HttpRequest& request) {
        if (IsNextLink(request)) {
          return Answer(
              200, absl::StrCat("[", ItemAt(2, "2024-01-01T00:00:00.7Z"), "]"));
        }
        return PageWithNext(ItemAt(1, "2024-01-01T00:00:00.5Z"));
      },
      100);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(ListingReaderHostileTest, ItemsOlderThanSinceDoNotTurnItBack) {
  const absl::Status status = Read(
      [](const HttpRequest& request) {
        if (!absl::StrContains(request.url, "since=")) {
          return PageWithNext(ItemAt(1, "2024-01-01T00:00:00Z"));
        }
        return Answer(
            200, absl::StrCat("[", ItemAt(2, "2023-01-01T00:00:00Z"), "]"));
      },
      100);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(requests_, 2U);
}

}  // namespace
}  // namespace mentiond
