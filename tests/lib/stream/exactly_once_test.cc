// Every version of every mention once, on a stream and its resumptions,
// whatever happens. $MENTIOND_STORIES sets how many stories are told.

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

#include "tests/lib/stream/history_story.h"

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

int StoriesToTell() {
  const char* wish = std::getenv("MENTIOND_STORIES");
  int stories = 0;
  return wish != nullptr && absl::SimpleAtoi(wish, &stories) ? stories : 400;
}

std::string Difference(const std::multiset<std::string>& from,
                       const std::multiset<std::string>& minus) {
  std::vector<std::string> left;
  std::set_difference(from.begin(), from.end(), minus.begin(), minus.end(),
                      std::back_inserter(left));
  return absl::StrJoin(left, ", ");
}

TEST(ExactlyOnceTest, WhateverHappens) {
  size_t mentions = 0;
  size_t longest_token = 0;
  int stories = 0;
  setenv(
      "RC_PARAMS",
      absl::StrCat(
          "max_success=", StoriesToTell(), " max_size=60 ",
          std::getenv("RC_PARAMS") == nullptr ? "" : std::getenv("RC_PARAMS"))
          .c_str(),
      1);
  const bool holds = rc::check(
      "what is delivered is what was there",
      [&](const std::vector<Step>& past, const std::vector<Step>& steps,
          bool full, bool by_search, uint16_t phase, bool skip_bots,
          uint8_t whom) {
        HistoryStory story({.full_poll_every = full ? 1 : 5,
                            .phase = phase,
                            .by_search = by_search,
                            .whom = static_cast<Whom>(whom % 3),
                            .skip_bots = skip_bots});
        story.Run(past, steps);
        ++stories;
        mentions += story.expected().size();
        longest_token = std::max(longest_token, story.longest_token());
        RC_LOG() << "lost: " << Difference(story.expected(), story.delivered())
                 << "\nrepeated or made up: "
                 << Difference(story.delivered(), story.expected()) << "\n";
        RC_ASSERT(story.delivered() == story.expected());
        RC_ASSERT(story.longest_token() <= 4096U);
      });
  EXPECT_TRUE(holds);
  std::cout << stories << " stories, " << mentions
            << " mentions, longest token: " << longest_token << " bytes\n";
}

}  // namespace
}  // namespace mentiond
