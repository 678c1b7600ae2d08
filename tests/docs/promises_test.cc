// What the documentation promises about flags and statuses is so.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "client/terminal/options.h"
#include "lib/github/response_status.h"
#include "proto/google/rpc/error_details.pb.h"
#include "server/grpc_status.h"
#include "server/options.h"

namespace mentiond {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using Rows = std::vector<std::vector<std::string>>;

std::string Read(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The README and all of docs/.
std::string AllText() {
  std::string all = Read("README.md");
  for (const auto& file : std::filesystem::directory_iterator("docs")) {
    if (file.path().extension() == ".md") all += "\n" + Read(file.path());
  }
  return all;
}

std::vector<std::string> AllMatches(const std::string& text,
                                    const char* pattern, int group = 1) {
  const std::regex regex(pattern);
  return {std::sregex_token_iterator(text.begin(), text.end(), regex, group),
          {}};
}

// The cells of the rows of the table with that first line, wherever it is.
Rows TableOf(const std::string& header) {
  Rows rows;
  bool found = false;
  for (const auto line : absl::StrSplit(AllText(), '\n')) {
    found = found ? absl::StartsWith(line, "|") : line == header;
    if (!found && !rows.empty()) break;
    if (!found || line == header || absl::StartsWith(line, "| ---")) continue;
    rows.emplace_back();
    // "\|" is a bar in a cell.
    for (const auto cell :
         absl::StrSplit(absl::StrReplaceAll(line, {{"\\|", "\n"}}), '|')) {
      rows.back().push_back(
          absl::StrReplaceAll(absl::StripAsciiWhitespace(cell), {{"\n", "|"}}));
    }
    rows.back().erase(rows.back().begin());
  }
  EXPECT_THAT(rows, testing::Not(testing::IsEmpty())) << header;
  return rows;
}

std::string ServerHelp() {
  const char* argv[] = {"mentiond", "--help"};
  return std::get<ExitEarly>(ParseServerOptions(2, argv)).text;
}

std::string ClientHelp() {
  const char* argv[] = {"mentions", "--help"};
  return std::get<terminal::EarlyExit>(
             terminal::ParseOptions(2, argv,
                                    [](const std::string&) {
                                      return std::optional<std::string>();
                                    }))
      .text;
}

ServerOptions Defaults() {
  const char* argv[] = {"mentiond"};
  return std::get<ServerOptions>(ParseServerOptions(1, argv));
}

std::set<std::string> FlagsIn(const std::string& help) {
  const auto names = AllMatches(help, "--([a-z_]+)");
  return {names.begin(), names.end()};
}

bool IsSame(const std::string& one, const std::string& other) {
  absl::Duration a;
  absl::Duration b;
  return one == other || (absl::ParseDuration(one, &a) &&
                          absl::ParseDuration(other, &b) && a == b);
}

TEST(FlagsTest, TheServersTableHasAllFlagsWithTheirTypesAndDefaults) {
  // Defaults that are told in words.
  const std::map<std::string, std::string> words = {
      {"no TLS", ""},
      {"everybody", ""},
      {"off", ""},
      {"the system's", ""},
      {"", ""},
      {"the number of processors", absl::StrCat(DefaultEventLoops())},
      {"on without `--authorization_policy`, off with one", "true"}};
  std::map<std::string, std::string> left = Defaults().settings;
  const std::string help = ServerHelp();
  for (const auto& row : TableOf("| flag | default | meaning |")) {
    const auto flags = AllMatches(row[0], "`--([^`]+)`");
    auto values = AllMatches(row[1], "`([^`]*)`");
    if (const auto word = words.find(row[1]); word != words.end()) {
      values = {word->second};
    }
    ASSERT_THAT(values, testing::Not(testing::IsEmpty())) << row[1];
    for (size_t i = 0; i < flags.size(); ++i) {
      const std::vector<std::string> parts = absl::StrSplit(flags[i], '=');
      const auto option = left.find(parts[0]);
      ASSERT_NE(option, left.end()) << flags[i] << ": no such flag, or twice";
      const std::string value = values[std::min(i, values.size() - 1)];
      // A flag that has to be given is off.
      EXPECT_TRUE(IsSame(option->second, value) ||
                  (option->second == "false" && row[1].empty()))
          << flags[i] << ": " << option->second << ", not " << row[1];
      if (parts.size() == 2 && parts[1] != "BOOL") {
        EXPECT_THAT(help,
                    HasSubstr(absl::StrCat("--", parts[0], " ", parts[1])));
      }
      left.erase(option);
    }
  }
  EXPECT_THAT(left, SizeIs(0)) << "not in the table";
}

TEST(FlagsTest, AllThatAreNamedAnywhereExist) {
  const std::set<std::string> server = FlagsIn(ServerHelp());
  const std::set<std::string> client = FlagsIn(ClientHelp());
  const std::string all = AllText();
  int named = 0;
  for (const std::string& call : AllMatches(all, "mentions( [^`\n]*)")) {
    for (const std::string& flag : FlagsIn(call)) {
      EXPECT_THAT(client, Contains(flag)) << call;
      ++named;
    }
  }
  EXPECT_GE(named, 10);
  // Other programs' have hyphens, but for those of protoc and Bazel.
  std::set<std::string> known = {"proto_path", "python_out",
                                 "grpc_out",   "grpc_python_out",
                                 "go_opt",     "custom_malloc"};
  known.insert(server.begin(), server.end());
  known.insert(client.begin(), client.end());
  for (const std::string& flag : AllMatches(all, "--([a-z]+_[a-z_]+)\\b")) {
    EXPECT_THAT(known, Contains(flag));
  }
}

TEST(FlagsTest, TheEnvironmentHasThemAsDocumented) {
  EXPECT_THAT(AllText(), HasSubstr("`MENTIOND_POLL_INTERVAL=30s`"));
  setenv("MENTIOND_POLL_INTERVAL", "30s", 1);
  EXPECT_EQ(Defaults().poll_interval, absl::Seconds(30));
  unsetenv("MENTIOND_POLL_INTERVAL");
}

TEST(StatusTest, TheTableHasAllWithWhichAStreamCanEnd) {
  std::map<std::string, std::string> table;
  for (const auto& row : TableOf("| status | meaning |")) {
    table[AllMatches(row[0], "`([A-Z_]+)`").at(0)] = row[1];
  }
  // What the server tells programs about,
  for (int code = 1; code <= 16; ++code) {
    const auto status = static_cast<absl::StatusCode>(code);
    const std::string name = absl::StatusCodeToString(status);
    google::rpc::Status details;
    details.ParseFromString(
        ToGrpcStatus(absl::Status(status, "x")).error_details());
    if (details.details_size() > 0) {
      EXPECT_EQ(table.count(name), 1U) << name;
    }
  }
  // what GitHub answers and is not tried again,
  for (int http = 201; http < 600; ++http) {
    const absl::Status status = StatusOfResponse({.status = http});
    if (status.ok() || IsTransient(status)) continue;
    const std::string name = absl::StatusCodeToString(status.code());
    ASSERT_EQ(table.count(name), 1U) << http;
    if (http != 404) {
      EXPECT_THAT(table[name], HasSubstr(absl::StrCat(http))) << name;
    }
  }
  // and what the interface's definition says, which is all.
  const std::string proto = Read("proto/mentions/v1/mentions.proto");
  const auto names = AllMatches(proto, "\n  //   ([A-Z_]+)  ");
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(),
            table.size());
  for (const std::string& name : names)
    EXPECT_EQ(table.count(name), 1U) << name;
  EXPECT_THAT(table["UNAUTHENTICATED"], HasSubstr("`GITHUB_TOKEN_REJECTED`"));
}

}  // namespace
}  // namespace mentiond
