#include "server/tls_credentials.h"

#include <string>
#include <utility>

#include "grpc/grpc.h"
#include "grpc/grpc_security.h"

namespace mentiond {
namespace {

grpc_ssl_server_certificate_config* ToConfig(
    const CertificateContents& contents) {
  const grpc_ssl_pem_key_cert_pair pair = {
      // gRPC copies it.
      .private_key = contents.key.Expose().data(),
      .cert_chain = contents.certificate.c_str()};
  // gRPC insists on authorities, also where clients are not asked for
  // certificates and nothing is checked against them.
  const std::string& authorities =
      contents.client_ca.empty() ? contents.certificate : contents.client_ca;
  return grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair,
                                                   1);
}

class TlsCredentials final : public grpc::ServerCredentials {
 public:
  explicit TlsCredentials(std::shared_ptr<Certificates> certificates)
      : certificates_(std::move(certificates)) {
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            certificates_->wants_client_certificates()
                ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
            &Fetch, this));
  }
  ~TlsCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  // gRPC calls it at the start and for each connection.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    auto& credentials = *static_cast<TlsCredentials*>(self);
    if (!std::exchange(credentials.fetched_, true)) {
      *config = ToConfig(credentials.certificates_->contents());
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
    }
    const auto change = credentials.certificates_->TakeChange();
    if (!change) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    *config = ToConfig(*change);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  const std::shared_ptr<Certificates> certificates_;
  grpc_server_credentials* credentials_ = nullptr;
  // Set when the port is added, before any connection.
  bool fetched_ = false;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(
    std::shared_ptr<Certificates> certificates) {
  return std::make_shared<TlsCredentials>(std::move(certificates));
}

}  // namespace mentiond
