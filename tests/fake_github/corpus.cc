#include "tests/fake_github/corpus.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "tests/fake_github/fake_repository.h"
#include "tests/fake_github/gzip.h"
#include "tests/fake_github/json_text.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

struct CorpusFile {
  const char* name;
  ItemKind kind;
  // The field with the number, itself or at the end of an address.
  const char* number;
  const char* created;
  const char* updated;
};

constexpr CorpusFile kCorpusFiles[] = {
    {"pulls", ItemKind::kIssue, "number", "created_at", "updated_at"},
    {"issue_comments", ItemKind::kIssueComment, "issue_url", "created_at",
     "updated_at"},
    {"review_comments", ItemKind::kReviewComment, "pull_request_url",
     "created_at", "updated_at"},
    {"reviews", ItemKind::kReview, "pull_request_url", "submitted_at",
     "submitted_at"},
};

std::optional<int64_t> NumberIn(const rapidjson::Value& json,
                                const char* field) {
  if (const auto number = IntMember(json, field)) return number;
  const std::string url = StringMember(json, field).value_or("");
  int64_t number = 0;
  if (!absl::SimpleAtoi(url.substr(url.rfind('/') + 1), &number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<int64_t> TimeMember(const rapidjson::Value& json,
                                  const char* key) {
  return ParseTimeText(StringMember(json, key).value_or(""));
}

absl::StatusOr<Item> ItemOf(const CorpusFile& file, std::string_view line) {
  const rapidjson::Document json = ParseJsonText(line);
  const auto id = IntMember(json, "id");
  const auto number = NumberIn(json, file.number);
  const auto created = TimeMember(json, file.created);
  const auto updated = TimeMember(json, file.updated);
  if (!id || !number || !created || !updated) {
    return absl::InvalidArgumentError("no usable id, number or times");
  }
  Item item;
  item.kind = file.kind;
  item.id = item.pull_id = *id;
  item.number = *number;
  item.created = *created;
  item.updated = *updated;
  if (const rapidjson::Value* user = Member(json, "user")) {
    item.author = StringMember(*user, "login").value_or("");
  }
  item.body = StringMember(json, "body");
  item.title = StringMember(json, "title").value_or("");
  item.state = StringMember(json, "state").value_or("");
  item.open = item.state != "closed";
  item.merged = TimeMember(json, "merged_at").value_or(0);
  item.comments = IntMember(json, "comments").value_or(0);
  item.review_id = IntMember(json, "pull_request_review_id").value_or(0);
  if (file.kind != ItemKind::kIssue) item.json = line;
  return item;
}

// The repository that a pull request wants to change.
FakeRepository* RepositoryOf(std::string_view pull,
                             Repositories& repositories) {
  const rapidjson::Document json = ParseJsonText(pull);
  const rapidjson::Value* base = Member(json, "base");
  const rapidjson::Value* repo =
      base == nullptr ? nullptr : Member(*base, "repo");
  if (repo == nullptr) return nullptr;
  return repositories.GetOrMake(StringMember(*repo, "full_name").value_or(""),
                                IntMember(*repo, "id"));
}

// Makes a minimal issue (null body and user, open) for each number that only
// comments speak of.
void AddIssuesKnownByComments(FakeRepository& repository) {
  std::map<int64_t, Item> issues;
  for (const ItemPtr& comment : repository.All(ItemKind::kIssueComment)) {
    if (repository.FindNumber(comment->number) != nullptr) continue;
    Item& issue = issues.try_emplace(comment->number, *comment).first->second;
    issue.created = std::min(issue.created, comment->created);
    issue.updated = std::max(issue.updated, comment->updated);
    ++issue.comments;
  }
  for (auto& [number, issue] : issues) {
    issue.kind = ItemKind::kIssue;
    issue.is_pull = false;
    issue.id = 0;
    issue.author.clear();
    issue.body.reset();
    issue.title = absl::StrCat("Issue ", number);
    issue.json.clear();
    repository.Import(issue);
  }
}

}  // namespace

absl::StatusOr<std::string> LoadCorpus(const std::string& directory,
                                       Repositories& repositories) {
  FakeRepository* repository = nullptr;
  for (const CorpusFile& file : kCorpusFiles) {
    const absl::Status status = ForEachGzippedLine(
        absl::StrCat(directory, "/", file.name, ".jsonl.gz"),
        [&](std::string_view line) -> absl::Status {
          if (repository == nullptr) {
            repository = RepositoryOf(line, repositories);
          }
          if (repository == nullptr) {
            return absl::InvalidArgumentError(
                "names no repository to belong to");
          }
          absl::StatusOr<Item> item = ItemOf(file, line);
          if (!item.ok()) return item.status();
          if (item->kind == ItemKind::kIssueComment) {
            // Issues that are no pull requests are not in the export.
            item->is_pull = repository->FindNumber(item->number) != nullptr;
          }
          repository->Import(*std::move(item));
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    if (repository == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(directory, " holds no pull requests"));
    }
  }
  AddIssuesKnownByComments(*repository);
  return repository->identity().FullName();
}

}  // namespace mentiond::fake_github
