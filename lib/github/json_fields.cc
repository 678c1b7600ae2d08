#include "lib/github/json_fields.h"

#include <algorithm>
#include <cstddef>

#include "absl/time/civil_time.h"

#include "lib/base/strings.h"

namespace mentiond {
namespace {

using rapidjson::Value;

// GitHub's are far shorter.
constexpr size_t kMaxUrlBytes = 2048;
// 256 characters.
constexpr size_t kMaxTitleBytes = 1024;

bool IsPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

const Value* Find(const Value& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::optional<std::string_view> GetString(const Value& object,
                                          const char* name) {
  const Value* value = Find(object, name);
  if (value == nullptr || !value->IsString()) return std::nullopt;
  return std::string_view(value->GetString(), value->GetStringLength());
}

std::optional<std::string> GetNullableString(const Value& object,
                                             const char* name) {
  const Value* value = Find(object, name);
  if (value == nullptr || value->IsNull()) return std::string();
  if (!value->IsString()) return std::nullopt;
  return std::string(value->GetString(), value->GetStringLength());
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
  // protobuf's Timestamp covers the years 1 to 9999; "infinite-past" parses
  // too.
  if (time < absl::UnixEpoch() ||
      time >= absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone())) {
    return std::nullopt;
  }
  return time;
}

std::optional<std::string> GetUrl(const Value& object, const char* name) {
  const auto url = GetString(object, name);
  if (!url || url->empty() || url->size() > kMaxUrlBytes ||
      !IsPrintableAscii(*url)) {
    return std::nullopt;
  }
  return std::string(*url);
}

std::string TitleOf(const Value& object) {
  const auto title = GetString(object, "title");
  return title && title->size() <= kMaxTitleBytes ? std::string(*title) : "";
}

}  // namespace mentiond
