// JSON written field by field, and the few reads that the stand-in GitHub
// needs.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_JSON_TEXT_H_
#define MENTIOND_TESTS_FAKE_GITHUB_JSON_TEXT_H_

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mentiond::fake_github {

// Writes one JSON object, a call a field:
//   JsonObject().Str("name", "x").Int("id", 3).Take()  ->  {"name":"x","id":3}
// Take() ends it.
class JsonObject {
 public:
  JsonObject() : writer_(buffer_) { writer_.StartObject(); }

  JsonObject& Str(std::string_view key, std::string_view value);
  // Null where there is no value.
  JsonObject& StrOrNull(std::string_view key,
                        const std::optional<std::string>& value);
  JsonObject& Int(std::string_view key, int64_t value);
  JsonObject& Bool(std::string_view key, bool value);
  JsonObject& Null(std::string_view key);
  // `json` must be valid JSON; it is put in as it is.
  JsonObject& Raw(std::string_view key, std::string_view json);

  std::string Take();

 private:
  void Key(std::string_view key);

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

// `text` as a JSON string, in quotes.
std::string QuotedJson(std::string_view text);

// Null where `text` is no JSON.
rapidjson::Document ParseJsonText(std::string_view text);

// The member `key` of an object; nullptr if `value` is not one or lacks it.
const rapidjson::Value* Member(const rapidjson::Value& value,
                               std::string_view key);

// The same, of the wanted type only.
std::optional<std::string> StringMember(const rapidjson::Value& value,
                                        std::string_view key);
std::optional<int64_t> IntMember(const rapidjson::Value& value,
                                 std::string_view key);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_JSON_TEXT_H_
