// What a client has asked for, checked: from here on every field is valid.

#ifndef MENTIOND_LIB_STREAM_SUBSCRIPTION_H_
#define MENTIOND_LIB_STREAM_SUBSCRIPTION_H_

#include <bitset>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "lib/base/login.h"
#include "lib/base/repo_name.h"
#include "lib/base/secret.h"
#include "lib/github/types.h"
#include "proto/mentions/v1/mentions.pb.h"

namespace mentiond {

// A set of the contract's sources.
class SourceSet {
 public:
  void Insert(Source source) { bits_.set(source); }
  bool Contains(Source source) const { return bits_.test(source); }
  bool Intersects(const SourceSet& other) const {
    return (bits_ & other.bits_).any();
  }
  bool empty() const { return bits_.none(); }

  SourceSet(std::initializer_list<Source> sources) {
    for (const Source source : sources) Insert(source);
  }

 private:
  std::bitset<mentions::v1::Source_ARRAYSIZE> bits_;
};

struct Subscription {
  RepoName repo;
  Login user;
  Secret token;
  std::optional<absl::Time> since;
  SourceSet sources;
};

// Checks a request. `authorization` is the call's metadata of that name, empty
// where there is none; it is used when the request has no token. `web_host` is
// where the configured GitHub shows its repositories. INVALID_ARGUMENT names
// the field and the reason, and never holds the token.
absl::StatusOr<Subscription> ParseSubscription(
    const mentions::v1::SubscribeRequest& request,
    std::string_view authorization, std::string_view web_host);

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_SUBSCRIPTION_H_
