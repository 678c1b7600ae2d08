// The repositories of a stand-in GitHub by name and by id, and the names that
// they once had.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_REPOSITORIES_H_
#define MENTIOND_TESTS_FAKE_GITHUB_REPOSITORIES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

#include "tests/fake_github/fake_repository.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {

// Safe to use from any thread. Names are "owner/name" in any case. What is
// returned lives as long as this object.
class Repositories {
 public:
  explicit Repositories(std::shared_ptr<World> world)
      : world_(std::move(world)) {}

  // Creates the repository if it does not exist yet. nullptr when
  // `full_name` is no "owner/name". `id` counts for new ones only.
  FakeRepository* GetOrMake(const std::string& full_name,
                            std::optional<int64_t> id = std::nullopt);

  // nullptr when there is none; `moved`: it was found by a former name.
  struct Found {
    FakeRepository* repository = nullptr;
    bool moved = false;
  };
  Found Find(const std::string& full_name) const;
  FakeRepository* FindById(int64_t id) const;

  // From then on the old name only leads to the new one.
  absl::Status Rename(const std::string& from, const std::string& to);

 private:
  struct Name {
    int64_t id;
    bool former;
  };

  const std::shared_ptr<World> world_;
  mutable absl::Mutex mu_;
  std::map<int64_t, std::unique_ptr<FakeRepository>> by_id_
      ABSL_GUARDED_BY(mu_);
  // In lower case.
  std::map<std::string, Name> names_ ABSL_GUARDED_BY(mu_);
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_REPOSITORIES_H_
