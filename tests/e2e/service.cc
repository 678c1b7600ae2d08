#include "tests/e2e/service.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glog/logging.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace mentiond {
namespace {

constexpr char kListening[] = "listening on ";

}  // namespace

Service::Service(std::vector<std::string> flags)
    : Service([&flags](FakeGitHub&) {
        return Launch{.flags = std::move(flags)};
      }) {}

Service::Service(const std::function<Launch(FakeGitHub&)>& plan) {
  CHECK(github_.Start().ok());
  launch_ = plan(github_);
  StartServer("127.0.0.1:0");
  // Tests of one process must not share connections.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ = grpc::CreateCustomChannel(
      address_, grpc::InsecureChannelCredentials(), arguments);
}

void Service::RestartServer(int signal) {
  CHECK(server_->Signal(signal).ok());
  CHECK(server_->Wait(Deadline()).ok());
  StartServer(address_);
}

void Service::StartServer(const std::string& listen) {
  std::vector<std::string> args = {
      "server/mentiond", absl::StrCat("--listen=", listen),
      // Tests look into /proc.
      "--allow_core_dumps",
      absl::StrCat("--github_api=", launch_.github_api.empty()
                                        ? github_.url()
                                        : launch_.github_api)};
  args.insert(args.end(), launch_.flags.begin(), launch_.flags.end());
  auto server = Subprocess::Start(args, launch_.env);
  CHECK(server.ok()) << server.status();
  server_ = *std::move(server);
  const auto line = server_->WaitForLine(
      Subprocess::Stream::kStderr,
      [](std::string_view text) { return Contains(text, kListening); },
      Deadline());
  CHECK(line.ok()) << line.status();
  const size_t begin = line->find(kListening) + sizeof(kListening) - 1;
  address_ = line->substr(begin, line->find(',', begin) - begin);
}

std::unique_ptr<Stream> Service::Subscribe(const std::string& repo,
                                           const std::string& user) {
  mentions::v1::SubscribeRequest request;
  request.set_repo(repo);
  request.set_user(user);
  request.set_token(kToken);
  return Subscribe(request);
}

std::unique_ptr<Stream> Service::Subscribe(
    const mentions::v1::SubscribeRequest& request) {
  return std::make_unique<Stream>(channel_, request, Deadline());
}

std::unique_ptr<Subprocess> Service::RunClient(
    std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(),
                   {"client/mentions", absl::StrCat("--server=", address_)});
  auto client = Subprocess::Start(arguments, {{"GITHUB_TOKEN", kToken}});
  CHECK(client.ok()) << client.status();
  return *std::move(client);
}

std::unique_ptr<Subprocess> Service::RunClient(
    std::vector<std::string> arguments, const std::string& output_file) {
  arguments.insert(arguments.begin(),
                   {"/bin/sh", "-c", "exec client/mentions \"$@\" >> \"$0\"",
                    output_file, absl::StrCat("--server=", address_)});
  auto client = Subprocess::Start(arguments, {{"GITHUB_TOKEN", kToken}});
  CHECK(client.ok()) << client.status();
  return *std::move(client);
}

std::string Service::WaitUntilNoStreamIsOpen() {
  const auto line = server_->WaitForLine(
      Subprocess::Stream::kStderr,
      [](std::string_view text) { return Contains(text, "; 0 open"); },
      Deadline());
  CHECK(line.ok()) << line.status();
  return *line;
}

size_t Service::OpenDescriptors() const {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(
           absl::StrCat("/proc/", server_->pid(), "/fd"))) {
    ++count;
  }
  return count;
}

}  // namespace mentiond
