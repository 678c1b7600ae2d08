#include "tests/fake_github/openapi_schema.h"

#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>

#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

// Null in real responses, not in the description.
constexpr const char* kRealData[] = {
    // Review comments on lines that are gone.
    "/components/schemas/pull-request-review-comment/properties/line",
    "/components/schemas/pull-request-review-comment/properties/position",
    // Pull requests of accounts that are gone, and without a description.
    "/components/schemas/pull-request/properties/user",
    "/components/schemas/issue-search-result-item/properties/body",
    // Pull requests from forks that are gone.
    "/components/schemas/pull-request-simple/properties/head/properties/label",
    "/components/schemas/pull-request-simple/properties/head/properties/repo",
    "/components/schemas/pull-request/properties/head/properties/label",
    "/components/schemas/pull-request/properties/head/properties/repo",
    "/components/schemas/pull-request/properties/head/properties/user",
    // Labels without a description.
    ("/components/schemas/pull-request-simple/properties/labels/items/"
     "properties/description"),
    // Licenses as exported within pull requests.
    "/components/schemas/nullable-license-simple/properties/html_url",
};

// Not rules for the data, but RapidJSON reads every object in a schema as if
// it were a schema too.
bool IsRemark(std::string_view key) {
  return key == "description" || key == "title" || key == "example" ||
         key == "examples" || key == "default" || key == "discriminator" ||
         key == "format" || key.substr(0, 2) == "x-";
}

// `source` in draft 4. Members of `properties` are names of fields, which may
// be called like remarks.
rapidjson::Value Rewrite(const rapidjson::Value& source, bool names,
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
    if (!names && (IsRemark(key) || key == "nullable")) continue;
    object.AddMember(rapidjson::Value(member.name, allocator),
                     Rewrite(member.value, !names && key == "properties", out),
                     allocator);
  }
  if (names || !BoolMember(source, "nullable").value_or(false)) return object;
  rapidjson::Value null(rapidjson::kObjectType);
  null.AddMember("type", "null", allocator);
  rapidjson::Value choices(rapidjson::kArrayType);
  choices.PushBack(object, allocator).PushBack(null, allocator);
  rapidjson::Value either(rapidjson::kObjectType);
  either.AddMember("anyOf", choices, allocator);
  return either;
}

// Makes the schema at `pointer` allow null, which it may not exist to do.
bool AllowNull(rapidjson::Document& api, const char* pointer) {
  rapidjson::Value* schema = rapidjson::Pointer(pointer).Get(api);
  if (schema == nullptr) return false;
  if (schema->HasMember("$ref")) {
    // Beside a $ref nothing else counts, so it goes one level down.
    rapidjson::Value reference(*schema, api.GetAllocator());
    rapidjson::Value choices(rapidjson::kArrayType);
    choices.PushBack(reference, api.GetAllocator());
    schema->SetObject();
    schema->AddMember("anyOf", choices, api.GetAllocator());
  }
  SetMember(api, *schema, "nullable", rapidjson::Value(true));
  return true;
}

template <typename P>
std::string Text(const P& pointer) {
  rapidjson::StringBuffer text;
  pointer.StringifyUriFragment(text);
  return text.GetString();
}

}  // namespace

absl::StatusOr<OpenApiSchema> OpenApiSchema::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot open ", path));
  const std::string text((std::istreambuf_iterator<char>(file)),
                         std::istreambuf_iterator<char>());
  OpenApiSchema schema;
  schema.api_ = std::make_unique<rapidjson::Document>();
  schema.api_->Parse(text.data(), text.size());
  if (schema.api_->HasParseError()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not JSON"));
  }
  for (const char* pointer : kRealData) {
    if (!AllowNull(*schema.api_, pointer)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, " has nothing at ", pointer));
    }
  }
  return schema;
}

absl::StatusOr<const rapidjson::SchemaDocument*> OpenApiSchema::SchemaOf(
    const std::string& operation) {
  auto& slot = schemas_[operation];
  if (slot != nullptr) return slot.get();
  const std::string escaped =
      absl::StrReplaceAll(operation, {{"~", "~0"}, {"/", "~1"}});
  const std::string pointer =
      absl::StrCat("/paths/", escaped,
                   "/get/responses/200/content/application~1json/schema");
  const rapidjson::Value* found =
      rapidjson::Pointer(pointer.c_str()).Get(*api_);
  const rapidjson::Value* components =
      rapidjson::Pointer("/components/schemas").Get(*api_);
  if (found == nullptr || components == nullptr) {
    schemas_.erase(operation);
    return absl::NotFoundError(absl::StrCat("no operation ", operation));
  }
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

absl::Status OpenApiSchema::Check(const std::string& operation,
                                  const std::string& json) {
  const auto schema = SchemaOf(operation);
  if (!schema.ok()) return schema.status();
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError()) return absl::InvalidArgumentError("no JSON");
  rapidjson::SchemaValidator validator(**schema);
  if (document.Accept(validator)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(operation, ": ", Text(validator.GetInvalidDocumentPointer()),
                   " breaks `", validator.GetInvalidSchemaKeyword(), "` of ",
                   Text(validator.GetInvalidSchemaPointer())));
}

}  // namespace mentiond::fake_github
