// TLS, mutual TLS and the authorization policy, with the real program.

#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
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

namespace mentiond {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why_not = Authority::WhyNot(); !why_not.empty()) {
      GTEST_SKIP() << why_not;
    }
    authority_ = std::make_unique<Authority>();
    PutPair(authority_->Issue("DNS:localhost"));
    Put("ca.pem", authority_->certificate());
  }

  static std::string File(const std::string& name) {
    return testing::TempDir() + "/" + name;
  }
  static void Put(const std::string& name, const std::string& text) {
    std::ofstream(File(name + ".new")) << text;
    std::rename(File(name + ".new").c_str(), File(name).c_str());
  }
  static void PutPair(const Authority::Pair& pair) {
    Put("key.pem", pair.key);
    Put("cert.pem", pair.certificate);
  }

  void Start(std::vector<std::string> more) {
    more.insert(more.end(), {absl::StrCat("--tls_cert=", File("cert.pem")),
                             absl::StrCat("--tls_key=", File("key.pem"))});
    StartWith(std::move(more));
  }
  void StartWith(std::vector<std::string> flags) {
    flags.emplace_back("--poll_interval=100ms");
    service_ = std::make_unique<Service>(std::move(flags));
    service_->github().repo("octo/demo").AddPull("mona", "@octocat");
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
  // The status of a stream's opening.
  grpc::Status Open(const std::string& authority,
                    const Authority::Pair& client = {},
                    absl::Duration at_most = kPatience) {
    mentions::v1::SubscribeRequest request;
    request.set_repo("octo/demo");
    request.set_user("octocat");
    request.set_token(kToken);
    Stream stream(Connect(authority, client), request, absl::Now() + at_most);
    if (stream.NextMention()) return grpc::Status::OK;
    return stream.Finish();
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
  // Whether no connection can be made: gRPC keeps trying.
  bool IsRefused(const std::string& authority,
                 const Authority::Pair& client = {}) {
    return !Open(authority, client, absl::Seconds(1)).ok();
  }
  // Whether the log's next lines, in a moment, have these words.
  bool HasLogged(const std::string& words,
                 absl::Duration at_most = absl::Milliseconds(50)) {
    return service_->server()
        .WaitForLine(
            Subprocess::Stream::kStderr,
            [&](std::string_view text) {
              return absl::StrContains(std::string(text), words);
            },
            absl::Now() + at_most)
        .ok();
  }

  std::unique_ptr<Authority> authority_;
  std::unique_ptr<Service> service_;
};

TEST_F(TlsTest, StreamsAreEncryptedAndNewCertificatesAreUsedAtOnce) {
  Start({});
  EXPECT_TRUE(Open().ok());
  Authority other;
  EXPECT_TRUE(IsRefused(other.certificate()));

  // A broken new certificate is not used, and the log says so.
  Put("cert.pem", "broken");
  absl::Time end = Deadline();
  while (!HasLogged("the new certificates are not used")) {
    ASSERT_TRUE(Open().ok());
    ASSERT_LT(absl::Now(), end);
  }

  // A good one of another authority is.
  PutPair(other.Issue("DNS:localhost"));
  end = Deadline();
  while (IsRefused(other.certificate())) ASSERT_LT(absl::Now(), end);
  EXPECT_TRUE(IsRefused(authority_->certificate()));
}

TEST_F(TlsTest, AKubernetesSecretIsSwappedAtOnce) {
  // Given a mounted secret, with the server's and the clients' certificates by
  // one authority,
  const auto files = [](Authority& authority) {
    const Authority::Pair pair = authority.Issue("DNS:localhost");
    return SecretMount::Files{{"tls.crt", pair.certificate},
                              {"tls.key", pair.key},
                              {"ca.crt", authority.certificate()}};
  };
  SecretMount mount(files(*authority_));
  StartWith({absl::StrCat("--tls_cert=", mount / "tls.crt"),
             absl::StrCat("--tls_key=", mount / "tls.key"),
             absl::StrCat("--tls_client_ca=", mount / "ca.crt")});
  for (int swap = 0; swap < 3; ++swap) {
    const auto old_client = authority_->Issue("URI:spiffe://corp/me");
    ASSERT_TRUE(Open(old_client).ok());
    // when all is replaced by another authority's,
    auto next = std::make_unique<Authority>();
    const auto client = next->Issue("URI:spiffe://corp/me");
    mount.Swap(files(*next));
    const absl::Time end = Deadline();
    while (IsRefused(next->certificate(), client)) {
      ASSERT_LT(absl::Now(), end);
    }
    // then the old one is of no use any more, to neither side.
    EXPECT_TRUE(IsRefused(authority_->certificate(), client));
    EXPECT_TRUE(IsRefused(next->certificate(), old_client));
    authority_ = std::move(next);
  }
  service_->server().Signal(SIGTERM).IgnoreError();
  EXPECT_THAT(
      service_->server()
          .ReadAll(Subprocess::Stream::kStderr, Deadline())
          .value(),
      AllOf(HasSubstr("using new certificates"), Not(HasSubstr("not used"))));
}

TEST_F(TlsTest, ClientsNeedACertificateAndAPermission) {
  Put("policy.json", R"({"name":"p","allow_rules":[{"name":"a",
      "source":{"principals":["spiffe://corp/gateway"]}}]})");
  Start({absl::StrCat("--tls_client_ca=", File("ca.pem")),
         absl::StrCat("--authorization_policy=", File("policy.json"))});
  const auto gateway = authority_->Issue("URI:spiffe://corp/gateway");
  const auto stranger = authority_->Issue("URI:spiffe://corp/stranger");
  Authority other;
  EXPECT_TRUE(IsRefused(authority_->certificate())) << "no certificate";
  EXPECT_TRUE(IsRefused(authority_->certificate(),
                        other.Issue("URI:spiffe://corp/gateway")));
  EXPECT_TRUE(Open(gateway).ok()) << Open(gateway).error_message();
  EXPECT_TRUE(HasLogged("principal=\"spiffe://corp/gateway\"", kPatience));
  EXPECT_EQ(Open(stranger).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  const auto refusal = service_->server().WaitForLine(
      Subprocess::Stream::kStderr,
      [](std::string_view line) {
        return line.find("stream refused (PERMISSION_DENIED") !=
               std::string_view::npos;
      },
      Deadline());
  ASSERT_TRUE(refusal.ok()) << refusal.status();
  EXPECT_THAT(*refusal, HasSubstr("principal=\"spiffe://corp/stranger\""));

  // A new policy is used without a restart.
  Put("policy.json", R"({"name":"p","allow_rules":[{"name":"a",
      "source":{"principals":["spiffe://corp/stranger"]}}]})");
  const absl::Time end = Deadline();
  while (!Open(stranger).ok()) ASSERT_LT(absl::Now(), end);
  EXPECT_EQ(Open(gateway).error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(TlsTest, WithAPolicyChannelzIsServedOnlyWhereItIsWanted) {
  Put("policy.json", R"({"name":"p","allow_rules":[{"name":"a",
      "source":{"principals":["spiffe://corp/gateway"]}}]})");
  const auto stranger = authority_->Issue("URI:spiffe://corp/stranger");
  for (const bool is_wanted : {false, true}) {
    std::vector<std::string> flags = {
        absl::StrCat("--tls_client_ca=", File("ca.pem")),
        absl::StrCat("--authorization_policy=", File("policy.json"))};
    if (is_wanted) flags.emplace_back("--channelz");
    Start(flags);
    EXPECT_EQ(
        Call("/grpc.channelz.v1.Channelz/GetServers", stranger).error_code(),
        is_wanted ? grpc::StatusCode::OK : grpc::StatusCode::UNIMPLEMENTED);
    // Probes are for everybody who has a certificate.
    EXPECT_TRUE(Call("/grpc.health.v1.Health/Check", stranger).ok());
  }
}

