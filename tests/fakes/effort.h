// How much work tests with random stories do: the one place that says so.

#ifndef MENTIOND_TESTS_FAKES_EFFORT_H_
#define MENTIOND_TESTS_FAKES_EFFORT_H_

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

#include "rapidcheck.h"

namespace mentiond {

// `whole` (at least 1), a tenth of it under a sanitizer that makes everything
// so much slower, and ten times as much where $MENTIOND_NIGHTLY is set:
// `bazel test --test_env=MENTIOND_NIGHTLY=1 ...`.
inline int Effort(int whole) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  whole = std::max(1, whole / 10);
#endif
  return std::getenv("MENTIOND_NIGHTLY") == nullptr ? whole : 10 * whole;
}

// Whether a property holds for Effort(`stories`) random arguments of up to
// `size`. Prints the seed, which RC_PARAMS="seed=..." repeats, and the smallest
// story for which it does not.
template <typename Property>
bool Holds(const std::string& name, int stories, int size, Property property) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = Effort(stories);
  params.maxSize = size;
  std::cout << name << ": " << params.maxSuccess << " stories, seed "
            << params.seed << "\n";
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = name;
  const auto result =
      rc::detail::checkTestable(std::move(property), metadata, params);
  rc::detail::printResultMessage(result, std::cout);
  std::cout << "\n";
  return result.template is<rc::detail::SuccessResult>();
}

}  // namespace mentiond

#endif  // MENTIOND_TESTS_FAKES_EFFORT_H_
