#include "tests/fake_github/search.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/paging.h"

namespace mentiond::fake_github {
namespace {

struct Wanted {
  std::string repo;
  std::string author;
  std::string mentions;
  std::optional<bool> pulls;
  std::optional<bool> open;
};

std::optional<Wanted> ParseQuery(const std::string& text) {
  Wanted wanted;
  for (const absl::string_view term :
       absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::pair<absl::string_view, std::string> parts =
        absl::StrSplit(term, absl::MaxSplits(':', 1));
    const auto& [key, value] = parts;
    if (value.empty()) return std::nullopt;
    const bool kind = key == "type" || key == "is";
    if (key == "repo") {
      wanted.repo = value;
    } else if (key == "author") {
      wanted.author = value;
    } else if (key == "mentions") {
      wanted.mentions = value;
    } else if (kind && (value == "pr" || value == "issue")) {
      wanted.pulls = value == "pr";
    } else if ((key == "state" || key == "is") &&
               (value == "open" || value == "closed")) {
      wanted.open = value == "open";
    } else {
      return std::nullopt;
    }
  }
  return wanted;
}

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// The numbers of what mentions `login` in its description or below.
std::set<int64_t> NumbersThatMention(const FakeRepository& repository,
                                     const std::string& login) {
  std::set<int64_t> numbers;
  for (const ItemKind kind : {ItemKind::kIssue, ItemKind::kIssueComment,
                              ItemKind::kReviewComment, ItemKind::kReview}) {
    for (const ItemPtr& item : repository.All(kind)) {
      if (NearlyMentions(item->body, login)) numbers.insert(item->number);
    }
  }
  return numbers;
}

void AddMatches(const FakeRepository& repository, const Wanted& wanted,
                std::vector<ItemPtr>& matches) {
  std::set<int64_t> mentioning;
  if (!wanted.mentions.empty()) {
    mentioning = NumbersThatMention(repository, wanted.mentions);
  }
  for (const ItemPtr& item : repository.All(ItemKind::kIssue)) {
    if (wanted.pulls.value_or(item->is_pull) == item->is_pull &&
        wanted.open.value_or(item->open) == item->open &&
        (wanted.author.empty() ||
         absl::EqualsIgnoreCase(wanted.author, item->author)) &&
        (wanted.mentions.empty() || mentioning.contains(item->number))) {
      matches.push_back(item);
    }
  }
}

// A search result is an issue with a score.
std::string WithScore(const std::string& issue) {
  return absl::StrCat(absl::string_view(issue).substr(0, issue.size() - 1),
                      ",\"score\":1.0}");
}

}  // namespace

bool NearlyMentions(std::string_view body, std::string_view login) {
  const std::string text =
      absl::AsciiStrToLower(absl::string_view(body.data(), body.size()));
  const std::string at = "@" + absl::AsciiStrToLower(absl::string_view(
                                   login.data(), login.size()));
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

std::vector<FoundIssue> FindIssues(const Repositories& repositories,
                                   const std::string& query) {
  std::string filters = query;
  bool ascending = false;
  for (const absl::string_view sort :
       {"sort:created-asc", "sort:created-desc"}) {
    const size_t at = filters.find(std::string(sort));
    if (at == std::string::npos) continue;
    ascending = absl::EndsWith(sort, "-asc");
    filters.erase(at, sort.size());
  }
  const std::optional<Wanted> wanted = ParseQuery(filters);
  if (!wanted) return {};
  const auto found = repositories.Find(wanted->repo);
  if (!found) return {};
  std::vector<ItemPtr> matches;
  AddMatches(*found->repository, *wanted, matches);
  std::sort(matches.begin(), matches.end(),
            [](const ItemPtr& a, const ItemPtr& b) {
              return std::make_pair(a->created, a->id) <
                     std::make_pair(b->created, b->id);
            });
  if (!ascending) std::reverse(matches.begin(), matches.end());
  std::vector<FoundIssue> results;
  for (const ItemPtr& item : matches) {
    results.push_back({found->repository, item});
  }
  return results;
}

ApiAnswer SearchIssues(const Repositories& repositories,
                       const ApiRequest& request) {
  const std::optional<Wanted> wanted =
      ParseQuery(request.Query("q").value_or(""));
  if (!wanted.has_value() || !request.Query("q").has_value()) {
    return ValidationFailed("Search", "q");
  }
  std::vector<ItemPtr> matches;
  if (wanted->repo.empty()) {
    for (const FakeRepository* repository : repositories.All()) {
      AddMatches(*repository, *wanted, matches);
    }
  } else {
    const auto found = repositories.Find(wanted->repo);
    // So says GitHub when the repository is not there or not to be seen.
    if (!found.has_value()) return ValidationFailed("Search", "q");
    AddMatches(*found->repository, *wanted, matches);
  }

  const std::string sort = request.Query("sort").value_or("created");
  const bool ascending = request.Query("order").value_or("desc") == "asc";
  std::sort(matches.begin(), matches.end(),
            [&](const ItemPtr& a, const ItemPtr& b) {
              const auto key = [&](const Item& item) {
                return std::make_pair(
                    sort == "updated" ? item.updated : item.created, item.id);
              };
              return ascending ? key(*a) < key(*b) : key(*b) < key(*a);
            });

  const PageParams params = ParsePageParams(request);
  if (params.Offset() >= kMaxSearchResults) {
    return ErrorAnswer(422, "Only the first 1000 search results are available",
                       "https://docs.github.com/v3/search/");
  }
  const size_t reachable = std::min(matches.size(), kMaxSearchResults);
  std::vector<std::string> items;
  for (size_t i = params.Offset();
       i < std::min(reachable, params.Offset() + params.per_page); ++i) {
    items.push_back(WithScore(matches[i]->json));
  }
  ApiAnswer answer;
  answer.body =
      JsonObject()
          .Int("total_count", static_cast<int64_t>(matches.size()))
          .Bool("incomplete_results", false)
          .Str("search_type", "lexical")
          .Raw("items", absl::StrCat("[", absl::StrJoin(items, ","), "]"))
          .Take();
  const std::string link = LinkHeader(request, request.path, params, reachable);
  if (!link.empty()) answer.headers.emplace_back("Link", link);
  return answer;
}

}  // namespace mentiond::fake_github
