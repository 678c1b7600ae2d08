#include "lib/subscription/subscription.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "lib/base/status_reason.h"
#include "lib/subscription/resume_token.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Change = std::function<void(SubscribeRequest&)>;

SubscribeRequest With(const Change& change) {
  SubscribeRequest request;
  request.set_repo("octo/demo");
  request.set_user("octocat");
  change(request);
  return request;
}

absl::StatusOr<Subscription> Parse(const SubscribeRequest& request,
                                   const std::string& authorization = "") {
  return ParseSubscription(request, authorization, "github.com");
}
Subscription Parsed(
    const Change& change = [](SubscribeRequest&) {},
    const std::string& authorization = "") {
  return Parse(With(change), authorization).value();
}

TEST(SubscriptionTest, TakesAMinimalRequest) {
  const Subscription parsed = Parsed();
  EXPECT_EQ(parsed.repo.ToString(), "octo/demo");
  EXPECT_EQ(parsed.target.name(), "octocat");
  EXPECT_TRUE(parsed.token.empty());
  EXPECT_EQ(parsed.progress.since, std::nullopt);
  EXPECT_EQ(parsed.progress.history, mentions::v1::HISTORY_COMPLETE);
  EXPECT_EQ(parsed.filter, nullptr);
  // Of pull requests only.
  for (int source = 1; source <= 6; ++source) {
    EXPECT_EQ(parsed.sources.Contains(static_cast<Source>(source)),
              source != Source::SOURCE_ISSUE &&
                  source != Source::SOURCE_ISSUE_COMMENT);
  }
}

