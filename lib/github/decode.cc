#include "lib/github/decode.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "rapidjson/document.h"

#include "lib/base/strings.h"
#include "lib/github/json_list.h"

namespace mentiond {
namespace {

using rapidjson::Value;

// URLs are passed on to clients; GitHub's are far shorter.
constexpr size_t kMaxUrlBytes = 2048;
constexpr size_t kMaxErrorMessageBytes = 200;

const Value* Find(const Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::optional<std::string_view> GetString(const Value& object,
                                          const char* name) {
  const Value* value = Find(object, name);
  if (value == nullptr || !value->IsString()) return std::nullopt;
  return std::string_view(value->GetString(), value->GetStringLength());
}

std::optional<int64_t> GetPositive(const Value& object, const char* name) {
  const Value* value = Find(object, name);
  if (value == nullptr || !value->IsInt64() || value->GetInt64() <= 0) {
    return std::nullopt;
  }
  return value->GetInt64();
}

std::optional<absl::Time> GetTime(const Value& object, const char* name) {
  const auto text = GetString(object, name);
  absl::Time time;
  if (!text || text->size() > 40 ||
      !absl::ParseTime(absl::RFC3339_full, ToAbsl(*text), &time, nullptr)) {
    return std::nullopt;
  }
  // protobuf's Timestamp has years 1 to 9999; "infinite-past" parses, too.
  if (time < absl::UnixEpoch() ||
      time >= absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone())) {
    return std::nullopt;
  }
  return time;
}

// A text that GitHub gives as null when it is empty; nullopt for other types.
std::optional<std::string> GetNullableString(const Value& object,
                                             const char* name) {
  const Value* value = Find(object, name);
  if (value == nullptr || value->IsNull()) return std::string();
  if (!value->IsString()) return std::nullopt;
  return std::string(value->GetString(), value->GetStringLength());
}

// user.login; empty for null, which is a deleted account.
std::optional<std::string> GetAuthor(const Value& object) {
  const Value* user = Find(object, "user");
  if (user == nullptr || user->IsNull()) return std::string();
  if (!user->IsObject()) return std::nullopt;
  const auto login = GetString(*user, "login");
  if (!login) return std::nullopt;
  return std::string(*login);
}

bool IsPrintableAscii(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

std::optional<std::string> GetUrl(const Value& object, const char* name) {
  const auto url = GetString(object, name);
  if (!url || url->empty() || url->size() > kMaxUrlBytes ||
      !IsPrintableAscii(*url)) {
    return std::nullopt;
  }
  return std::string(*url);
}

// The number behind the last `marker` in a URL, where nothing more of the path
// follows: 12 in ".../pull/12#r34", but none in "/pull/12/issues/5", whose
// owner is called "pull".
std::optional<int64_t> NumberAfter(std::string_view url,
                                   std::string_view marker) {
  const size_t at = url.rfind(marker);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view digits = url.substr(at + marker.size());
  digits = digits.substr(0, digits.find('#'));
  int64_t number = 0;
  if (digits.find_first_not_of("0123456789") != std::string_view::npos ||
      !absl::SimpleAtoi(ToAbsl(digits), &number) || number <= 0) {
    return std::nullopt;
  }
  return number;
}

// Which conversation a comment belongs to. Only html_url tells pull requests
// from issues: issue_url says /issues/ for both.
bool SetConversation(Item& item) {
  if (const auto pull = NumberAfter(item.url, "/pull/")) {
    item.source = Source::SOURCE_PULL_REQUEST_COMMENT;
    item.number = *pull;
    return true;
  }
  if (const auto issue = NumberAfter(item.url, "/issues/")) {
    item.source = Source::SOURCE_ISSUE_COMMENT;
    item.number = *issue;
    return true;
  }
  return false;
}

bool SetPlace(Listing listing, const Value& value, Item& item) {
  switch (listing) {
    case Listing::kIssues:
    case Listing::kSearch: {
      const Value* pull = Find(value, "pull_request");
      item.source = pull != nullptr && !pull->IsNull()
                        ? Source::SOURCE_PULL_REQUEST
                        : Source::SOURCE_ISSUE;
      const auto number = GetPositive(value, "number");
      if (!number) return false;
      item.number = *number;
      return true;
    }
    case Listing::kIssueComments:
      return SetConversation(item);
    case Listing::kReviewComments:
    case Listing::kReviews: {
      item.source = listing == Listing::kReviews
                        ? Source::SOURCE_REVIEW
                        : Source::SOURCE_REVIEW_COMMENT;
      const auto url = GetString(value, "pull_request_url");
      const auto number =
          url ? NumberAfter(*url, "/pulls/") : std::optional<int64_t>();
      if (!number) return false;
      item.number = *number;
      return true;
    }
  }
  return false;
}

bool SetTimes(Listing listing, const Value& value, Item& item) {
  if (listing == Listing::kReviews) {
    const auto submitted = GetTime(value, "submitted_at");
    if (!submitted) return false;
    item.created_at = item.updated_at = *submitted;
    return true;
  }
  const auto created = GetTime(value, "created_at");
  const auto updated = GetTime(value, "updated_at");
  if (!created || !updated) return false;
  item.created_at = *created;
  item.updated_at = *updated;
  return true;
}

std::optional<Item> DecodeItem(Listing listing, const Value& value) {
  Item item;
  const auto id = GetPositive(value, "id");
  auto author = GetAuthor(value);
  auto body = GetNullableString(value, "body");
  auto url = GetUrl(value, "html_url");
  if (!id || !author || !body || !url) return std::nullopt;
  item.id = *id;
  item.author = *std::move(author);
  item.body = *std::move(body);
  item.url = *std::move(url);
  if (!SetPlace(listing, value, item) || !SetTimes(listing, value, item)) {
    return std::nullopt;
  }
  return item;
}

bool IsPendingReview(Listing listing, const Value& value) {
  return listing == Listing::kReviews && value.IsObject() &&
         GetString(value, "state") == "PENDING";
}

void AddItem(Listing listing, const Value* value, DecodedItems& decoded) {
  ++decoded.elements;
  if (value != nullptr && IsPendingReview(listing, *value)) return;
  std::optional<Item> item;
  if (value != nullptr && value->IsObject()) item = DecodeItem(listing, *value);
  if (item) {
    decoded.items.push_back(*std::move(item));
  } else {
    ++decoded.skipped;
  }
}

// {"total_count":N,"incomplete_results":false,"items":[...]}
absl::StatusOr<DecodedItems> DecodeSearch(std::string_view json) {
  const rapidjson::Document document = ParseJson(json);
  if (document.HasParseError() || !document.IsObject()) {
    return absl::UnavailableError("GitHub's answer is no result of a search");
  }
  const Value* total = Find(document, "total_count");
  const Value* incomplete = Find(document, "incomplete_results");
  const Value* items = Find(document, "items");
  if (items == nullptr || !items->IsArray()) {
    return absl::UnavailableError("GitHub's answer is no result of a search");
  }
  DecodedItems decoded;
  if (total != nullptr && total->IsInt64() && total->GetInt64() >= 0 &&
      incomplete != nullptr && incomplete->IsFalse()) {
    decoded.found = total->GetInt64();
  }
  for (const Value& item : items->GetArray()) {
    AddItem(Listing::kSearch, &item, decoded);
  }
  return decoded;
}

}  // namespace

absl::StatusOr<DecodedItems> DecodeListing(Listing listing,
                                           std::string_view json) {
  if (listing == Listing::kSearch) return DecodeSearch(json);
  DecodedItems decoded;
  const absl::Status status = ForEachElement(
      json, [&](const Value* value) { AddItem(listing, value, decoded); });
  if (!status.ok()) return status;
  return decoded;
}

std::string DecodeErrorMessage(std::string_view json) {
  const rapidjson::Document document = ParseJson(json);
  if (document.HasParseError() || !document.IsObject()) return "";
  std::string message(GetString(document, "message").value_or(""));
  if (message.size() > kMaxErrorMessageBytes) {
    message.resize(kMaxErrorMessageBytes);
  }
  for (char& c : message) {
    if (!absl::ascii_isprint(static_cast<unsigned char>(c))) c = '?';
  }
  return message;
}

}  // namespace mentiond
