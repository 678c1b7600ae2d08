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
#include "server/grpc_status.h"
#include "server/options.h"

namespace mentiond {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;

std::string Read(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The README and all of docs/.
std::string AllText() {
  std::string all = Read("README.md");
  for (const auto& file : std::filesystem::directory_iterator("docs")) {
    absl::StrAppend(&all, "\n", Read(file.path()));
  }
  return all;
}

// The group of the pattern in each match.
std::vector<std::string> AllMatches(const std::string& text,
                                    const char* pattern) {
  const std::regex regex(pattern);
  return {std::sregex_token_iterator(text.begin(), text.end(), regex, 1), {}};
}

// The cells of the rows of the table with that first line, in whatever file.
std::vector<std::vector<std::string>> TableOf(const std::string& header) {
  const std::string all = AllText();
  const std::string from = all.substr(all.find(header));
  std::vector<std::vector<std::string>> rows;
  // "\|" is a bar in a cell.
  for (const std::string& line : std::vector<std::string>(
           absl::StrSplit(absl::StrReplaceAll(from, {{"\\|", "\t"}}), '\n'))) {
    if (!absl::StartsWith(line, "|")) break;
    std::vector<std::string> cells = absl::StrSplit(line.substr(1), '|');
    for (std::string& cell : cells) {
      absl::StripAsciiWhitespace(&cell);
      std::replace(cell.begin(), cell.end(), '\t', '|');
    }
    rows.push_back(std::move(cells));
  }
  rows.erase(rows.begin(), rows.begin() + 2);
  EXPECT_THAT(rows, Not(IsEmpty())) << header;
  return rows;
}

std::variant<ServerOptions, ExitEarly> Server(const char* argument) {
  const char* argv[] = {"mentiond", argument};
  return ParseServerOptions(argument == nullptr ? 1 : 2, argv);
}
ServerOptions Defaults() { return std::get<ServerOptions>(Server(nullptr)); }
std::string ServerHelp() { return std::get<ExitEarly>(Server("--help")).text; }

std::string ClientHelp() {
  const char* argv[] = {"mentions", "--help"};
  const auto parsed = terminal::ParseOptions(
      2, argv, [](const std::string&) { return std::optional<std::string>(); });
  return std::get<terminal::EarlyExit>(parsed).text;
}

std::set<std::string> FlagsIn(const std::string& text) {
  const auto names = AllMatches(text, "--([a-z_]+)\\b");
  return {names.begin(), names.end()};
}

bool IsSame(const std::string& one, const std::string& other) {
  absl::Duration a;
  absl::Duration b;
  return one == other || (absl::ParseDuration(one, &a) &&
                          absl::ParseDuration(other, &b) && a == b);
}

// Shows: the table of flags
TEST(FlagsTest, TheServersTableHasAllFlagsWithTheirTypesAndDefaults) {
  // Defaults that are told in words; one that has to be given is off.
  const std::map<std::string, std::string> words = {
      {"no TLS", ""},
      {"everybody", ""},
      {"off", ""},
      {"the system's", ""},
      {"the number of processors", absl::StrCat(DefaultEventLoops())},
      {"on without `--authorization_policy`, off with one", "true"}};
  std::map<std::string, std::string> left = Defaults().settings;
  const std::string help = ServerHelp();
  for (const auto& row : TableOf("| flag | default | meaning |")) {
    auto values = AllMatches(row[1], "`([^`]*)`");
    if (words.count(row[1]) > 0) values = {words.at(row[1])};
    for (const std::string& flag : AllMatches(row[0], "`--([^`]+)`")) {
      const std::vector<std::string> parts = absl::StrSplit(flag, '=');
      ASSERT_THAT(left, Contains(Key(parts[0]))) << "no such flag, or twice";
      const std::string value = left.extract(parts[0]).mapped();
      if (row[1].empty()) {
        EXPECT_TRUE(value.empty() || value == "false") << flag << value;
      } else {
        ASSERT_THAT(values, Not(IsEmpty())) << flag << row[1];
        EXPECT_TRUE(IsSame(value, values[0])) << flag << value << row[1];
        if (values.size() > 1) values.erase(values.begin());
      }
      if (parts.size() == 2 && parts[1] != "BOOL") {
        EXPECT_THAT(help, HasSubstr("--" + parts[0] + " " + parts[1]));
      }
    }
  }
  EXPECT_THAT(left, IsEmpty()) << "not in the table";
}

TEST(FlagsTest, AllThatAreNamedAnywhereExist) {
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
  known.merge(FlagsIn(ServerHelp()));
  known.insert(client.begin(), client.end());
  for (const std::string& flag : AllMatches(all, "--([a-z]+_[a-z_]+)\\b")) {
    EXPECT_THAT(known, Contains(flag));
  }
  // The environment has them, too, as the documentation's example says.
  const char* const name = "MENTIOND_POLL_INTERVAL";
  EXPECT_THAT(all, HasSubstr("`MENTIOND_POLL_INTERVAL=30s`"));
  setenv(name, "30s", 1);
  EXPECT_EQ(Defaults().poll_interval, absl::Seconds(30));
  unsetenv(name);
}

// Shows: the table of statuses
TEST(StatusTest, TheTableHasAllWithWhichAStreamCanEnd) {
  std::map<std::string, std::string> table;
  for (const auto& row : TableOf("| status | meaning |")) {
    table[AllMatches(row[0], "`([A-Z_]+)`").at(0)] = row[1];
  }
  // What the server tells programs about,
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "");
    const bool has_retry_or_reason =
        ToGrpcStatus(status).error_details().size() >
        ToGrpcStatus(absl::UnknownError("")).error_details().size();
    if (has_retry_or_reason) {
      EXPECT_THAT(table,
                  Contains(Key(absl::StatusCodeToString(status.code()))));
    }
  }
  // what GitHub answers and is not tried again,
  for (int http = 201; http < 600; ++http) {
    const absl::Status status = StatusOfResponse({.status = http});
    if (status.ok() || IsTransient(status)) continue;
    const std::string name = absl::StatusCodeToString(status.code());
    ASSERT_THAT(table, Contains(Key(name)));
    EXPECT_TRUE(http == 404 ||
                absl::StrContains(table[name], absl::StrCat(http)))
        << name << http;
  }
  // and what the interface's definition says, which is all.
  std::set<std::string> names;
  for (const auto& [name, meaning] : table) names.insert(name);
  const auto defined = AllMatches(Read("proto/mentions/v1/mentions.proto"),
                                  "\n  //   ([A-Z_]+)  ");
  EXPECT_THAT(defined, testing::UnorderedElementsAreArray(names));
  EXPECT_THAT(table["UNAUTHENTICATED"], HasSubstr("`GITHUB_TOKEN_REJECTED`"));
}

}  // namespace
}  // namespace mentiond
