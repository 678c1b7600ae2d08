// TLS, mutual TLS and the authorization policy, with the real program.

#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"

#include "tests/authority.h"
#include "tests/e2e/service.h"
#include "tests/secret_mount.h"
#include "tests/temp_directory.h"

namespace mentiond {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kGateway[] = "spiffe://corp/gateway";
constexpr char kStranger[] = "spiffe://corp/stranger";

// What is mounted: the server's and the clients' certificates by one authority,
// and who may call.
SecretMount::Files FilesOf(Authority& authority,
                           const std::string& caller = kGateway) {
  const Authority::Pair pair = authority.Issue("DNS:localhost");
  return {{"tls.crt", pair.certificate},
          {"tls.key", pair.key},
          {"ca.crt", authority.certificate()},
          {"policy.json",
           absl::StrCat(R"({"name":"p","allow_rules":[{"name":"a",)",
                        R"("source":{"principals":[")", caller, "\"]}}]}")}};
}

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why_not = Authority::WhyNot(); !why_not.empty()) {
      GTEST_SKIP() << why_not;
    }
    authority_ = std::make_unique<Authority>();
    mount_ = std::make_unique<SecretMount>(FilesOf(*authority_));
  }

  std::string Flag(const std::string& name, const std::string& file) const {
    return absl::StrCat("--", name, "=", *mount_ / file);
  }
  void Start(std::vector<std::string> more) {
    more.insert(more.end(),
                {Flag("tls_cert", "tls.crt"), Flag("tls_key", "tls.key")});
    service_ = std::make_unique<Service>(std::move(more));
    service_->github().repo(kRepo).AddPull("mona", "@octocat");
  }
  Authority::Pair IssueFor(const std::string& client) {
    return authority_->Issue("URI:" + client);
  }

  // A connection of its own, of a client that trusts `authority`.
  std::shared_ptr<grpc::Channel> Connect(const std::string& authority,
                                         const Authority::Pair& client) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetSslTargetNameOverride("localhost");
    return grpc::CreateCustomChannel(
        service_->address(),
        grpc::SslCredentials({.pem_root_certs = authority,
                              .pem_private_key = client.key,
                              .pem_cert_chain = client.certificate}),
        arguments);
  }
  // The status of a stream's opening, or of the first attempt to connect.
  grpc::Status Open(const std::string& authority,
                    const Authority::Pair& client = {}) {
    const auto stub =
        mentions::v1::MentionService::NewStub(Connect(authority, client));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(Deadline()));
    const auto reader = stub->Subscribe(&context, Request());
    mentions::v1::SubscribeResponse event;
    while (reader->Read(&event)) {
      if (event.has_mention()) return grpc::Status::OK;
    }
    return reader->Finish();
  }
  grpc::Status Open(const Authority::Pair& client = {}) {
    return Open(authority_->certificate(), client);
  }
  // Of a call without a stream, whose request is empty.
  grpc::Status Call(const std::string& method, const Authority::Pair& client) {
    grpc::GenericStub stub(Connect(authority_->certificate(), client));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(Deadline()));
    context.set_wait_for_ready(true);
    const grpc::Slice nothing;
    const grpc::ByteBuffer request(&nothing, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, method, {}, &request, &response,
                   [&](grpc::Status end) {
                     status = std::move(end);
                     done.Notify();
                   });
    done.WaitForNotification();
    return status;
  }
  // The client takes the server for somebody else.
  void ExpectServerRefused(const std::string& authority,
                           const Authority::Pair& client = {}) {
    const grpc::Status status = Open(authority, client);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_THAT(status.error_message(), HasSubstr("certificate verify failed"));
  }
  // The server takes the client for somebody else, and hangs up.
  void ExpectClientRefused(const std::string& authority,
                           const Authority::Pair& client = {}) {
    const grpc::Status status = Open(authority, client);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_THAT(status.error_message(),
                AnyOf(HasSubstr("Socket closed"), HasSubstr("reset by peer")));
  }
  // Whether the log's next lines, in a moment, have these words.
  bool HasLogged(std::string_view words) {
    return service_->server()
        .WaitForLine(
            Subprocess::Stream::kStderr,
            [=](std::string_view text) { return Contains(text, words); },
            absl::Now() + absl::Milliseconds(50))
        .ok();
  }

  std::unique_ptr<Authority> authority_;
  std::unique_ptr<SecretMount> mount_;
  std::unique_ptr<Service> service_;
};

