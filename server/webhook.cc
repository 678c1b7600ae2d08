#include "server/webhook.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "rapidjson/document.h"

#include "lib/base/repo_name.h"
#include "lib/github/json_fields.h"

namespace mentiond {
namespace {

constexpr std::string_view kScheme = "sha256=";
// GitHub's are UUIDs.
constexpr size_t kMaxIdBytes = 64;

std::string SignatureOf(const Secret& secret, std::string_view body) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.Expose().data(),
       static_cast<int>(secret.Expose().size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(),
       digest.data(), &size);
  return absl::StrCat(absl::string_view(kScheme.data(), kScheme.size()),
                      absl::BytesToHexString(absl::string_view(
                          reinterpret_cast<const char*>(digest.data()), size)));
}

// repository.full_name; empty: there is none.
std::string RepoOf(std::string_view body) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag |
             rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
  if (json.HasParseError()) return "";
  const rapidjson::Value* repository = Find(json, "repository");
  if (repository == nullptr) return "";
  const auto name = GetString(*repository, "full_name");
  const auto repo = RepoName::Parse(name.value_or(""), "");
  return repo.ok() ? repo->ToString() : "";
}

}  // namespace

WebhookAnswer WebhookChecker::Check(const WebhookDelivery& delivery) {
  if (!IsSigned(delivery)) {
    return {.status = 401,
            .text = "X-Hub-Signature-256 is missing, or not of this secret"};
  }
  if (delivery.event.empty() || delivery.id.empty() ||
      delivery.id.size() > kMaxIdBytes) {
    return {.status = 400,
            .text = "X-GitHub-Event or X-GitHub-Delivery is missing"};
  }
  if (!IsNew(delivery.id)) return {.status = 202, .text = "received before"};
  std::string repo = RepoOf(delivery.body);
  if (repo.empty()) return {.status = 202, .text = "about no repository"};
  return {.status = 200,
          .text = absl::StrCat("looking at ", repo),
          .repo = std::move(repo)};
}

bool WebhookChecker::IsSigned(const WebhookDelivery& delivery) const {
  const std::string expected = SignatureOf(secret_, delivery.body);
  return delivery.signature.size() == expected.size() &&
         CRYPTO_memcmp(delivery.signature.data(), expected.data(),
                       expected.size()) == 0;
}

bool WebhookChecker::IsNew(std::string_view id) {
  absl::MutexLock lock(&mutex_);
  if (!seen_.insert(std::string(id)).second) return false;
  order_.emplace_back(id);
  if (order_.size() > kMaxRemembered) {
    seen_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

}  // namespace mentiond
