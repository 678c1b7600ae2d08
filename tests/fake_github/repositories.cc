#include "tests/fake_github/repositories.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace mentiond::fake_github {
namespace {

// {owner, name}; empty when it is no such name.
std::vector<std::string> SplitName(const std::string& full_name) {
  std::vector<std::string> parts = absl::StrSplit(full_name, '/');
  if (parts.size() != 2 || parts[0].empty() || parts[1].empty()) return {};
  return parts;
}

}  // namespace

FakeRepository* Repositories::GetOrMake(const std::string& full_name,
                                        std::optional<int64_t> id) {
  const std::vector<std::string> parts = SplitName(full_name);
  if (parts.empty()) return nullptr;
  absl::MutexLock lock(&mu_);
  const std::string key = absl::AsciiStrToLower(full_name);
  const auto named = names_.find(key);
  if (named != names_.end() && !named->second.former) {
    return by_id_.at(named->second.id).get();
  }
  const int64_t new_id = id ? *id : world_->NextId();
  auto& slot = by_id_[new_id];
  if (slot != nullptr) return nullptr;  // the id is another repository's
  slot = std::make_unique<FakeRepository>(
      RepoIdentity{new_id, parts[0], parts[1]}, world_);
  names_[key] = {new_id, false};
  return slot.get();
}

Repositories::Found Repositories::Find(const std::string& full_name) const {
  absl::MutexLock lock(&mu_);
  const auto it = names_.find(absl::AsciiStrToLower(full_name));
  if (it == names_.end()) return {};
  return {by_id_.at(it->second.id).get(), it->second.former};
}

FakeRepository* Repositories::FindById(int64_t id) const {
  absl::MutexLock lock(&mu_);
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second.get();
}

absl::Status Repositories::Rename(const std::string& from,
                                  const std::string& to) {
  const Found found = Find(from);
  const Found taken = Find(to);
  const std::vector<std::string> parts = SplitName(to);
  if (found.repository == nullptr || found.moved || parts.empty() ||
      (taken.repository != nullptr && !taken.moved)) {
    return absl::InvalidArgumentError("no such repository, or no free name");
  }
  found.repository->Rename(parts[0], parts[1]);
  const int64_t id = found.repository->identity().id;
  absl::MutexLock lock(&mu_);
  names_[absl::AsciiStrToLower(from)] = {id, true};
  names_[absl::AsciiStrToLower(to)] = {id, false};
  return absl::OkStatus();
}

}  // namespace mentiond::fake_github
