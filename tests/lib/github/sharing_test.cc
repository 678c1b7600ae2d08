// Equal requests cost one, and unchanged responses nothing.

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

#include "tests/lib/github/client_fixture.h"

namespace mentiond {
namespace {

std::string Comments(int count, const std::string& updated) {
  std::vector<std::string> items;
  for (int id = 1; id <= count; ++id) {
    items.push_back(absl::StrCat(
        R"({"id":)", id, R"(,"user":{"login":"alice"},"body":"hi",)",
        R"("html_url":"https://github.com/o/r/pull/1#issuecomment-)", id,
        R"(","created_at":"2020-01-01T00:00:00Z","updated_at":")", updated,
        R"("})"));
  }
  return absl::StrCat("[", absl::StrJoin(items, ","), "]");
}

// The result of a query for a pull request that is gone: nothing.
constexpr char kDeletedPull[] =
    R"({"data":{"repository":{"n0":null}},"errors":[{"type":"NOT_FOUND",)"
    R"("path":["repository","n0"],"message":"gone"}]})";

class SharingTest : public ClientFixture {
 protected:
  // Answers like a server whose page has this version now.
  void Serve(const std::string& version, const std::string& body) {
    answer_ = [version, body](const HttpRequest& request) {
      return request.headers.Get("If-None-Match") == version
                 ? Answer(304, "")
                 : Answer(200, body, {{"ETag", version}});
    };
  }
  // What the metrics count of that for an API.
  double Count(const std::string& name, const std::string& api) {
    for (const prometheus::MetricFamily& family : counters_.Collect()) {
      if (family.name != "mentiond_github_" + name) continue;
      for (const prometheus::ClientMetric& metric : family.metric) {
        if (metric.label.front().value == api) return metric.counter.value;
      }
    }
    ADD_FAILURE() << "no " << name << " of " << api;
    return -1;
  }
};

TEST_F(SharingTest, ThePageThatHasNotChangedIsTheSame) {
  Serve(R"(W/"a")", Comments(2, "2024-01-01T00:00:00Z"));
  const PageResult first = Fetch();
  const PageResult again = Fetch();
  ASSERT_TRUE(first.ok() && again.ok());

  EXPECT_EQ(requests(), 2U);
  EXPECT_EQ(transport_.requests()[0].headers.Get("If-None-Match"),
            std::nullopt);
  EXPECT_EQ(transport_.requests()[1].headers.Get("If-None-Match"), R"(W/"a")");
  EXPECT_EQ(*first, *again) << "decoded once";

  Serve(R"(W/"b")", Comments(3, "2024-01-01T00:00:00Z"));
  const PageResult changed = Fetch();
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ((*changed)->items.size(), 3U);
  EXPECT_NE((*changed)->version, (*first)->version);
}

TEST_F(SharingTest, NothingIsSharedBetweenTokens) {
  Serve(R"("a")", "[]");
  ASSERT_TRUE(Fetch(Query(kUrl, "ghp_one")).ok());
  ASSERT_TRUE(Fetch(Query(kUrl, "ghp_two")).ok());
  EXPECT_EQ(transport_.requests()[1].headers.Get("If-None-Match"),
            std::nullopt);
  EXPECT_EQ(transport_.requests()[1].bearer.Expose(), "ghp_two");

  transport_.Hold();
  const auto one = Ask(Query(kUrl, "ghp_one"));
  const auto two = Ask(Query(kUrl, "ghp_two"));
  EXPECT_EQ(transport_.waiting(), 2U) << "in flight neither";
}

TEST_F(SharingTest, AThousandWhoAskAtOnceCostOneRequest) {
  transport_.Hold();
  std::vector<std::shared_ptr<Asker>> askers;
  for (int i = 0; i < 1000; ++i) askers.push_back(Ask(Query()));
  EXPECT_EQ(requests(), 1U);

  transport_.Release();
  RunReady(loop_);
  for (const auto& asker : askers) {
    ASSERT_TRUE(asker->result.has_value());
    EXPECT_EQ(**asker->result, **askers[0]->result) << "decoded once";
  }
  EXPECT_EQ(requests(), 1U);
}

TEST_F(SharingTest, WhoIsCancelledLeavesAndTheRequestGoesOnForTheOthers) {
  transport_.Hold();
  const auto first = Ask(Query());
  const auto second = Ask(Query());
  Cancel(*first);
  ASSERT_TRUE(first->result.has_value());
  EXPECT_TRUE(absl::IsCancelled(first->result->status()));
  EXPECT_EQ(transport_.waiting(), 1U);

  transport_.Release();
  RunReady(loop_);
  ASSERT_TRUE(second->result.has_value());
  EXPECT_TRUE(second->result->ok());
  EXPECT_EQ(requests(), 1U);
}

TEST_F(SharingTest, TheLastWhoLeavesAbortsTheRequest) {
  transport_.Hold();
  const auto first = Ask(Query());
  const auto second = Ask(Query());
  Cancel(*first);
  Cancel(*second);
  EXPECT_EQ(transport_.waiting(), 0U);

  // A later caller sends a new request.
  const auto third = Ask(Query());
  transport_.Release();
  RunReady(loop_);
  ASSERT_TRUE(third->result.has_value());
  EXPECT_TRUE(third->result->ok());
}

TEST_F(SharingTest, AFailureIsNotHandedOnAsALastingError) {
  answer_ = [](const HttpRequest&) {
    return Answer(404, R"({"message":"Not Found"})");
  };
  EXPECT_TRUE(absl::IsNotFound(Fetch().status()));
  answer_ = [](const HttpRequest&) { return Answer(200, "[]"); };
  EXPECT_TRUE(Fetch().ok());
}

TEST_F(SharingTest, AnOldResponseServesWhereTheCallerAllowsIt) {
  Serve(R"("a")", "[]");
  ASSERT_TRUE(Fetch().ok());
  const absl::Time asked = clock_.Now();
  clock_.Advance(absl::Hours(1));

  PageQuery query = Query();
  query.good_since = asked;
  ASSERT_TRUE(Fetch(query).ok());
  EXPECT_EQ(requests(), 1U);
  query.good_since = asked + absl::Seconds(1);
  ASSERT_TRUE(Fetch(query).ok());
  EXPECT_EQ(requests(), 2U) << "not one that is older";
  // The 304 has confirmed it.
  ASSERT_TRUE(Fetch(query).ok());
  EXPECT_EQ(requests(), 2U);
}

TEST_F(SharingTest, AnOldResponseMustBeSettledWhereThatMatters) {
  PageQuery query = Query();
  query.good_since = absl::InfinitePast();
  query.only_if_settled = true;
  const std::string old = "2020-01-01T00:00:00Z";
  const std::string link = R"(<https://api.github.com/x?page=2>; rel="next")";
  const std::string now =
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", clock_.Now(), absl::UTCTimeZone());
  const auto asks_again = [&](const std::string& updated,
                              const std::string& next) {
    answer_ = [&](const HttpRequest&) {
      HttpResponse response =
          Answer(200, Comments(1, updated), {{"ETag", R"("1")"}});
      if (!next.empty()) response.headers.Add("Link", next);
      return response;
    };
    EXPECT_TRUE(Fetch().ok());
    const size_t before = requests();
    EXPECT_TRUE(Fetch(query).ok());
    return requests() > before;
  };
  EXPECT_FALSE(asks_again(old, link));
  EXPECT_TRUE(asks_again(old, "")) << "the last page can get more";
  EXPECT_TRUE(asks_again(now, link)) << "so can one with recent items";
}

TEST_F(SharingTest, AFullPageWithoutANextIsNotTakenForTheLast) {
  // GitHub may respond with 304 forever, as new items change the next page.
  Serve(R"("a")", Comments(2, "2024-01-01T00:00:00Z"));
  const PageResult full = Fetch(Query("https://api.github.com/x?per_page=2"));
  ASSERT_TRUE(full.ok());
  EXPECT_EQ((*full)->next_url, "https://api.github.com/x?per_page=2&page=2");
  const PageResult other = Fetch(Query("https://api.github.com/x?per_page=3"));
  ASSERT_TRUE(other.ok());
  EXPECT_EQ((*other)->next_url, "");
}

TEST_F(SharingTest, A304ToAQuestionThatWasNotConditionalPasses) {
  answer_ = [](const HttpRequest&) { return Answer(304, ""); };
  EXPECT_EQ(Fetch().status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(SharingTest, AMalformedETagIsNotSentBack) {
  for (const char* etag : {"", "\"a\nb\"", "\"\xc3\xa9\"", "\" \""}) {
    answer_ = [&](const HttpRequest&) {
      return Answer(200, "[]", {{"ETag", etag}});
    };
    const std::string url = absl::StrCat(kUrl, requests());
    ASSERT_TRUE(Fetch(Query(url)).ok());
    ASSERT_TRUE(Fetch(Query(url)).ok());
    EXPECT_EQ(transport_.requests().back().headers.Get("If-None-Match"),
              std::nullopt);
  }
}

TEST_F(SharingTest, WhileThereIsNoConnectionOneRequestASecondTriesToMakeOne) {
  // Given a GitHub that cannot be reached,
  answer_ = [](const HttpRequest&) {
    return WithoutConnection(absl::UnavailableError("Connection refused"));
  };

  // when many streams want to poll, then one request is sent, and all fail.
  for (int i = 0; i < 10; ++i) {
    const PageResult page = Fetch(Query(absl::StrCat(kUrl, i)));
    EXPECT_EQ(page.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_GT(WaitOf(page), absl::ZeroDuration());
  }
  EXPECT_EQ(requests(), 1U);

  // A second later there is another one; it finds GitHub back, and so do all.
  clock_.Advance(absl::Seconds(1));
  answer_ = [](const HttpRequest&) { return Answer(200, "[]"); };
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(Fetch(Query(absl::StrCat(kUrl, i))).ok());
  }
  EXPECT_EQ(requests(), 11U);
}

TEST_F(SharingTest, AFailureOverAConnectionKeepsNobodyElseFromTrying) {
  answer_ = [](const HttpRequest&) { return absl::UnavailableError("reset"); };
  for (int i = 0; i < 3; ++i) (void)Fetch(Query(absl::StrCat(kUrl, i)));
  EXPECT_EQ(requests(), 3U);
}

TEST_F(SharingTest, WhatIsSparedIsCountedByApi) {
  // Given a query whose result is cached, and a listing's page that is,
  Serve(R"("a")", "[]");
  const PullQuery query = {.repo = *RepoName::Parse("o/r", "github.com"),
                           .what = std::vector<PullRequestPart>{{.number = 7}},
                           .token = Secret("ghp_one")};
  ASSERT_TRUE(Fetch().ok());
  answer_ = [](const HttpRequest&) { return Answer(200, kDeletedPull); };
  ASSERT_TRUE(FetchPulls(query).ok());
  EXPECT_EQ(Count("cache_hits_total", "graphql"), 0);

  // when the query is repeated twice, and the page is requested once more,
  PullQuery again = query;
  again.good_since = clock_.Now();
  ASSERT_TRUE(FetchPulls(again).ok());
  ASSERT_TRUE(FetchPulls(again).ok());
  PageQuery page = Query();
  page.good_since = clock_.Now();
  ASSERT_TRUE(Fetch(page).ok());

  // then each counts where it belongs.
  EXPECT_EQ(requests(), 2U);
  EXPECT_EQ(Count("cache_hits_total", "graphql"), 2);
  EXPECT_EQ(Count("cache_hits_total", "rest"), 1);

  // And so do requests that join one under way.
  transport_.Hold();
  for (int i = 0; i < 3; ++i) Ask(Query());
  transport_.Release();
  RunReady(loop_);
  EXPECT_EQ(Count("coalesced_requests_total", "rest"), 2);
  EXPECT_EQ(Count("coalesced_requests_total", "graphql"), 0);
}

TEST_F(SharingTest, WhatIsLeftOfBothQuotasIsKnown) {
  // Given a token with half of its REST quota and little for GraphQL,
  answer_ = [this](const HttpRequest& request) {
    const bool graphql = request.post_body.has_value();
    return Answer(200, graphql ? kDeletedPull : "[]",
                  {{"X-RateLimit-Limit", "5000"},
                   {"X-RateLimit-Remaining", graphql ? "900" : "2600"},
                   {"X-RateLimit-Reset",
                    absl::StrCat(absl::ToUnixSeconds(clock_.Now()) + 1000)}});
  };
  ASSERT_TRUE(Fetch().ok());
  (void)FetchPulls({.repo = *RepoName::Parse("o/r", "github.com"),
                    .what = std::vector<PullRequestPart>{{.number = 7}},
                    .token = Secret("ghp_one")});
  const auto& tokens = client_.load().tokens_by_quota;
  const std::array<size_t, 10> rest = {0, 0, 0, 0, 0, 1};
  const std::array<size_t, 10> graphql = {0, 1};
  EXPECT_EQ(tokens[static_cast<size_t>(Resource::kRest)], rest);
  EXPECT_EQ(tokens[static_cast<size_t>(Resource::kGraphQl)], graphql);
}

}  // namespace
}  // namespace mentiond
