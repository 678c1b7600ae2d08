// The repositories of a stand-in GitHub by name and by id, and the names that
// they once had.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_REPOSITORIES_H_
#define MENTIOND_TESTS_FAKE_GITHUB_REPOSITORIES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  explicit Repositories(std::shared_ptr<World> world);

  // Creates the repository if it does not exist yet. nullptr when
  // `full_name` is no "owner/name". `id` counts for new ones only.
  FakeRepository* GetOrMake(std::string_view full_name,
                            std::optional<int64_t> id = std::nullopt);

  struct Found {
    FakeRepository* repository;
    // It was found by a former name.
    bool moved;
  };
  std::optional<Found> Find(std::string_view full_name) const;
  FakeRepository* FindById(int64_t id) const;
  std::vector<FakeRepository*> All() const;

  // From then on the old name only leads to the new one. NotFound,
  // AlreadyExists or InvalidArgument.
  absl::Status Rename(std::string_view from, std::string_view to);

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
