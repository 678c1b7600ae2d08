#include "lib/stream/stream_index.h"

#include "absl/strings/ascii.h"

#include "lib/base/stable_hash.h"
#include "lib/base/strings.h"

namespace mentiond {

uint64_t StreamIndex::HashOf(std::string_view repo) {
  return StableHash(absl::AsciiStrToLower(ToAbsl(repo)));
}

void StreamIndex::Add(Source source, const StreamId& id) {
  if (!HasStreams(source)) ++repositories_[source.token];
  streams_.insert({source.repo, source.token, id});
}

void StreamIndex::Remove(Source source, const StreamId& id) {
  if (streams_.erase({source.repo, source.token, id}) == 0) return;
  if (HasStreams(source)) return;
  const auto repositories = repositories_.find(source.token);
  if (--repositories->second == 0) repositories_.erase(repositories);
}

size_t StreamIndex::RepositoriesOf(const TokenHash& token) const {
  const auto found = repositories_.find(token.low);
  return found == repositories_.end() ? 0 : found->second;
}

std::vector<StreamId> StreamIndex::StreamsOn(uint64_t repo) const {
  std::vector<StreamId> ids;
  for (auto of = streams_.lower_bound({repo, 0, StreamId()});
       of != streams_.end() && std::get<0>(*of) == repo; ++of) {
    ids.push_back(std::get<2>(*of));
  }
  return ids;
}

bool StreamIndex::HasStreams(Source source) const {
  const auto first =
      streams_.lower_bound({source.repo, source.token, StreamId()});
  return first != streams_.end() && std::get<0>(*first) == source.repo &&
         std::get<1>(*first) == source.token;
}

}  // namespace mentiond
