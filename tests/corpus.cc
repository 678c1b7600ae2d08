#include "tests/corpus.h"

#include <zlib.h>

#include <array>
#include <cstddef>
#include <memory>

#include "absl/strings/str_cat.h"

namespace mentiond {
namespace {

struct GzClose {
  void operator()(gzFile file) const { gzclose(file); }
};
using GzFile = std::unique_ptr<gzFile_s, GzClose>;

}  // namespace

absl::Status ForEachGzipLine(
    const std::string& path,
    absl::FunctionRef<void(std::string_view line)> line) {
  const GzFile file(gzopen(path.c_str(), "rb"));
  if (file == nullptr) {
    return absl::NotFoundError(absl::StrCat("cannot open ", path));
  }
  std::array<char, 65536> block;
  std::string rest;
  for (;;) {
    const int got = gzread(file.get(), block.data(), block.size());
    if (got < 0) {
      return absl::DataLossError(absl::StrCat("cannot decompress ", path));
    }
    if (got == 0) break;
    std::string_view fresh(block.data(), static_cast<std::size_t>(got));
    for (std::size_t end = fresh.find('\n'); end != std::string_view::npos;
         end = fresh.find('\n')) {
      rest.append(fresh.substr(0, end));
      line(rest);
      rest.clear();
      fresh.remove_prefix(end + 1);
    }
    rest.append(fresh);
  }
  // gzread reports a file that is cut short only as an early end.
  int error = Z_OK;
  gzerror(file.get(), &error);
  if (error != Z_OK) {
    return absl::DataLossError(absl::StrCat(path, " is cut short"));
  }
  if (!rest.empty()) line(rest);
  return absl::OkStatus();
}

absl::Status ForEachGzipJson(
    const std::string& path,
    absl::FunctionRef<void(const rapidjson::Value& object)> object) {
  absl::Status status = absl::OkStatus();
  std::size_t number = 0;
  const absl::Status read = ForEachGzipLine(path, [&](std::string_view line) {
    ++number;
    if (!status.ok()) return;
    rapidjson::Document document;
    document.Parse(line.data(), line.size());
    if (document.HasParseError() || !document.IsObject()) {
      status = absl::DataLossError(
          absl::StrCat(path, ": line ", number, " is no JSON object"));
      return;
    }
    object(document);
  });
  return status.ok() ? read : status;
}

std::string_view StringMember(const rapidjson::Value& object,
                              const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return {};
  return {member->value.GetString(), member->value.GetStringLength()};
}

std::string_view AuthorOf(const rapidjson::Value& object) {
  const auto user = object.FindMember("user");
  if (user == object.MemberEnd() || !user->value.IsObject()) return {};
  return StringMember(user->value, "login");
}

}  // namespace mentiond