TEST(SubscriptionTest, TakesWhatIsRequested) {
  const Subscription parsed = Parsed([](auto& request) {
    request.add_sources(Source::SOURCE_ISSUE);
    request.add_sources(Source::SOURCE_ISSUE);
    request.set_user("@Octo-Org/The_Team-1");
    request.set_history(mentions::v1::HISTORY_NONE);
    request.mutable_since()->set_seconds(1'700'000'000);
  });
  EXPECT_TRUE(parsed.sources.Contains(Source::SOURCE_ISSUE));
  EXPECT_FALSE(parsed.sources.Contains(Source::SOURCE_PULL_REQUEST));
  EXPECT_TRUE(parsed.target.is_team());
  EXPECT_EQ(parsed.target.name(), "octo-org/the_team-1");
  EXPECT_EQ(parsed.progress.history, mentions::v1::HISTORY_NONE);
  EXPECT_EQ(parsed.progress.since, absl::FromUnixSeconds(1'700'000'000));
  EXPECT_TRUE(
      Parsed([](auto& request) { request.set_user("*"); }).target.is_anyone());
}

TEST(SubscriptionTest, TakesTheTokenOfTheRequestBeforeThatOfTheMetadata) {
  const auto token = [](const char* in_request, const char* in_metadata) {
    return std::string(
        Parsed([&](auto& request) { request.set_token(in_request); },
               in_metadata)
            .token.Expose());
  };
  EXPECT_EQ(token("in_request", "Bearer in_metadata"), "in_request");
  EXPECT_EQ(token("", "Bearer abc"), "abc");
  EXPECT_EQ(token("", "bearer   abc "), "abc");
}

TEST(SubscriptionTest, RefusesWhatIsMalformedAndNamesTheField) {
  struct Case {
    const char* field;
    Change change;
    const char* authorization = "";
  };
  std::vector<Case> cases = {
      {"history",
       [](auto& request) { request.set_history(mentions::v1::History(9)); }},
      {"resume_token", [](auto& request) { request.set_resume_token("x"); }},
      {"authorization", [](auto&) {}, "Basic ghp_abc"},
      {"authorization", [](auto&) {}, "Bearer ghp_a\x01"},
      {"authorization", [](auto&) {}, "Bearer ghp_a b"},
      {"since", [](auto& r) { r.mutable_since()->set_seconds(253402300800); }},
      {"since", [](auto& r) { r.mutable_since()->set_seconds(-62135596801); }},
      {"since", [](auto& r) { r.mutable_since()->set_nanos(-1); }},
      {"since", [](auto& r) { r.mutable_since()->set_nanos(1'000'000'000); }},
      {"skip_authors", [](auto& r) { r.add_skip_authors("no login"); }},
      {"skip_authors",
       [](auto& r) {
         for (int i = 0; i <= 100; ++i) r.add_skip_authors("mona");
       }},
      {"skip_self",
       [](auto& r) {
         r.set_user("*");
         r.set_skip_self(true);
       }},
  };
  const auto add = [&](const char* field, auto set, const auto& values) {
    for (const auto& value : values) {
      cases.push_back({field, [=](auto& request) { set(request, value); }});
    }
  };
  add(
      "sources",
      [](auto& r, int source) { r.add_sources(static_cast<Source>(source)); },
      std::vector<int>{0, 7, -1, 1000});
  add(
      "repo", [](auto& r, const std::string& repo) { r.set_repo(repo); },
      std::vector<std::string>{
          "", "a", "a/b/c", "a/..", "../x", "https://evil.example/a/b",
          std::string(10'240, 'a'), "a/b\n", "a/b\x01", "a b/c"});
  add(
      "user", [](auto& r, const std::string& user) { r.set_user(user); },
      std::vector<std::string>{"", "-a", "a--b", std::string(40, 'a'), "a/",
                               "a/b/c", "a/-b", "/b", "a/b c",
                               "a/" + std::string(101, 'b'), "**", "@*"});
  // That could forge a header.
  add(
      "token", [](auto& r, const std::string& token) { r.set_token(token); },
      std::vector<std::string>{"ghp_a\nX-Evil: 1", "ghp_a\r", "ghp_\xc3\xa9",
                               std::string("ghp_\0b", 6), "ghp_a b",
                               "ghp_" + std::string(1021, 'a')});
  for (const Case& one : cases) {
    const SubscribeRequest request = With(one.change);
    const absl::Status status = Parse(request, one.authorization).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status))
        << request.ShortDebugString().substr(0, 100);
    EXPECT_EQ(FieldOf(status), one.field);
    EXPECT_THAT(std::string(status.message()),
                StartsWith(absl::StrCat(one.field, ": ")));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("ghp_")));
    EXPECT_LT(status.message().size(), 300U);
  }
}

TEST(SubscriptionTest, LeavesOutAuthors) {
  struct Case {
    Change change;
    std::vector<std::string> skipped;
    std::vector<std::string> others;
  };
  const std::vector<Case> cases = {
      {[](auto& request) { request.set_skip_self(true); },
       {"OctoCat"},
       {"octocat2", ""}},
      {[](auto& request) { request.set_skip_bots(true); },
       {"renovate[bot]"},
       {"octocat"}},
      {[](auto& request) {
         request.add_skip_authors("Mona");
         request.add_skip_authors("renovate");
         request.add_skip_authors("dependabot[bot]");
       },
       {"mona", "Renovate[bot]", "dependabot[bot]"},
       {"octocat"}},
  };
  for (const Case& one : cases) {
    const auto filter = Parsed(one.change).filter;
    for (const std::string& author : one.skipped) {
      EXPECT_TRUE(filter->Skips({.author = author})) << author;
    }
    for (const std::string& author : one.others) {
      EXPECT_FALSE(filter->Skips({.author = author})) << author;
    }
  }
}

TEST(SubscriptionTest, BindsAResumeTokenToTheFilter) {
  const Subscription first = Parsed([](auto& request) {
    request.add_skip_authors("mona");
    request.add_skip_authors("hubot");
  });
  SubscribeRequest request = With([&](auto& resumed) {
    resumed.set_resume_token(EncodeResumeToken(
        first.progress, SubscriptionHash(first.repo, first.target,
                                         first.sources, first.filter.get())));
    // The order and the case do not matter,
    resumed.add_skip_authors("HUBOT");
    resumed.add_skip_authors("mona");
  });
  EXPECT_TRUE(Parse(request).ok()) << Parse(request).status();
  // but what is left out does.
  request.set_skip_bots(true);
  EXPECT_EQ(FieldOf(Parse(request).status()), "resume_token");
  request.set_skip_bots(false);
  request.clear_skip_authors();
  EXPECT_EQ(FieldOf(Parse(request).status()), "resume_token");
}

}  // namespace
}  // namespace mentiond
