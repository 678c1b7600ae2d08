#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

rapidjson::SizeType SizeOf(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

// A default string_view has no data, which RapidJSON asserts on.
const char* DataOf(std::string_view text) {
  return text.empty() ? "" : text.data();
}

}  // namespace

void JsonObject::Key(std::string_view key) {
  writer_.Key(key.data(), SizeOf(key));
}

JsonObject& JsonObject::Str(std::string_view key, std::string_view value) {
  Key(key);
  writer_.String(DataOf(value), SizeOf(value));
  return *this;
}

JsonObject& JsonObject::StrOrNull(std::string_view key,
                                  const std::optional<std::string>& value) {
  return value ? Str(key, *value) : Null(key);
}

JsonObject& JsonObject::Int(std::string_view key, int64_t value) {
  Key(key);
  writer_.Int64(value);
  return *this;
}

JsonObject& JsonObject::Bool(std::string_view key, bool value) {
  Key(key);
  writer_.Bool(value);
  return *this;
}

JsonObject& JsonObject::Null(std::string_view key) { return Raw(key, "null"); }

JsonObject& JsonObject::Raw(std::string_view key, std::string_view json) {
  Key(key);
  writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

std::string JsonObject::Take() {
  writer_.EndObject();
  return {buffer_.GetString(), buffer_.GetSize()};
}

std::string QuotedJson(std::string_view text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(DataOf(text), SizeOf(text));
  return {buffer.GetString(), buffer.GetSize()};
}

rapidjson::Document ParseJsonText(std::string_view text) {
  rapidjson::Document document;
  document.Parse(DataOf(text), text.size());
  if (document.HasParseError()) document.SetNull();
  return document;
}

const rapidjson::Value* Member(const rapidjson::Value& value,
                               std::string_view key) {
  if (!value.IsObject()) return nullptr;
  const auto it = value.FindMember(
      rapidjson::Value(rapidjson::StringRef(key.data(), key.size())));
  return it == value.MemberEnd() ? nullptr : &it->value;
}

std::optional<std::string> StringMember(const rapidjson::Value& value,
                                        std::string_view key) {
  const rapidjson::Value* member = Member(value, key);
  if (member == nullptr || !member->IsString()) return std::nullopt;
  return std::string(member->GetString(), member->GetStringLength());
}

std::optional<int64_t> IntMember(const rapidjson::Value& value,
                                 std::string_view key) {
  const rapidjson::Value* member = Member(value, key);
  if (member == nullptr || !member->IsInt64()) return std::nullopt;
  return member->GetInt64();
}

}  // namespace mentiond::fake_github
