#include "tests/e2e/service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glog/logging.h"
#include "gtest/gtest.h"

namespace mentiond {

using mentions::v1::SubscribeRequest;

SubscribeRequest Request(const std::string& repo, const std::string& user,
                         const std::string& token) {
  SubscribeRequest request;
  request.set_repo(repo);
  request.set_user(user);
  request.set_token(token);
  return request;
}

Service::Service(std::vector<std::string> flags)
    : Service([&flags](FakeGitHub&) {
        return Launch{.flags = std::move(flags)};
      }) {}

Service::Service(const std::function<Launch(FakeGitHub&)>& plan) {
  CHECK(github_.Start().ok());
  launch_ = plan(github_);
  if (launch_.github_api.empty()) launch_.github_api = github_.url();
  if (std::none_of(launch_.flags.begin(), launch_.flags.end(),
                   [](const auto& flag) {
                     return absl::StartsWith(flag, "--poll_interval=");
                   })) {
    launch_.flags.emplace_back("--poll_interval=100ms");
  }
  StartServer("127.0.0.1:0");
  channel_ = NewChannel(address_);
}

void Service::RestartServer(int signal) {
  StopServer(signal);
  StartServer(address_);
}

ExitStatus Service::StopServer(int signal) {
  CHECK(server_->Signal(signal).ok());
  const auto exit = server_->Wait(Deadline());
  CHECK(exit.ok()) << exit.status();
  return *exit;
}

void Service::StartServer(const std::string& listen) {
  std::vector<std::string> args = {
      "server/mentiond", absl::StrCat("--listen=", listen),
      // Tests look into /proc.
      "--allow_core_dumps", absl::StrCat("--github_api=", launch_.github_api)};
  args.insert(args.end(), launch_.flags.begin(), launch_.flags.end());
  auto server = Subprocess::Start(args, launch_.env);
  CHECK(server.ok()) << server.status();
  server_ = *std::move(server);
  constexpr std::string_view kListening = "listening on ";
  const std::string line = WaitForLog(kListening);
  CHECK(!line.empty());
  const size_t begin = line.find(kListening) + kListening.size();
  address_ = line.substr(begin, line.find(',', begin) - begin);
}

std::unique_ptr<Stream> Service::Subscribe(const std::string& repo,
                                           const std::string& user) {
  return Subscribe(Request(repo, user));
}

std::unique_ptr<Stream> Service::Subscribe(const SubscribeRequest& request) {
  return std::make_unique<Stream>(channel_, request, Deadline());
}

std::unique_ptr<Subprocess> Service::RunClient(
    std::vector<std::string> arguments, const std::string& output_file) {
  arguments.insert(arguments.begin(),
                   {"client/mentions", absl::StrCat("--server=", address_)});
  if (!output_file.empty()) {
    arguments.insert(arguments.begin(),
                     {"/bin/sh", "-c", "exec \"$@\" >> \"$0\"", output_file});
  }
  auto client = Subprocess::Start(arguments, {{"GITHUB_TOKEN", kToken}});
  CHECK(client.ok()) << client.status();
  return *std::move(client);
}

std::string Service::WaitForLog(std::string_view words) {
  const auto line = server_->WaitForLine(
      Subprocess::Stream::kStderr,
      [words](std::string_view text) { return Contains(text, words); },
      Deadline());
  EXPECT_TRUE(line.ok()) << line.status();
  return line.value_or("");
}

std::string Service::UrlInLog(std::string_view words) {
  constexpr std::string_view kScheme = "http://";
  const std::string line = WaitForLog(words);
  const size_t begin = line.find(kScheme);
  CHECK(begin != std::string::npos) << line;
  return line.substr(begin, line.find('/', begin + kScheme.size()) - begin);
}

std::string Service::RestOfLog() {
  const auto log = server_->ReadAll(Subprocess::Stream::kStderr, Deadline());
  EXPECT_TRUE(log.ok()) << log.status();
  return log.value_or("");
}

}  // namespace mentiond
