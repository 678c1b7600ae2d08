// GitHub's own description of its responses, to compare the stand-in with.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_OPENAPI_SCHEMA_H_
#define MENTIOND_TESTS_FAKE_GITHUB_OPENAPI_SCHEMA_H_

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {

// Checks JSON against the 200 responses of GET operations in an OpenAPI 3.0
// file with RapidJSON's validator, after rewriting the schemas to the JSON
// Schema draft 4 that this understands: `nullable` becomes "or null". RapidJSON
// does not look at `format`: that a time is one and an address is one is not
// checked here.
class OpenApiSchema {
 public:
  explicit OpenApiSchema(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    api_ = ParseJsonText(text);
    // Null in real responses, of lines that are gone, not in the description.
    for (const char* field : {"line", "position"}) {
      const std::string pointer = absl::StrCat(
          "/components/schemas/pull-request-review-comment/properties/", field,
          "/nullable");
      rapidjson::Pointer(pointer.c_str()).Set(api_, true);
    }
  }

  // `operation` is a path as the file has it, such as
  // "/repos/{owner}/{repo}/issues". INVALID_ARGUMENT says where in the JSON
  // which rule is broken; NOT_FOUND: no such operation.
  absl::Status Check(const std::string& operation, const std::string& json) {
    const rapidjson::SchemaDocument* schema = SchemaOf(operation);
    if (schema == nullptr) return absl::NotFoundError(operation);
    rapidjson::SchemaValidator validator(*schema);
    if (ParseJsonText(json).Accept(validator)) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        operation, ": ", TextOf(validator.GetInvalidDocumentPointer()),
        " breaks `", validator.GetInvalidSchemaKeyword(), "` of ",
        TextOf(validator.GetInvalidSchemaPointer())));
  }

 private:
  template <typename P>
  static std::string TextOf(const P& pointer) {
    rapidjson::StringBuffer text;
    pointer.StringifyUriFragment(text);
    return text.GetString();
  }

  // Not rules for the data, but RapidJSON reads every object in a schema as if
  // it were a schema too.
  static bool IsRemark(std::string_view key) {
    return key == "description" || key == "title" || key == "example" ||
           key == "examples" || key == "default" || key == "discriminator" ||
           key == "format" || key == "nullable" || key.substr(0, 2) == "x-";
  }

  // `source` in draft 4. Members of `properties` are names of fields, which may
  // be called like remarks.
  static rapidjson::Value Rewrite(const rapidjson::Value& source, bool names,
                                  rapidjson::Document& out) {
    auto& allocator = out.GetAllocator();
    if (source.IsArray()) {
      rapidjson::Value array(rapidjson::kArrayType);
      for (const auto& element : source.GetArray()) {
        array.PushBack(Rewrite(element, false, out), allocator);
      }
      return array;
    }
    if (!source.IsObject()) return rapidjson::Value(source, allocator);
    rapidjson::Value object(rapidjson::kObjectType);
    for (const auto& member : source.GetObject()) {
      const std::string_view key(member.name.GetString(),
                                 member.name.GetStringLength());
      if (!names && IsRemark(key)) continue;
      object.AddMember(
          rapidjson::Value(member.name, allocator),
          Rewrite(member.value, !names && key == "properties", out), allocator);
    }
    const rapidjson::Value* nullable = Member(source, "nullable");
    if (names || nullable == nullptr || !nullable->IsTrue()) return object;
    rapidjson::Value null(rapidjson::kObjectType);
    null.AddMember("type", "null", allocator);
    rapidjson::Value choices(rapidjson::kArrayType);
    choices.PushBack(object, allocator).PushBack(null, allocator);
    rapidjson::Value either(rapidjson::kObjectType);
    either.AddMember("anyOf", choices, allocator);
    return either;
  }

  // nullptr: no such operation.
  const rapidjson::SchemaDocument* SchemaOf(const std::string& operation) {
    auto& slot = schemas_[operation];
    if (slot != nullptr) return slot.get();
    const std::string pointer =
        absl::StrCat("/paths/", absl::StrReplaceAll(operation, {{"/", "~1"}}),
                     "/get/responses/200/content/application~1json/schema");
    const rapidjson::Value* found =
        rapidjson::Pointer(pointer.c_str()).Get(api_);
    const rapidjson::Value* components =
        rapidjson::Pointer("/components/schemas").Get(api_);
    if (found == nullptr || components == nullptr) return nullptr;
    // References are to /components/schemas of the same document.
    rapidjson::Document root;
    static_cast<rapidjson::Value&>(root) = Rewrite(*found, false, root);
    rapidjson::Value holder(rapidjson::kObjectType);
    holder.AddMember("schemas", Rewrite(*components, true, root),
                     root.GetAllocator());
    root.AddMember("components", holder, root.GetAllocator());
    slot = std::make_unique<rapidjson::SchemaDocument>(root);
    return slot.get();
  }

  rapidjson::Document api_;
  std::map<std::string, std::unique_ptr<rapidjson::SchemaDocument>> schemas_;
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_OPENAPI_SCHEMA_H_
