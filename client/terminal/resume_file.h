// Stores the last resume token of each stream in a file, for the next run.
//
// For one repository the file contains its token and a newline, nothing else;
// for several, lines of "OWNER/NAME TOKEN". Tokens are not secret, but the file
// is readable only by its owner, because it reveals what is being watched.

#ifndef MENTIOND_CLIENT_TERMINAL_RESUME_FILE_H_
#define MENTIOND_CLIENT_TERMINAL_RESUME_FILE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

#include "client/terminal/atomic_file.h"

namespace mentiond::terminal {

// Not thread-safe. `repo` is an index into the repositories.
class ResumeFile {
 public:
  // A token is at most 4 KiB of printable ASCII, as mentions.proto guarantees.
  static constexpr size_t kMaxTokenBytes = 4096;

  // Does not access the file system. `repos` are OWNER/NAME, in any case.
  ResumeFile(const std::string& path, const std::vector<std::string>& repos);

  // Reads the tokens; OK if the file does not exist or is empty.
  // INVALID_ARGUMENT if the content cannot be tokens, or the token of one of
  // several repositories; another error if the file cannot be read.
  absl::Status Read();

  // The last token that was read or set; empty: none.
  const std::string& token(size_t repo) const;

  // Saves a token in two steps, between which the caller does what the token
  // stands for. Prepare() does most of the work, so that as little time as
  // possible passes between that and Commit(). After a crash at any point the
  // file contains either the old or the new token. An empty token changes
  // nothing. INVALID_ARGUMENT if Read() would reject the token; another error
  // if the file cannot be written.
  absl::Status Prepare(size_t repo, std::string_view token);
  absl::Status Commit();

  // A token that stands for nothing that was printed: saved with the next one
  // that does, or every ten seconds.
  absl::Status Note(size_t repo, std::string_view token, absl::Time now);
  // Saves tokens that were only noted.
  absl::Status Flush();

 private:
  using Tokens = absl::btree_map<std::string, std::string>;

  std::string Content(const Tokens& tokens) const;

  AtomicFile file_;
  const std::vector<std::string> repos_;  // in lower case
  // Also those of other repositories that the file has.
  Tokens tokens_;
  std::optional<Tokens> prepared_;
  // The file has a repository's name in each line.
  bool has_names_;
  bool unsaved_ = false;
  absl::Time noted_at_ = absl::InfinitePast();
};

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_RESUME_FILE_H_
