#include "lib/subscription/author_filter.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "lib/base/login.h"
#include "lib/base/status_reason.h"
#include "lib/base/strings.h"

namespace mentiond {
namespace {

std::string KeyOf(std::string_view login) {
  std::string key = absl::AsciiStrToLower(ToAbsl(login));
  key.resize(absl::StripSuffix(key, "[bot]").size());
  return key;
}

}  // namespace

mentions::v1::AuthorKind AuthorKindOf(std::string_view login) {
  if (login.empty() || login == "ghost") return mentions::v1::AUTHOR_KIND_GHOST;
  return absl::EndsWith(ToAbsl(login), "[bot]")
             ? mentions::v1::AUTHOR_KIND_BOT
             : mentions::v1::AUTHOR_KIND_USER;
}

absl::StatusOr<std::shared_ptr<const AuthorFilter>> AuthorFilter::Parse(
    const mentions::v1::SubscribeRequest& request, std::string_view user) {
  AuthorFilter filter;
  filter.skip_bots_ = request.skip_bots();
  if (request.skip_self()) filter.skipped_.insert(KeyOf(user));
  if (request.skip_authors_size() > static_cast<int>(kMaxAuthors)) {
    return InvalidField("skip_authors",
                        absl::StrCat("has more than ", kMaxAuthors, " logins"));
  }
  for (const std::string& author : request.skip_authors()) {
    std::string key = KeyOf(author);
    const auto login = Login::Parse(key);
    if (!login.ok()) {
      return InvalidField("skip_authors", ToStd(login.status().message()));
    }
    filter.skipped_.insert(login->lower());
  }
  if (!filter.skip_bots_ && filter.skipped_.empty()) return nullptr;
  return std::make_shared<const AuthorFilter>(std::move(filter));
}

bool AuthorFilter::Skips(const Item& item) const {
  if (skip_bots_ &&
      AuthorKindOf(item.author) == mentions::v1::AUTHOR_KIND_BOT) {
    return true;
  }
  return !skipped_.empty() && skipped_.contains(KeyOf(item.author));
}

std::string AuthorFilter::ToKey() const {
  return absl::StrCat(skip_bots_ ? "bots" : "", "\n",
                      absl::StrJoin(skipped_, ","));
}

}  // namespace mentiond
