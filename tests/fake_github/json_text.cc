#include "tests/fake_github/json_text.h"

#include <utility>

namespace mentiond::fake_github {
namespace {

rapidjson::SizeType Size(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

rapidjson::Value Borrowed(std::string_view text) {
  return rapidjson::Value(rapidjson::StringRef(text.data(), text.size()));
}

}  // namespace

void JsonObject::Key(std::string_view key) {
  writer_.Key(key.data(), Size(key));
}

JsonObject& JsonObject::Str(std::string_view key, std::string_view value) {
  Key(key);
  // A default string_view has no data, which RapidJSON asserts on.
  writer_.String(value.empty() ? "" : value.data(), Size(value));
  return *this;
}

JsonObject& JsonObject::StrOrNull(std::string_view key,
                                  const std::optional<std::string>& value) {
  return value.has_value() ? Str(key, *value) : Null(key);
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

JsonObject& JsonObject::Null(std::string_view key) {
  Key(key);
  writer_.Null();
  return *this;
}

JsonObject& JsonObject::Raw(std::string_view key, std::string_view json) {
  Key(key);
  writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

std::string JsonObject::Take() {
  writer_.EndObject();
  return std::string(buffer_.GetString(), buffer_.GetSize());
}

std::string QuotedJson(std::string_view text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return {buffer.GetString(), buffer.GetSize()};
}

std::string ToJson(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return std::string(buffer.GetString(), buffer.GetSize());
}

const rapidjson::Value* Member(const rapidjson::Value& value,
                               std::string_view key) {
  if (!value.IsObject()) return nullptr;
  const auto it = value.FindMember(Borrowed(key));
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

std::optional<bool> BoolMember(const rapidjson::Value& value,
                               std::string_view key) {
  const rapidjson::Value* member = Member(value, key);
  if (member == nullptr || !member->IsBool()) return std::nullopt;
  return member->GetBool();
}

void SetMember(rapidjson::Document& document, rapidjson::Value& object,
               std::string_view key, rapidjson::Value value) {
  const auto it = object.FindMember(Borrowed(key));
  if (it != object.MemberEnd()) {
    it->value = std::move(value);
    return;
  }
  object.AddMember(StringValue(document, key), std::move(value),
                   document.GetAllocator());
}

rapidjson::Value StringValue(rapidjson::Document& document,
                             std::string_view text) {
  return rapidjson::Value(text.empty() ? "" : text.data(), Size(text),
                          document.GetAllocator());
}

void FillMissing(rapidjson::Document& document, rapidjson::Value& target,
                 const rapidjson::Value& defaults) {
  for (const auto& member : defaults.GetObject()) {
    const auto it = target.FindMember(member.name);
    if (it == target.MemberEnd()) {
      target.AddMember(rapidjson::Value(member.name, document.GetAllocator()),
                       rapidjson::Value(member.value, document.GetAllocator()),
                       document.GetAllocator());
    } else if (it->value.IsObject() && member.value.IsObject()) {
      FillMissing(document, it->value, member.value);
    }
  }
}

}  // namespace mentiond::fake_github
