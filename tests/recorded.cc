#include "tests/recorded.h"

#include <fstream>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "rapidjson/document.h"

namespace mentiond {
namespace {

using rapidjson::Value;

const Value* Member(const Value* object, const char* name) {
  if (object == nullptr || !object->IsObject()) return nullptr;
  const auto found = object->FindMember(name);
  return found == object->MemberEnd() ? nullptr : &found->value;
}

std::string Text(const Value* value) {
  if (value == nullptr || !value->IsString()) return "";
  return std::string(value->GetString(), value->GetStringLength());
}

std::optional<RecordedExchange> ParseExchange(const std::string& line) {
  rapidjson::Document document;
  document.Parse(line.data(), line.size());
  if (document.HasParseError()) return std::nullopt;
  const Value* request = Member(&document, "request");
  const Value* response = Member(&document, "response");
  const Value* status = Member(response, "status");
  const Value* headers = Member(response, "headers");
  if (status == nullptr || !status->IsInt() || headers == nullptr ||
      !headers->IsObject()) {
    return std::nullopt;
  }
  RecordedExchange exchange;
  exchange.method = Text(Member(request, "method"));
  exchange.url = Text(Member(request, "url"));
  exchange.response.status = status->GetInt();
  exchange.response.body = Text(Member(response, "body"));
  for (const auto& [name, value] : headers->GetObject()) {
    exchange.response.headers.Add(Text(&name), Text(&value));
  }
  return exchange;
}

}  // namespace

absl::StatusOr<std::vector<RecordedExchange>> ReadRecordedExchanges(
    const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("can't open ", path));
  std::vector<RecordedExchange> exchanges;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    std::optional<RecordedExchange> exchange = ParseExchange(line);
    if (!exchange) {
      return absl::DataLossError(
          absl::StrCat(path, ":", number, ": not an exchange"));
    }
    exchange->line = number;
    exchanges.push_back(*std::move(exchange));
  }
  return exchanges;
}

}  // namespace mentiond
