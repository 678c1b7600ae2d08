#include "tests/fake_github/repositories.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mentiond::fake_github {
namespace {

std::string Lower(std::string_view text) {
  return absl::AsciiStrToLower(absl::string_view(text.data(), text.size()));
}

std::optional<std::pair<std::string, std::string>> Split(
    std::string_view full_name) {
  const size_t slash = full_name.find('/');
  if (slash == std::string_view::npos || slash == 0 ||
      slash + 1 == full_name.size() ||
      full_name.find('/', slash + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return std::make_pair(std::string(full_name.substr(0, slash)),
                        std::string(full_name.substr(slash + 1)));
}

}  // namespace

Repositories::Repositories(std::shared_ptr<World> world)
    : world_(std::move(world)) {}

FakeRepository* Repositories::GetOrMake(std::string_view full_name,
                                        std::optional<int64_t> id) {
  const auto parts = Split(full_name);
  if (!parts.has_value()) return nullptr;
  absl::MutexLock lock(&mu_);
  const auto named = names_.find(Lower(full_name));
  if (named != names_.end() && !named->second.former) {
    return by_id_.at(named->second.id).get();
  }
  const int64_t new_id = id.has_value() ? *id : world_->NextId();
  auto& slot = by_id_[new_id];
  if (slot != nullptr) return nullptr;  // the id is another repository's
  slot = std::make_unique<FakeRepository>(
      RepoIdentity{new_id, parts->first, parts->second}, world_);
  names_[Lower(full_name)] = {new_id, false};
  return slot.get();
}

std::optional<Repositories::Found> Repositories::Find(
    std::string_view full_name) const {
  absl::MutexLock lock(&mu_);
  const auto it = names_.find(Lower(full_name));
  if (it == names_.end()) return std::nullopt;
  return Found{by_id_.at(it->second.id).get(), it->second.former};
}

FakeRepository* Repositories::FindById(int64_t id) const {
  absl::MutexLock lock(&mu_);
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second.get();
}

std::vector<FakeRepository*> Repositories::All() const {
  absl::MutexLock lock(&mu_);
  std::vector<FakeRepository*> all;
  all.reserve(by_id_.size());
  for (const auto& [id, repository] : by_id_) all.push_back(repository.get());
  return all;
}

absl::Status Repositories::Rename(std::string_view from, std::string_view to) {
  const auto parts = Split(to);
  if (!parts.has_value()) {
    return absl::InvalidArgumentError("the new name is no owner/name");
  }
  FakeRepository* repository = nullptr;
  {
    absl::MutexLock lock(&mu_);
    const auto old = names_.find(Lower(from));
    if (old == names_.end() || old->second.former) {
      return absl::NotFoundError(absl::StrCat(
          "no repository ", absl::string_view(from.data(), from.size())));
    }
    const int64_t id = old->second.id;
    const auto taken = names_.find(Lower(to));
    if (taken != names_.end() && !taken->second.former &&
        taken->second.id != id) {
      return absl::AlreadyExistsError("another repository has that name");
    }
    old->second.former = true;
    names_[Lower(to)] = {id, false};
    repository = by_id_.at(id).get();
  }
  repository->Rename(parts->first, parts->second);
  return absl::OkStatus();
}

}  // namespace mentiond::fake_github
