#include "lib/github/decode.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "rapidjson/document.h"

#include "lib/base/strings.h"
#include "lib/github/json_fields.h"
#include "lib/github/json_list.h"

namespace mentiond {
namespace {

using rapidjson::Value;

constexpr size_t kMaxErrorMessageBytes = 200;

// user.login; empty for null, which is a deleted account. Bots end in `[bot]`,
// even those few for which GitHub leaves that out.
std::optional<std::string> GetAuthor(const Value& object) {
  const Value* user = Find(object, "user");
  if (user == nullptr || user->IsNull()) return std::string();
  const auto login = GetString(*user, "login");
  if (!login) return std::nullopt;
  std::string name(*login);
  if (GetString(*user, "type") == "Bot" && !absl::EndsWith(name, "[bot]")) {
    name += "[bot]";
  }
  return name;
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

mentions::v1::PullState StateOf(const Value& value, const Value* pull) {
  if (pull != nullptr && pull->IsObject() && GetString(*pull, "merged_at")) {
    return mentions::v1::PULL_STATE_MERGED;
  }
  const auto state = GetString(value, "state");
  if (state == "open") return mentions::v1::PULL_STATE_OPEN;
  return state == "closed" ? mentions::v1::PULL_STATE_CLOSED
                           : mentions::v1::PULL_STATE_UNSPECIFIED;
}

bool SetPlace(Listing listing, const Value& value, Item& item) {
  switch (listing) {
    case Listing::kIssues: {
      const Value* pull = Find(value, "pull_request");
      item.source = pull != nullptr && !pull->IsNull()
                        ? Source::SOURCE_PULL_REQUEST
                        : Source::SOURCE_ISSUE;
      item.title = TitleOf(value);
      item.state = StateOf(value, pull);
      const auto number = GetPositive(value, "number");
      if (!number) return false;
      item.number = *number;
      return true;
    }
    case Listing::kIssueComments:
      return SetConversation(item);
    case Listing::kReviewComments: {
      item.source = Source::SOURCE_REVIEW_COMMENT;
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
  const auto created = GetTime(value, "created_at");
  const auto updated = GetTime(value, "updated_at");
  if (!created || !updated || !SetPlace(listing, value, item)) {
    return std::nullopt;
  }
  item.created_at = *created;
  item.updated_at = *updated;
  return item;
}

}  // namespace

absl::StatusOr<DecodedItems> DecodeListing(Listing listing,
                                           std::string_view json) {
  DecodedItems decoded;
  const absl::Status status = ForEachElement(json, [&](const Value* value) {
    ++decoded.elements;
    std::optional<Item> item;
    if (value != nullptr && value->IsObject()) {
      item = DecodeItem(listing, *value);
    }
    if (item) {
      decoded.items.push_back(*std::move(item));
    } else {
      ++decoded.skipped;
    }
  });
  if (!status.ok()) return status;
  return decoded;
}

std::string PrintableMessage(std::optional<std::string_view> text) {
  std::string message(text.value_or(""));
  if (message.size() > kMaxErrorMessageBytes) {
    message.resize(kMaxErrorMessageBytes);
  }
  for (char& c : message) {
    if (!absl::ascii_isprint(static_cast<unsigned char>(c))) c = '?';
  }
  return message;
}

std::string DecodeErrorMessage(std::string_view json) {
  const rapidjson::Document document = ParseJson(json);
  if (document.HasParseError()) return "";
  return PrintableMessage(GetString(document, "message"));
}

}  // namespace mentiond
