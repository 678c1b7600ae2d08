#include "client/terminal/tls.h"

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mentiond::terminal {

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(
    const Options& options) {
  if (!options.tls) return nullptr;
  grpc::SslCredentialsOptions tls;
  for (const auto& [path, text] :
       {std::pair(&options.tls_ca, &tls.pem_root_certs),
        {&options.tls_cert, &tls.pem_cert_chain},
        {&options.tls_key, &tls.pem_private_key}}) {
    if (path->empty()) continue;
    std::ifstream file(*path);
    text->assign(std::istreambuf_iterator<char>(file), {});
    if (text->empty()) {
      return absl::NotFoundError(absl::StrCat("cannot read ", *path));
    }
  }
  return grpc::SslCredentials(tls);
}

}  // namespace mentiond::terminal
