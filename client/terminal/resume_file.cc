#include "client/resume_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace mentiond {
namespace {

bool IsValidToken(std::string_view token) {
  return token.size() <= ResumeFile::kMaxTokenBytes &&
         std::all_of(token.begin(), token.end(), [](char c) {
           return absl::ascii_isprint(static_cast<unsigned char>(c));
         });
}

}  // namespace

absl::StatusOr<std::string> ResumeFile::Read() {
  // Longer than any valid content, so that content that is too long is detected
  // without reading all of it.
  absl::StatusOr<std::string> content = file_.Read(kMaxTokenBytes + 3);
  if (absl::IsNotFound(content.status())) return "";
  if (!content.ok()) return content;
  while (!content->empty() &&
         (content->back() == '\n' || content->back() == '\r')) {
    content->pop_back();
  }
  if (!IsValidToken(*content)) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_.path(),
                     " does not contain a resume token; use another file, or "
                     "delete it to start from the beginning"));
  }
  saved_ = *content;
  return content;
}

absl::Status ResumeFile::Prepare(std::string_view token) {
  prepared_.clear();
  if (token.empty() || token == saved_) return absl::OkStatus();
  if (!IsValidToken(token)) {
    return absl::InvalidArgumentError(
        "the server sent an invalid resume token");
  }
  absl::Status prepared = file_.Prepare(std::string(token).append("\n"));
  if (prepared.ok()) prepared_ = std::string(token);
  return prepared;
}

absl::Status ResumeFile::Commit() {
  if (prepared_.empty()) return absl::OkStatus();
  absl::Status committed = file_.Commit();
  if (committed.ok()) saved_ = std::exchange(prepared_, "");
  return committed;
}

absl::Status ResumeFile::Save(std::string_view token) {
  if (absl::Status prepared = Prepare(token); !prepared.ok()) return prepared;
  return Commit();
}

}  // namespace mentiond
