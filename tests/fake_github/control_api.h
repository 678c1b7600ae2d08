// The stand-in GitHub's own endpoints, below /_control/, for programs that can
// only talk to it. README.md beside this file lists them.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_CONTROL_API_H_
#define MENTIOND_TESTS_FAKE_GITHUB_CONTROL_API_H_

#include "tests/fake_github/api_request.h"

namespace mentiond::fake_github {

class FakeGitHub;

inline constexpr char kControlPrefix[] = "/_control/";

// JSON in and out. 400: a field is missing; 404: no such endpoint, or nothing
// to add to.
ApiAnswer HandleControl(FakeGitHub& fake, const ApiRequest& request);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_CONTROL_API_H_
