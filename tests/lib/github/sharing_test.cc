// Equal requests cost one, and unchanged responses nothing.

#include "tests/lib/github/client_fixture.h"

namespace mentiond {
namespace {

constexpr char kOld[] = "2024-01-01T00:00:00Z";

std::string Comments(int count, const std::string& updated = kOld) {
  std::vector<std::string> items;
  for (int id = 1; id <= count; ++id) items.push_back(CommentAt(id, updated));
  return List(items);
}

// The result of a query for a pull request that is gone: nothing.
constexpr char kDeletedPull[] =
    R"({"data":{"repository":{"n0":null}},"errors":[{"type":"NOT_FOUND",)"
    R"("path":["repository","n0"],"message":"gone"}]})";

class SharingTest : public ClientFixture {
 protected:
  // Answers like a server whose page has this version now.
  void ServeVersion(const std::string& version, const std::string& body) {
    answer_ = [version, body](const HttpRequest& request) {
      return request.headers.Get("If-None-Match") == version
                 ? Answer(304, "")
                 : Answer(200, body, {{"ETag", version}});
    };
  }
  std::optional<std::string_view> LastCondition() const {
    return transport_.requests().back().headers.Get("If-None-Match");
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
  ServeVersion(R"(W/"a")", Comments(2));
  const PageResult first = Fetch();
  EXPECT_EQ(LastCondition(), std::nullopt);
  const PageResult again = Fetch();
  EXPECT_EQ(LastCondition(), R"(W/"a")");
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(*first, *again) << "decoded once";

  ServeVersion(R"(W/"b")", Comments(3));
  const PageResult changed = Fetch();
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ((*changed)->items.size(), 3U);
  EXPECT_NE((*changed)->version, (*first)->version);
}

TEST_F(SharingTest, NothingIsSharedBetweenTokens) {
  ServeVersion(R"("a")", "[]");
  ASSERT_TRUE(Fetch(Query(kUrl, "ghp_one")).ok());
  ASSERT_TRUE(Fetch(Query(kUrl, "ghp_two")).ok());
  EXPECT_EQ(LastCondition(), std::nullopt);
  EXPECT_EQ(transport_.requests().back().bearer.Expose(), "ghp_two");

  transport_.Hold();
  Ask(Query(kUrl, "ghp_one"));
  Ask(Query(kUrl, "ghp_two"));
  EXPECT_EQ(transport_.waiting(), 2U) << "in flight neither";
}

TEST_F(SharingTest, AThousandWhoAskAtOnceCostOneRequest) {
  transport_.Hold();
  std::vector<std::shared_ptr<Asker>> askers(1000);
  for (auto& asker : askers) asker = Ask();
  transport_.Release();
  RunReady(loop_);
  for (const auto& asker : askers) {
    ASSERT_TRUE(asker->result.has_value());
    EXPECT_EQ(**asker->result, **askers[0]->result) << "decoded once";
  }
  EXPECT_EQ(requests(), 1U);
  EXPECT_EQ(Count("coalesced_requests_total", "rest"), 999);
  EXPECT_EQ(Count("coalesced_requests_total", "graphql"), 0);
}

TEST_F(SharingTest, WhoIsCancelledLeavesAndTheLastAbortsTheRequest) {
  transport_.Hold();
  auto first = Ask();
  auto second = Ask();
  Cancel(*first);
  ASSERT_TRUE(first->result.has_value());
  EXPECT_TRUE(absl::IsCancelled(first->result->status()));
  EXPECT_EQ(transport_.waiting(), 1U) << "it goes on for the other";
  Cancel(*second);
  EXPECT_EQ(transport_.waiting(), 0U);

  // A later caller sends a new request.
  first = Ask();
  second = Ask();
  Cancel(*first);
  transport_.Release();
  RunReady(loop_);
  ASSERT_TRUE(second->result.has_value());
  EXPECT_TRUE(second->result->ok());
  EXPECT_EQ(requests(), 2U);
}

TEST_F(SharingTest, AnOldResponseServesWhereTheCallerAllowsIt) {
  ServeVersion(R"("a")", "[]");
  ASSERT_TRUE(Fetch().ok());
  PageQuery query = Query();
  query.good_since = clock_.Now();
  clock_.Advance(absl::Hours(1));

  ASSERT_TRUE(Fetch(query).ok());
  EXPECT_EQ(requests(), 1U);
  query.good_since += absl::Seconds(1);
  ASSERT_TRUE(Fetch(query).ok());
  EXPECT_EQ(requests(), 2U) << "not one that is older";
  // The 304 has confirmed it.
  ASSERT_TRUE(Fetch(query).ok());
  EXPECT_EQ(requests(), 2U);
}

TEST_F(SharingTest, AnOldResponseMustBeSettledWhereThatMatters) {
  const std::string link = R"(<https://api.github.com/x?page=2>; rel="next")";
  const std::string now =
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", clock_.Now(), absl::UTCTimeZone());
  const auto asks_again = [&](const std::string& updated,
                              const std::string& next) {
    Serve(200, Comments(1, updated), {{"ETag", R"("1")"}, {"Link", next}});
    EXPECT_TRUE(Fetch().ok());
    const size_t before = requests();
    PageQuery query = Query();
    query.good_since = absl::InfinitePast();
    query.only_if_settled = true;
    EXPECT_TRUE(Fetch(query).ok());
    return requests() > before;
  };
  const std::string old = "2020-01-01T00:00:00Z";
  EXPECT_FALSE(asks_again(old, link));
  EXPECT_TRUE(asks_again(old, "")) << "the last page can get more";
  EXPECT_TRUE(asks_again(now, link)) << "so can one with recent items";
}

TEST_F(SharingTest, AFullPageWithoutANextIsNotTakenForTheLast) {
  // GitHub may respond with 304 forever, as new items change the next page.
  Serve(200, Comments(2));
  const std::string url = "https://api.github.com/x?per_page=";
  EXPECT_EQ((*Fetch(Query(url + "2")))->next_url, url + "2&page=2");
  EXPECT_EQ((*Fetch(Query(url + "3")))->next_url, "");
}

TEST_F(SharingTest, NeitherALastingErrorNorA304WithoutAConditionIsRemembered) {
  Serve(404, R"({"message":"Not Found"})");
  EXPECT_TRUE(absl::IsNotFound(Fetch().status()));
  Serve(200, "[]");
  EXPECT_TRUE(Fetch().ok());
  Serve(304, "");
  EXPECT_TRUE(absl::IsUnavailable(Fetch().status()));
}

TEST_F(SharingTest, AMalformedETagIsNotSentBack) {
  for (const char* etag : {"", "\"a\nb\"", "\"\xc3\xa9\"", "\" \""}) {
    Serve(200, "[]", {{"ETag", etag}});
    const std::string url = absl::StrCat(kUrl, requests());
    ASSERT_TRUE(Fetch(Query(url)).ok());
    ASSERT_TRUE(Fetch(Query(url)).ok());
    EXPECT_EQ(LastCondition(), std::nullopt);
  }
}

TEST_F(SharingTest, WhileThereIsNoConnectionOneRequestASecondTriesToMakeOne) {
  // Given a GitHub that cannot be reached,
  answer_ = [](const HttpRequest&) {
    return WithoutConnection(absl::UnavailableError("Connection refused"));
  };

  // when many streams want to poll, then one request is sent, and all fail.
  for (int i = 0; i < 10; ++i) {
    const PageResult page = FetchAnother();
    EXPECT_EQ(page.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_GT(WaitOf(page), absl::ZeroDuration());
  }
  EXPECT_EQ(requests(), 1U);

  // A second later there is another one; it finds GitHub back, and so do all.
  clock_.Advance(absl::Seconds(1));
  Serve(200, "[]");
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(FetchAnother().ok());
  EXPECT_EQ(requests(), 11U);

  // A failure over a connection keeps nobody else from trying.
  answer_ = [](const HttpRequest&) { return absl::UnavailableError("reset"); };
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(FetchAnother().ok());
  EXPECT_EQ(requests(), 14U);
}

TEST_F(SharingTest, WhatIsSparedIsCountedByApi) {
  // Given a query whose result is cached, and a listing's page that is,
  ASSERT_TRUE(Fetch().ok());
  Serve(200, kDeletedPull);
  PullQuery query = QueryOfAPull();
  ASSERT_TRUE(FetchPulls(query).ok());
  EXPECT_EQ(Count("cache_hits_total", "graphql"), 0);

  // when the query is repeated twice, and the page is requested once more,
  query.good_since = clock_.Now();
  ASSERT_TRUE(FetchPulls(query).ok());
  ASSERT_TRUE(FetchPulls(query).ok());
  PageQuery page = Query();
  page.good_since = clock_.Now();
  ASSERT_TRUE(Fetch(page).ok());

  // then each counts where it belongs.
  EXPECT_EQ(requests(), 2U);
  EXPECT_EQ(Count("cache_hits_total", "graphql"), 2);
  EXPECT_EQ(Count("cache_hits_total", "rest"), 1);
}

TEST_F(SharingTest, WhatIsLeftOfBothQuotasIsKnown) {
  // Given a token with half of its REST quota and little for GraphQL,
  Serve(200, "[]", Quota(5000, 2600, absl::Seconds(1000)));
  ASSERT_TRUE(Fetch().ok());
  Serve(200, kDeletedPull, Quota(5000, 900, absl::Seconds(1000)));
  ASSERT_TRUE(FetchPulls(QueryOfAPull()).ok());
  const auto& tokens = client_.load().tokens_by_quota;
  const std::array<size_t, 10> rest = {0, 0, 0, 0, 0, 1};
  const std::array<size_t, 10> graphql = {0, 1};
  EXPECT_EQ(tokens[static_cast<size_t>(Resource::kRest)], rest);
  EXPECT_EQ(tokens[static_cast<size_t>(Resource::kGraphQl)], graphql);
}

}  // namespace
}  // namespace mentiond
