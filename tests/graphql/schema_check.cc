#include "tests/graphql/schema_check.h"

#include <cstdlib>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

#include "tests/subprocess.h"

namespace mentiond {
namespace {

// Debian's: other interpreters do not have Debian's packages.
constexpr char kPython[] = "/usr/bin/python3";
// Where Bazel runs tests.
constexpr char kScript[] = "tests/graphql/check_graphql.py";

std::string LineOf(const GraphQlExchange& exchange) {
  rapidjson::StringBuffer json;
  rapidjson::Writer<rapidjson::StringBuffer> writer(json);
  const auto string = [&](const std::string& text) {
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  };
  writer.StartObject();
  writer.Key("request");
  string(exchange.request);
  writer.Key("response");
  if (exchange.response) {
    string(*exchange.response);
  } else {
    writer.Null();
  }
  writer.EndObject();
  return std::string(json.GetString(), json.GetSize());
}

}  // namespace

absl::Status CheckGraphQl(const std::string& schema_path,
                          const std::vector<GraphQlExchange>& exchanges) {
  const std::string path =
      absl::StrCat(std::getenv("TEST_TMPDIR"), "/exchanges.jsonl");
  {
    std::ofstream file(path);
    for (const GraphQlExchange& exchange : exchanges) {
      file << LineOf(exchange) << "\n";
    }
  }
  auto python = Subprocess::Start({kPython, kScript, schema_path, path});
  if (!python.ok()) return python.status();
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  const auto lines = (*python)->ReadAll(Subprocess::Stream::kStdout, deadline);
  if (!lines.ok()) return lines.status();
  const auto complaints =
      (*python)->ReadAll(Subprocess::Stream::kStderr, deadline);
  const auto exit = (*python)->Wait(deadline);
  if (!exit.ok()) return exit.status();
  if (exit->code == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(*lines, complaints.value_or("")));
}

}  // namespace mentiond
