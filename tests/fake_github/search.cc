#include "tests/fake_github/search.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace mentiond::fake_github {
namespace {

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

}  // namespace

bool NearlyMentions(const std::string& body, const std::string& login) {
  const std::string text = absl::AsciiStrToLower(body);
  const std::string at = "@" + absl::AsciiStrToLower(login);
  for (size_t i = text.find(at); i != std::string::npos;
       i = text.find(at, i + 1)) {
    const size_t end = i + at.size();
    const bool starts = i == 0 || !IsWordCharacter(text[i - 1]);
    const bool ends =
        end == text.size() ||
        (!IsWordCharacter(text[end]) && text[end] != '-' && text[end] != '/');
    if (starts && ends) return true;
  }
  return false;
}

FoundIssues FindIssues(const Repositories& repositories,
                       const std::string& query) {
  std::string repo;
  std::string login;
  bool pulls_only = false;
  bool sorted = false;
  for (const absl::string_view term :
       absl::StrSplit(query, ' ', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(term, absl::MaxSplits(':', 1));
    if (parts.first == "repo") {
      repo = parts.second;
    } else if (parts.first == "mentions") {
      login = parts.second;
    } else if (term == "is:pr") {
      pulls_only = true;
    } else if (term == "sort:created-asc") {
      sorted = true;
    } else {
      return {};
    }
  }
  FoundIssues found;
  found.repository = repositories.Find(repo).repository;
  if (found.repository == nullptr || login.empty() || !sorted) return found;
  // The numbers of what mentions `login` in its description or below.
  std::set<int64_t> numbers;
  for (const ItemKind kind : {ItemKind::kIssue, ItemKind::kIssueComment,
                              ItemKind::kReviewComment, ItemKind::kReview}) {
    for (const ItemPtr& item : found.repository->All(kind)) {
      if (NearlyMentions(item->body.value_or(""), login)) {
        numbers.insert(item->number);
      }
    }
  }
  for (const ItemPtr& item : found.repository->All(ItemKind::kIssue)) {
    if (numbers.contains(item->number) && (item->is_pull || !pulls_only)) {
      found.items.push_back(item);
    }
  }
  std::sort(found.items.begin(), found.items.end(),
            [](const ItemPtr& a, const ItemPtr& b) {
              return std::tie(a->created, a->id) < std::tie(b->created, b->id);
            });
  return found;
}

}  // namespace mentiond::fake_github
