// Every version of every mention once, on a stream and its resumptions,
// whatever happens, and what is sent to GitHub for that.

#include <algorithm>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

#include "tests/fakes/effort.h"
#include "tests/graphql/schema_check.h"
#include "tests/lib/stream/history_story.h"
#include "tests/shared_data.h"

namespace rc {

template <>
struct Arbitrary<mentiond::Step> {
  static Gen<mentiond::Step> arbitrary() {
    using mentiond::Happening;
    return gen::build<mentiond::Step>(
        gen::set(&mentiond::Step::what, gen::weightedElement<Happening>({
                                            {3, Happening::kPull},
                                            {6, Happening::kComment},
                                            {5, Happening::kReviewComment},
                                            {5, Happening::kReview},
                                            {5, Happening::kEdit},
                                            {2, Happening::kDelete},
                                            {1, Happening::kBurst},
                                            {3, Happening::kLate},
                                            {3, Happening::kFault},
                                            {9, Happening::kPoll},
                                            {4, Happening::kRead},
                                            {6, Happening::kBreak},
                                        })),
        gen::set(&mentiond::Step::a, gen::inRange<uint32_t>(0, 1000)),
        gen::set(&mentiond::Step::b, gen::inRange<uint32_t>(0, 1000)),
        gen::set(&mentiond::Step::mentions));
  }
};

}  // namespace rc

namespace mentiond {
namespace {

std::string Difference(const std::multiset<std::string>& from,
                       const std::multiset<std::string>& minus) {
  std::vector<std::string> left;
  std::set_difference(from.begin(), from.end(), minus.begin(), minus.end(),
                      std::back_inserter(left));
  return absl::StrJoin(left, ", ");
}

// More of everything than fits a page, for the search, too.
const std::vector<Step> kManyPages = {
    {Happening::kPull, 1, 0, true},  {Happening::kBurst, 5, 0, true},
    {Happening::kPull, 0, 0, true},  {Happening::kBurst, 0, 0, true},
    {Happening::kBurst, 1, 0, true}, {Happening::kBurst, 2, 0, true}};

// GraphQL's connections that have more than one page.
constexpr const char* kPages[] = {
    "reviews(first:100,after:",
    "reviews(first:50,after:",
    "){url title state comments(first:100,after:",
    "issueState:state comments(first:100,after:",
    "PullRequestReview{comments(first:100,after:",
    "search(",
    "issue(number:",
};

// Shows: each version of each mention is delivered exactly once
TEST(ExactlyOnceTest, WhateverHappens) {
  size_t mentions = 0;
  size_t longest_token = 0;
  Exchanges exchanges;
  for (const bool by_search : {false, true}) {
    const Told told = TellStory({.by_search = by_search, .issues = true},
                                kManyPages, {}, exchanges);
    EXPECT_EQ(Difference(told.expected, told.delivered), "");
  }
  EXPECT_TRUE(
      Holds("what is delivered is what was there", 400, 60,
            [&](const std::vector<Step>& past, const std::vector<Step>& steps,
                uint8_t choices, uint16_t phase, uint8_t whom) {
              const StoryOptions options = {
                  .full_poll_every = (choices & 1) != 0 ? 1 : 5,
                  .phase = phase,
                  .by_search = (choices & 2) != 0,
                  // Only users can be searched for.
                  .whom = (choices & 2) != 0 && whom % 4 > 0
                              ? Whom::kUser
                              : static_cast<Whom>(whom % 3),
                  .skip_bots = (choices & 4) != 0,
                  .issues = (choices & 8) != 0};
              const Told told = TellStory(options, past, steps, exchanges);
              mentions += told.expected.size();
              longest_token = std::max(longest_token, told.longest_token);
              RC_LOG() << "lost: " << Difference(told.expected, told.delivered)
                       << "\nrepeated or made up: "
                       << Difference(told.delivered, told.expected) << "\n";
              RC_ASSERT(told.delivered == told.expected);
              RC_ASSERT(!told.synced_too_early);
              RC_ASSERT(told.longest_token <= 4096U);
            }));
  std::cout << mentions << " mentions, longest token: " << longest_token
            << " bytes, " << exchanges.size() << " shapes of queries\n";

  // What was sent for all that fits GitHub's schema, and so do the responses.
  const auto schema = SharedPath("github-api/schema.graphql");
  if (!schema) GTEST_SKIP() << "../shared/github-api/schema.graphql is absent";
  std::vector<GraphQlExchange> checked;
  for (const auto& [shape, exchange] : exchanges) checked.push_back(exchange);
  const absl::Status status = CheckGraphQl(*schema, checked);
  EXPECT_TRUE(status.ok()) << status;
  for (const char* page : kPages) {
    const bool sent =
        std::any_of(checked.begin(), checked.end(), [&](const auto& exchange) {
          return absl::StrContains(exchange.request, page);
        });
    EXPECT_TRUE(sent) << page;
  }
}

}  // namespace
}  // namespace mentiond
