// Which streams of a loop read which repository, and with which token.

#ifndef MENTIOND_LIB_STREAM_STREAM_INDEX_H_
#define MENTIOND_LIB_STREAM_STREAM_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"

#include "lib/base/secret.h"
#include "lib/stream/stream_id.h"

namespace mentiond {

// Not thread-safe.
class StreamIndex {
 public:
  // Hashes of a repository's name (in any case) and of a token.
  struct Source {
    uint64_t repo = 0;
    uint64_t token = 0;
  };
  static uint64_t HashOf(std::string_view repo);
  static Source SourceOf(std::string_view repo, const TokenHash& token) {
    return {.repo = HashOf(repo), .token = token.low};
  }

  void Add(Source source, const StreamId& id);
  void Remove(Source source, const StreamId& id);

  // How many repositories the streams of that token read.
  size_t RepositoriesOf(const TokenHash& token) const;

  // The streams on a repository.
  std::vector<StreamId> StreamsOn(uint64_t repo) const;

 private:
  bool HasStreams(Source source) const;

  absl::btree_set<std::tuple<uint64_t, uint64_t, StreamId>> streams_;
  absl::flat_hash_map<uint64_t, uint32_t> repositories_;  // by token
};

}  // namespace mentiond

#endif  // MENTIOND_LIB_STREAM_STREAM_INDEX_H_
