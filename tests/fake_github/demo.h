// Small repositories to show: a dozen pull requests with what people say on
// them, somebody who keeps saying more, and one with two pull requests beside
// them.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_DEMO_H_
#define MENTIOND_TESTS_FAKE_GITHUB_DEMO_H_

#include <cstdint>

#include "absl/time/time.h"

#include "tests/fake_github/fake_repository.h"

namespace mentiond::fake_github {

// Eight of its items mention @octocat; others seem to, in code. `now` is when
// the last of them was written.
void FillDemo(FakeRepository& repository, absl::Time now);

// Two pull requests, of which one mentions @octocat, and is by a bot.
void FillSecondDemo(FakeRepository& repository, absl::Time now);

// Adds the `step`th comment (from 0 on, without end) now. Two of three mention
// @octocat.
void AddDemoComment(FakeRepository& repository, int64_t step);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_DEMO_H_
