#include "tests/fake_github/item_edit.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/pull_views.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

// Items hold JSON that was parsed or rendered here before, so this succeeds.
rapidjson::Document Parse(const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  return document;
}

void SetBody(rapidjson::Document& document, const BodyChange& change) {
  SetMember(document, document, "body",
            change.body.has_value() ? StringValue(document, *change.body)
                                    : rapidjson::Value());
}

void AddTo(rapidjson::Document& document, std::string_view key, int64_t more) {
  const std::optional<int64_t> old = IntMember(document, key);
  if (!old.has_value() || more == 0) return;
  SetMember(document, document, key,
            rapidjson::Value(std::max<int64_t>(0, *old + more)));
}

void Apply(rapidjson::Document& document, const IssueChange& change) {
  const auto text = [&](std::string_view value) {
    return StringValue(document, value);
  };
  SetMember(document, document, "updated_at", text(TimeText(change.updated)));
  if (change.body.has_value()) SetBody(document, *change.body);
  if (change.title.has_value()) {
    SetMember(document, document, "title", text(*change.title));
  }
  if (change.open.has_value()) {
    SetMember(document, document, "state",
              text(*change.open ? "open" : "closed"));
    SetMember(
        document, document, "closed_at",
        *change.open ? rapidjson::Value() : text(TimeText(change.updated)));
  }
  AddTo(document, "comments", change.more_comments);
  AddTo(document, "review_comments", change.more_review_comments);
}

// Where `url` is `from` or below it, puts `to` in its place.
void MoveUrl(rapidjson::Document& document, rapidjson::Value& url,
             const std::string& from, const std::string& to) {
  const absl::string_view text(url.GetString(), url.GetStringLength());
  if (!absl::StartsWith(text, from)) return;
  const absl::string_view rest = text.substr(from.size());
  if (!rest.empty() && rest[0] != '/' && rest[0] != '.') return;
  url = StringValue(document, to + std::string(rest));
}

void MoveUrls(rapidjson::Document& document, rapidjson::Value& object,
              const RepoIdentity& from, const RepoIdentity& to) {
  for (auto& member : object.GetObject()) {
    const absl::string_view key(member.name.GetString(),
                                member.name.GetStringLength());
    if (member.value.IsObject()) {
      MoveUrls(document, member.value, from, to);
    } else if (member.value.IsString() &&
               (absl::EndsWith(key, "url") || key == "href")) {
      MoveUrl(document, member.value, from.ApiUrl(), to.ApiUrl());
      MoveUrl(document, member.value, from.HtmlUrl(), to.HtmlUrl());
    }
  }
}

}  // namespace

ItemPtr EditedItem(const Item& old, const BodyChange& body, int64_t updated,
                   int64_t edited) {
  auto item = std::make_shared<Item>(old);
  rapidjson::Document document = Parse(old.json);
  SetBody(document, body);
  if (Member(document, "updated_at") != nullptr) {
    SetMember(document, document, "updated_at",
              StringValue(document, TimeText(updated)));
  }
  item->json = ToJson(document);
  item->body = body.body.value_or("");
  item->updated = updated;
  item->last_edited = edited;
  return item;
}

ItemPtr ChangedIssue(const RepoIdentity& repo, const Item& old,
                     const IssueChange& change) {
  auto item = std::make_shared<Item>(old);
  item->updated = change.updated;
  if (change.body.has_value()) {
    item->body = change.body->body.value_or("");
    item->last_edited = change.updated;
  }
  item->open = change.open.value_or(old.open);
  item->comments = std::max<int64_t>(0, old.comments + change.more_comments);
  std::string& source = old.is_pull ? item->pull_full_json : item->json;
  rapidjson::Document document = Parse(source);
  Apply(document, change);
  source = ToJson(document);
  if (old.is_pull) RefreshPullViews(repo, *item);
  return item;
}

void RefreshPullViews(const RepoIdentity& repo, Item& item) {
  const rapidjson::Document full = Parse(item.pull_full_json);
  item.pull_json = SimplePull(full);
  item.json = IssueOfPull(repo, full, item.id);
}

ItemPtr MovedItem(const Item& old, const RepoIdentity& from,
                  const RepoIdentity& to) {
  auto item = std::make_shared<Item>(old);
  std::string& source = old.is_pull ? item->pull_full_json : item->json;
  rapidjson::Document document = Parse(source);
  MoveUrls(document, document, from, to);
  source = ToJson(document);
  if (old.is_pull) RefreshPullViews(to, *item);
  return item;
}

}  // namespace mentiond::fake_github
