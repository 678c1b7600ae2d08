#include "tests/fake_github/control_fields.h"

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/world.h"

namespace mentiond::fake_github {
namespace {

absl::Status Wrong(std::string_view field, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("`", absl::string_view(field.data(), field.size()),
                   "` must be ", absl::string_view(what.data(), what.size())));
}

// Reads what is there into `out`; what is absent or null leaves it alone.
template <typename T, typename Get>
absl::Status Read(const rapidjson::Value& fields, std::string_view key,
                  std::string_view what, Get get, T& out) {
  const rapidjson::Value* member = Member(fields, key);
  if (member == nullptr || member->IsNull()) return absl::OkStatus();
  auto value = get(fields, key);
  if (!value.has_value()) return Wrong(key, what);
  out = *std::move(value);
  return absl::OkStatus();
}

template <typename T>
absl::Status ReadText(const rapidjson::Value& fields, std::string_view key,
                      T& out) {
  return Read(fields, key, "a string", StringMember, out);
}

template <typename T>
absl::Status ReadInt(const rapidjson::Value& fields, std::string_view key,
                     T& out) {
  return Read(fields, key, "an integer", IntMember, out);
}

template <typename T>
absl::Status ReadBool(const rapidjson::Value& fields, std::string_view key,
                      T& out) {
  return Read(fields, key, "true or false", BoolMember, out);
}

absl::Status ReadTime(const rapidjson::Value& fields, std::string_view key,
                      std::optional<absl::Time>& out) {
  const auto get = [](const rapidjson::Value& value,
                      std::string_view name) -> std::optional<absl::Time> {
    const std::optional<int64_t> seconds =
        ParseTimeText(StringMember(value, name).value_or(""));
    if (!seconds.has_value()) return std::nullopt;
    return absl::FromUnixSeconds(*seconds);
  };
  return Read(fields, key, "a time like 2024-03-01T12:00:00Z", get, out);
}

// The first that failed, if any.
absl::Status AllOf(std::initializer_list<absl::Status> statuses) {
  for (const absl::Status& status : statuses) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReadHeaders(const rapidjson::Value& fields, Fault& fault) {
  const rapidjson::Value* headers = Member(fields, "headers");
  if (headers == nullptr) return absl::OkStatus();
  if (!headers->IsObject()) return Wrong("headers", "an object of strings");
  for (const auto& header : headers->GetObject()) {
    if (!header.value.IsString()) {
      return Wrong("headers", "an object of strings");
    }
    fault.headers.emplace_back(header.name.GetString(),
                               header.value.GetString());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ControlItem> ParseControlItem(const rapidjson::Value& fields) {
  ControlItem item;
  std::optional<std::string> title;
  std::optional<bool> open;
  const absl::Status read = AllOf({
      ReadInt(fields, "pull", item.number),
      ReadText(fields, "author", item.author),
      ReadText(fields, "body", item.body),
      ReadText(fields, "title", title),
      ReadBool(fields, "open", open),
      ReadBool(fields, "draft", item.pull.draft),
      ReadInt(fields, "number", item.pull.number),
      ReadTime(fields, "created_at", item.write.created_at),
      ReadTime(fields, "updated_at", item.write.updated_at),
      ReadTime(fields, "pull_updated_at", item.write.pull_updated_at),
      ReadInt(fields, "id", item.write.id),
      ReadText(fields, "state", item.write.state),
      ReadInt(fields, "review_id", item.write.review_id),
      ReadInt(fields, "in_reply_to", item.write.in_reply_to),
      ReadText(fields, "path", item.write.path),
      ReadInt(fields, "line", item.write.line),
  });
  if (!read.ok()) return read;
  const rapidjson::Value* line = Member(fields, "line");
  if (line != nullptr && line->IsNull()) item.write.line = std::nullopt;
  item.pull.title = title.value_or(item.pull.title);
  item.pull.open = open.value_or(true);
  item.pull.created_at = item.write.created_at;
  item.pull.updated_at = item.write.updated_at;
  item.edit.title = title;
  item.edit.open = open;
  item.edit.updated_at = item.write.updated_at;
  item.edit.pull_updated_at = item.write.pull_updated_at;
  return item;
}

absl::StatusOr<Fault> ParseControlFault(const rapidjson::Value& fields) {
  std::string action = "answer";
  std::string target;
  std::optional<int64_t> skip;
  std::optional<int64_t> times;
  std::optional<int64_t> status;
  std::optional<int64_t> hang_ms;
  std::optional<int64_t> keep_bytes;
  std::string body;
  const absl::Status read = AllOf({
      ReadText(fields, "action", action),
      ReadText(fields, "target_contains", target),
      ReadInt(fields, "skip", skip),
      ReadInt(fields, "times", times),
      ReadInt(fields, "status", status),
      ReadInt(fields, "hang_ms", hang_ms),
      ReadInt(fields, "keep_bytes", keep_bytes),
      ReadText(fields, "body", body),
  });
  if (!read.ok()) return read;

  Fault fault;
  if (action == "answer") {
    const int64_t code = status.value_or(502);
    if (code < 200 || code > 599) return Wrong("status", "200 to 599");
    fault = Fault::Answer(target, static_cast<int>(code), body);
    const absl::Status headers = ReadHeaders(fields, fault);
    if (!headers.ok()) return headers;
  } else if (action == "html") {
    fault = Fault::HtmlBadGateway(target);
  } else if (action == "hang") {
    fault = Fault::Hang(target, absl::Milliseconds(hang_ms.value_or(60'000)));
  } else if (action == "close") {
    fault = Fault::Close(target);
  } else if (action == "truncate") {
    if (keep_bytes.value_or(0) < 0) return Wrong("keep_bytes", "0 or more");
    fault =
        Fault::Truncate(target, static_cast<size_t>(keep_bytes.value_or(10)));
  } else {
    return Wrong("action", "answer, html, hang, close or truncate");
  }
  fault.skip = static_cast<int>(skip.value_or(0));
  // 0: for good.
  fault.times = times.value_or(1) == 0
                    ? std::nullopt
                    : std::optional<int>(static_cast<int>(times.value_or(1)));
  return fault;
}

absl::StatusOr<SecondaryLimitOptions> ParseControlLimits(
    const rapidjson::Value& fields) {
  SecondaryLimitOptions limits;
  int64_t status = limits.status;
  std::optional<bool> retry_after;
  const absl::Status read = AllOf({
      ReadInt(fields, "concurrent", limits.concurrent),
      ReadInt(fields, "points_per_minute", limits.points_per_minute),
      ReadInt(fields, "status", status),
      ReadBool(fields, "retry_after", retry_after),
  });
  if (!read.ok()) return read;
  if (limits.concurrent < 0) return Wrong("concurrent", "0 or more");
  if (limits.points_per_minute < 0) {
    return Wrong("points_per_minute", "0 or more");
  }
  if (status != 403 && status != 429) return Wrong("status", "403 or 429");
  limits.status = static_cast<int>(status);
  limits.retry_after = retry_after.value_or(limits.retry_after);
  return limits;
}

}  // namespace mentiond::fake_github
