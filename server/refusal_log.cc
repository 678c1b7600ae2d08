#include "server/refusal_log.h"

#include <cstddef>
#include <utility>

#include "glog/logging.h"

#include "lib/base/hashed_token.h"
#include "lib/base/repo_name.h"
#include "lib/markdown/mention_target.h"
#include "lib/subscription/subscription.h"

namespace mentiond {
namespace {

using mentions::v1::SubscribeRequest;

// What the call would have been about, as far as that is valid.
StreamView ViewOf(const SubscribeRequest* request,
                  std::string_view authorization, std::string_view web_host) {
  StreamView view;
  if (request == nullptr) {
    const auto token = TokenOf(SubscribeRequest(), authorization);
    // Without one there, it may be in the request.
    if (token.ok() && !token->empty()) view.hashed_token = HashedToken(*token);
    return view;
  }
  const auto repo = RepoName::Parse(request->repo(), web_host);
  if (repo.ok()) view.repo = repo->ToString();
  const auto target = MentionTarget::Parse(request->user());
  if (target.ok()) view.user = target->text();
  const auto token = TokenOf(*request, authorization);
  if (token.ok()) view.hashed_token = HashedToken(*token);
  return view;
}

}  // namespace

void RefusalLog::Note(const absl::Status& status, Caller caller,
                      const SubscribeRequest* request,
                      std::string_view authorization) {
  const auto code = static_cast<size_t>(status.code());
  const auto left_out =
      limits_[code < limits_.size() ? code : 0].lines.Admit(clock_.Now());
  if (!left_out) return;
  StreamView view = ViewOf(request, authorization, web_host_);
  view.caller = std::move(caller);
  LOG(INFO) << "stream refused (" << status << "): " << AuditFields(view)
            << *left_out;
}

}  // namespace mentiond