TEST_F(TlsTest, TheSampleClientHasACertificateToo) {
  Start({absl::StrCat("--tls_client_ca=", File("ca.pem"))});
  const auto own = authority_->Issue("URI:spiffe://corp/me");
  Put("own.pem", own.certificate);
  Put("own.key", own.key);
  // The certificate is the server's by name.
  const std::string address = service_->address();
  const auto client = Subprocess::Start(
      {"client/mentions",
       absl::StrCat("--server=localhost", address.substr(address.rfind(':'))),
       "--tls", absl::StrCat("--tls_ca=", File("ca.pem")),
       absl::StrCat("--tls_cert=", File("own.pem")),
       absl::StrCat("--tls_key=", File("own.key")), "--user=octocat",
       "octo/demo"},
      {{"GITHUB_TOKEN", kToken}});
  ASSERT_TRUE(client.ok()) << client.status();
  const auto line =
      (*client)->ReadLine(Subprocess::Stream::kStdout, Deadline());
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(*line, HasSubstr("mona opened pull request #"));
}

TEST(PlaintextTest, OnAnAddressForOthersItNeedsAFlag) {
  const auto refused =
      Subprocess::Start({"server/mentiond", "--listen=0.0.0.0:0"});
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ((*refused)->Wait(Deadline())->code, 1);
  EXPECT_THAT(
      (*refused)->ReadAll(Subprocess::Stream::kStderr, Deadline()).value(),
      HasSubstr("--allow_plaintext"));
  const auto allowed = Subprocess::Start(
      {"server/mentiond", "--listen=0.0.0.0:0", "--allow_plaintext"});
  ASSERT_TRUE(allowed.ok());
  EXPECT_TRUE((*allowed)
                  ->WaitForLine(
                      Subprocess::Stream::kStderr,
                      [](std::string_view text) {
                        return absl::StrContains(std::string(text),
                                                 "listening on 0.0.0.0:");
                      },
                      Deadline())
                  .ok());
}

}  // namespace
}  // namespace mentiond
