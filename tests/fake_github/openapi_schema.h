// GitHub's own description of its responses, to compare the stand-in with.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_OPENAPI_SCHEMA_H_
#define MENTIOND_TESTS_FAKE_GITHUB_OPENAPI_SCHEMA_H_

#include <rapidjson/document.h>
#include <rapidjson/schema.h>

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace mentiond::fake_github {

// Reads an OpenAPI 3.0 file and checks JSON against the 200 responses of its
// GET operations with RapidJSON's validator, after rewriting the schemas to the
// JSON Schema draft 4 that this understands: `nullable` becomes "or null", and
// what real responses contain despite the description is allowed (the list is
// kRealData in the .cc). RapidJSON does not look at `format`: that a time is
// one and an address is one is not checked here.
class OpenApiSchema {
 public:
  // NotFound or InvalidArgument where `path` is no such file.
  static absl::StatusOr<OpenApiSchema> Load(const std::string& path);

  // `operation` is a path as the file has it, such as
  // "/repos/{owner}/{repo}/issues". InvalidArgument says where in the JSON
  // which rule is broken; NotFound: no such operation.
  absl::Status Check(const std::string& operation, const std::string& json);

 private:
  absl::StatusOr<const rapidjson::SchemaDocument*> SchemaOf(
      const std::string& operation);

  // On the heap, so that what points into them stays right.
  std::unique_ptr<rapidjson::Document> api_;
  std::map<std::string, std::unique_ptr<rapidjson::SchemaDocument>> schemas_;
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_OPENAPI_SCHEMA_H_
