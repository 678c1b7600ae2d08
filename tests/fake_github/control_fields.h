// The JSON that the control API takes, as options of FakeRepository and as
// faults.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_CONTROL_FIELDS_H_
#define MENTIOND_TESTS_FAKE_GITHUB_CONTROL_FIELDS_H_

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "tests/fake_github/fake_repository.h"
#include "tests/fake_github/faults.h"
#include "tests/fake_github/secondary_limits.h"

namespace mentiond::fake_github {

// All that an item to add or to change may say; which of it counts depends on
// its kind.
struct ControlItem {
  int64_t number = 0;
  std::string author;
  std::optional<std::string> body;
  PullOptions pull;
  WriteOptions write;
  EditOptions edit;
};

// InvalidArgument names the field that is wrong.
absl::StatusOr<ControlItem> ParseControlItem(const rapidjson::Value& fields);
absl::StatusOr<Fault> ParseControlFault(const rapidjson::Value& fields);
absl::StatusOr<SecondaryLimitOptions> ParseControlLimits(
    const rapidjson::Value& fields);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_CONTROL_FIELDS_H_
