#include "tests/fake_github/corpus.h"

#include <rapidjson/document.h>

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "tests/fake_github/fake_repository.h"
#include "tests/fake_github/gzip.h"
#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

// The repository that a pull request wants to change.
FakeRepository* RepositoryOf(std::string_view pull,
                             Repositories& repositories) {
  rapidjson::Document document;
  document.Parse(pull.data(), pull.size());
  if (document.HasParseError()) return nullptr;
  const rapidjson::Value* base = Member(document, "base");
  const rapidjson::Value* repo =
      base == nullptr ? nullptr : Member(*base, "repo");
  if (repo == nullptr) return nullptr;
  return repositories.GetOrMake(StringMember(*repo, "full_name").value_or(""),
                                IntMember(*repo, "id"));
}

}  // namespace

absl::StatusOr<std::string> LoadCorpus(const std::string& directory,
                                       Repositories& repositories) {
  FakeRepository* repository = nullptr;
  absl::Status status = ForEachGzippedLine(
      absl::StrCat(directory, "/pulls.jsonl.gz"),
      [&](std::string_view line) -> absl::Status {
        if (repository == nullptr)
          repository = RepositoryOf(line, repositories);
        if (repository == nullptr) {
          return absl::InvalidArgumentError("names no repository to belong to");
        }
        return repository->Import(ItemKind::kIssue, line);
      });
  if (!status.ok()) return status;
  if (repository == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(directory, " holds no pull requests"));
  }
  struct File {
    const char* name;
    ItemKind kind;
  };
  for (const File& file : {File{"issue_comments", ItemKind::kIssueComment},
                           File{"review_comments", ItemKind::kReviewComment},
                           File{"reviews", ItemKind::kReview}}) {
    status =
        ForEachGzippedLine(absl::StrCat(directory, "/", file.name, ".jsonl.gz"),
                           [&](std::string_view line) {
                             return repository->Import(file.kind, line);
                           });
    if (!status.ok()) return status;
  }
  repository->AddIssuesKnownByComments();
  return repository->identity().FullName();
}

}  // namespace mentiond::fake_github
