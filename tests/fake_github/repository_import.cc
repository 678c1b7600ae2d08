// How FakeRepository takes over items that GitHub itself once answered.

#include <rapidjson/document.h>

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "tests/fake_github/fake_repository.h"
#include "tests/fake_github/item_edit.h"
#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

// The number at the end of ".../issues/12" or ".../pulls/12".
std::optional<int64_t> LastNumber(const std::optional<std::string>& url) {
  if (!url.has_value()) return std::nullopt;
  const size_t slash = url->rfind('/');
  int64_t number;
  if (slash == std::string::npos ||
      !absl::SimpleAtoi(absl::string_view(*url).substr(slash + 1), &number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<int64_t> TimeMember(const rapidjson::Value& value,
                                  std::string_view key) {
  const std::optional<std::string> text = StringMember(value, key);
  return text.has_value() ? ParseTimeText(*text) : std::nullopt;
}

std::string AuthorOf(const rapidjson::Value& value) {
  const rapidjson::Value* user = Member(value, "user");
  return user == nullptr ? "" : StringMember(*user, "login").value_or("");
}

absl::Status Missing(std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("no usable ", absl::string_view(what.data(), what.size())));
}

void FillNulls(rapidjson::Document& document, rapidjson::Value& object,
               std::initializer_list<const char*> keys) {
  if (!object.IsObject()) return;
  for (const char* key : keys) {
    if (!object.HasMember(key)) {
      SetMember(document, object, key, rapidjson::Value());
    }
  }
}

// The repository below `head` or `base`, which lacks its nulls and has each
// count under one of its two names only.
void FillRepository(rapidjson::Document& document, const char* branch) {
  const auto it = document.FindMember(branch);
  if (it == document.MemberEnd() || !it->value.IsObject()) return;
  const auto repo = it->value.FindMember("repo");
  if (repo == it->value.MemberEnd() || !repo->value.IsObject()) return;
  FillNulls(document, repo->value,
            {"description", "homepage", "language", "license", "mirror_url"});
  for (const std::string key : {"forks", "open_issues", "watchers"}) {
    SetMember(
        document, repo->value, key,
        rapidjson::Value(IntMember(repo->value, key + "_count").value_or(0)));
  }
}

// Milestones and labels in an export lack their nulls too.
void FillMilestoneAndLabels(rapidjson::Document& document) {
  const auto milestone = document.FindMember("milestone");
  if (milestone != document.MemberEnd()) {
    FillNulls(document, milestone->value,
              {"description", "due_on", "closed_at"});
  }
  const auto labels = document.FindMember("labels");
  if (labels == document.MemberEnd() || !labels->value.IsArray()) return;
  for (auto& label : labels->value.GetArray()) {
    FillNulls(document, label, {"description"});
  }
}

}  // namespace

absl::Status FakeRepository::Import(ItemKind kind, std::string_view json) {
  return kind == ItemKind::kIssue ? ImportPull(json)
                                  : ImportWritten(kind, json);
}

absl::Status FakeRepository::ImportPull(std::string_view json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) {
    return Missing("JSON object");
  }
  const std::optional<int64_t> id = IntMember(document, "id");
  const std::optional<int64_t> number = IntMember(document, "number");
  const std::optional<int64_t> created = TimeMember(document, "created_at");
  const std::optional<int64_t> updated = TimeMember(document, "updated_at");
  if (!id.has_value() || !number.has_value()) return Missing("id or number");
  if (!created.has_value() || !updated.has_value()) return Missing("times");

  const rapidjson::Value* head = Member(document, "head");
  const std::string head_sha =
      head == nullptr ? "" : StringMember(*head, "sha").value_or("");
  rapidjson::Document defaults;
  FillMilestoneAndLabels(document);
  FillRepository(document, "head");
  FillRepository(document, "base");

  absl::MutexLock lock(&mu_);
  const std::string defaults_json =
      RenderPullDefaults(identity_, *number, head_sha);
  defaults.Parse(defaults_json.data(), defaults_json.size());
  FillMissing(document, document, defaults);
  // Exports say nothing of issue ids, so the pull request's stands in for it.
  Item item;
  item.id = *id;
  item.number = *number;
  item.created = *created;
  item.updated = *updated;
  item.author = AuthorOf(document);
  item.body = StringMember(document, "body").value_or("");
  item.is_pull = true;
  item.open = StringMember(document, "state") == "open";
  item.comments = IntMember(document, "comments").value_or(0);
  item.pull_full_json = ToJson(document);
  RefreshPullViews(identity_, item);
  world_->ReserveId(*id);
  numbers_[*number] = *id;
  Index(ItemKind::kIssue).Put(std::make_shared<Item>(std::move(item)));
  return absl::OkStatus();
}

absl::Status FakeRepository::ImportWritten(ItemKind kind,
                                           std::string_view json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) {
    return Missing("JSON object");
  }
  const bool review = kind == ItemKind::kReview;
  const std::optional<int64_t> id = IntMember(document, "id");
  const std::optional<int64_t> number = LastNumber(StringMember(
      document,
      kind == ItemKind::kIssueComment ? "issue_url" : "pull_request_url"));
  const std::optional<int64_t> created =
      TimeMember(document, review ? "submitted_at" : "created_at");
  const std::optional<int64_t> updated =
      review ? created : TimeMember(document, "updated_at");
  if (!id.has_value() || !number.has_value()) return Missing("id or address");
  if (!created.has_value() || !updated.has_value()) return Missing("times");
  Item item;
  item.id = *id;
  item.number = *number;
  item.created = *created;
  item.updated = *updated;
  item.author = AuthorOf(document);
  item.body = StringMember(document, "body").value_or("");
  item.json = json;
  world_->ReserveId(*id);
  absl::MutexLock lock(&mu_);
  Index(kind).Put(std::make_shared<Item>(std::move(item)));
  return absl::OkStatus();
}

size_t FakeRepository::AddIssuesKnownByComments() {
  std::map<int64_t, PullFields> issues;
  absl::MutexLock lock(&mu_);
  for (const ItemIndex::Entry& entry :
       Index(ItemKind::kIssueComment).by_created()) {
    const Item& comment = *entry.item;
    if (numbers_.contains(comment.number)) continue;
    const auto [it, is_new] = issues.try_emplace(comment.number);
    Written& written = it->second.written;
    if (is_new) {
      written.number = comment.number;
      written.created = comment.created;
    }
    written.updated = std::max(written.updated, comment.updated);
    ++it->second.comments;
  }
  for (auto& [number, fields] : issues) {
    fields.written.id = world_->NextId();
    fields.title = absl::StrCat("Issue ", number);
    Item item;
    item.id = fields.written.id;
    item.number = number;
    item.created = fields.written.created;
    item.updated = fields.written.updated;
    item.comments = fields.comments;
    item.json = RenderIssue(identity_, fields);
    numbers_[number] = item.id;
    Index(ItemKind::kIssue).Put(std::make_shared<Item>(std::move(item)));
  }
  return issues.size();
}

}  // namespace mentiond::fake_github