TEST_F(TlsTest, StreamsAreEncryptedAlsoTheSampleClients) {
  Start({});
  EXPECT_TRUE(Open().ok());
  ExpectServerRefused(Authority().certificate());
  Start({Flag("tls_client_ca", "ca.crt")});
  const auto own = IssueFor("spiffe://corp/me");
  const TempDirectory directory;
  std::ofstream(directory / "own.pem") << own.certificate;
  std::ofstream(directory / "own.key") << own.key;
  // The certificate is the server's by name.
  const std::string address = service_->address();
  const auto client = Subprocess::Start(
      {"client/mentions",
       absl::StrCat("--server=localhost", address.substr(address.rfind(':'))),
       "--tls", Flag("tls_ca", "ca.crt"),
       absl::StrCat("--tls_cert=", directory / "own.pem"),
       absl::StrCat("--tls_key=", directory / "own.key"), "--user=octocat",
       kRepo},
      {{"GITHUB_TOKEN", kToken}});
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_TRUE((*client)
                  ->WaitForText(Subprocess::Stream::kStdout,
                                "mona opened pull request #", Deadline())
                  .ok());
}

// Shows: new certificates are used within a second
TEST_F(TlsTest, NewCertificatesAreUsedAtOnceAndBrokenOnesAreNot) {
  Start({Flag("tls_client_ca", "ca.crt")});
  auto client = IssueFor(kGateway);
  ASSERT_TRUE(Open(client).ok());
  // When those of a Kubernetes secret are swapped for broken ones, then the old
  // ones stay, and the log says so.
  SecretMount::Files broken = FilesOf(*authority_);
  broken["tls.crt"] = "broken";
  mount_->Swap(broken);
  absl::Time end = Deadline();
  while (!HasLogged("the new certificates are not used")) {
    ASSERT_TRUE(Open(client).ok());
    ASSERT_LT(absl::Now(), end);
  }
  for (int swap = 0; swap < 2; ++swap) {
    // When all is replaced by another authority's,
    const auto old = std::exchange(authority_, std::make_unique<Authority>());
    const auto old_client = std::exchange(client, IssueFor(kGateway));
    mount_->Swap(FilesOf(*authority_));
    end = Deadline();
    while (!Open(client).ok()) ASSERT_LT(absl::Now(), end);
    // then the old one is of no use any more, to neither side.
    ExpectServerRefused(old->certificate(), client);
    ExpectClientRefused(authority_->certificate(), old_client);
  }
  service_->StopServer(SIGTERM);
  EXPECT_THAT(service_->RestOfLog(), AllOf(HasSubstr("using new certificates"),
                                           Not(HasSubstr("not used"))));
}

// Shows: `--tls_client_ca` and `--authorization_policy`
TEST_F(TlsTest, ClientsNeedACertificateAndAPermission) {
  const std::vector<std::string> flags = {
      Flag("tls_client_ca", "ca.crt"),
      Flag("authorization_policy", "policy.json")};
  Start(flags);
  const auto gateway = IssueFor(kGateway);
  const auto stranger = IssueFor(kStranger);
  Authority other;
  ExpectClientRefused(authority_->certificate());
  service_->WaitForLog("peer did not return a certificate");
  ExpectClientRefused(authority_->certificate(),
                      other.Issue(absl::StrCat("URI:", kGateway)));
  service_->WaitForLog("certificate verify failed");
  EXPECT_TRUE(Open(gateway).ok()) << Open(gateway).error_message();
  service_->WaitForLog("principal=\"spiffe://corp/gateway\"");
  EXPECT_EQ(Open(stranger).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(service_->WaitForLog("stream refused (PERMISSION_DENIED"),
              HasSubstr("principal=\"spiffe://corp/stranger\""));
  // Probes are for everybody who has a certificate, channelz is for nobody
  const char* channelz = "/grpc.channelz.v1.Channelz/GetServers";
  EXPECT_TRUE(Call("/grpc.health.v1.Health/Check", stranger).ok());
  EXPECT_EQ(Call(channelz, gateway).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);

  // A new policy is used without a restart.
  mount_->Swap(FilesOf(*authority_, kStranger));
  const absl::Time end = Deadline();
  while (!Open(stranger).ok()) ASSERT_LT(absl::Now(), end);
  EXPECT_EQ(Open(gateway).error_code(), grpc::StatusCode::PERMISSION_DENIED);

  // unless it is wanted, and then for everybody, too.
  Start({flags[0], flags[1], "--channelz"});
  EXPECT_TRUE(Call(channelz, gateway).ok());
}

}  // namespace
}  // namespace mentiond
