#include "client/resume_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace mentiond {
namespace {

bool IsToken(std::string_view token) {
  return token.size() <= ResumeFile::kLongestToken &&
         std::all_of(token.begin(), token.end(), [](char c) {
           return absl::ascii_isprint(static_cast<unsigned char>(c));
         });
}

}  // namespace

absl::StatusOr<std::string> ResumeFile::Read() {
  // Two bytes more than a token with its line end may have tell all too long.
  absl::StatusOr<std::string> content = file_.Read(kLongestToken + 3);
  if (absl::IsNotFound(content.status())) return "";
  if (!content.ok()) return content;
  while (!content->empty() &&
         (content->back() == '\n' || content->back() == '\r')) {
    content->pop_back();
  }
  if (!IsToken(*content)) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_.path(),
                     " holds no resume token; name another file, or "
                     "remove it to start from the beginning"));
  }
  kept_ = *content;
  return content;
}

absl::Status ResumeFile::Prepare(std::string_view token) {
  prepared_.clear();
  if (token.empty() || token == kept_) return absl::OkStatus();
  if (!IsToken(token)) {
    return absl::InvalidArgumentError("the server sent no valid resume token");
  }
  absl::Status prepared = file_.Prepare(std::string(token).append("\n"));
  if (prepared.ok()) prepared_ = std::string(token);
  return prepared;
}

absl::Status ResumeFile::Commit() {
  if (prepared_.empty()) return absl::OkStatus();
  absl::Status committed = file_.Commit();
  if (committed.ok()) kept_ = std::exchange(prepared_, "");
  return committed;
}

absl::Status ResumeFile::Keep(std::string_view token) {
  if (absl::Status prepared = Prepare(token); !prepared.ok()) return prepared;
  return Commit();
}

}  // namespace mentiond
