#include "client/terminal/resume_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "lib/base/strings.h"

namespace mentiond::terminal {
namespace {

// GitHub's longest names have 39 and 100 characters.
constexpr size_t kMaxLineBytes = ResumeFile::kMaxTokenBytes + 256;
constexpr size_t kMaxLines = 10'000;
constexpr absl::Duration kNotedFor = absl::Seconds(10);

bool IsValidToken(std::string_view token) {
  return !token.empty() && token.size() <= ResumeFile::kMaxTokenBytes &&
         std::all_of(token.begin(), token.end(), [](char c) {
           return absl::ascii_isgraph(static_cast<unsigned char>(c));
         });
}

std::vector<std::string> ToLower(const std::vector<std::string>& names) {
  std::vector<std::string> lower;
  for (const std::string& name : names) {
    lower.push_back(absl::AsciiStrToLower(name));
  }
  return lower;
}

}  // namespace

ResumeFile::ResumeFile(const std::string& path,
                       const std::vector<std::string>& repos)
    : file_(path, AtomicFile::Safety::kPowerLoss),
      repos_(ToLower(repos)),
      has_names_(repos.size() > 1) {}

absl::Status ResumeFile::Read() {
  // One byte more than any valid content.
  const auto content = file_.Read(kMaxLines * kMaxLineBytes + 1);
  if (absl::IsNotFound(content.status())) return absl::OkStatus();
  if (!content.ok()) return content.status();
  const absl::Status invalid = absl::InvalidArgumentError(
      absl::StrCat(file_.path(),
                   " does not contain resume tokens; use another file, or "
                   "delete it to start from the beginning"));
  for (const absl::string_view line :
       absl::StrSplit(*content, absl::ByAnyChar("\r\n"), absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    const bool has_name = parts.first.size() < line.size();
    if (!has_name && has_names_) {
      return absl::InvalidArgumentError(
          absl::StrCat(file_.path(),
                       " contains the token of a single repository; use "
                       "another file for several"));
    }
    const absl::string_view token = has_name ? parts.second : parts.first;
    const std::string name =
        has_name ? absl::AsciiStrToLower(parts.first) : repos_.front();
    if (!IsValidToken(ToStd(token)) || !tokens_.emplace(name, token).second) {
      return invalid;
    }
    has_names_ = has_name;
  }
  return absl::OkStatus();
}

const std::string& ResumeFile::token(size_t repo) const {
  static const std::string& none = *new std::string;
  const auto found = tokens_.find(repos_[repo]);
  return found == tokens_.end() ? none : found->second;
}

absl::Status ResumeFile::Prepare(size_t repo, std::string_view token) {
  prepared_.reset();
  if (token.empty() || token == this->token(repo)) return absl::OkStatus();
  if (!IsValidToken(token)) {
    return absl::InvalidArgumentError(
        "the server sent an invalid resume token");
  }
  auto tokens = tokens_;
  tokens[repos_[repo]] = std::string(token);
  absl::Status status = file_.Prepare(Content(tokens));
  if (status.ok()) prepared_ = std::move(tokens);
  return status;
}

absl::Status ResumeFile::Commit() {
  if (!prepared_) return absl::OkStatus();
  absl::Status status = file_.Commit();
  if (!status.ok()) return status;
  tokens_ = *std::exchange(prepared_, std::nullopt);
  unsaved_ = false;
  return status;
}

absl::Status ResumeFile::Note(size_t repo, std::string_view token,
                              absl::Time now) {
  if (token.empty() || token == this->token(repo)) return absl::OkStatus();
  if (!IsValidToken(token)) {
    return absl::InvalidArgumentError(
        "the server sent an invalid resume token");
  }
  tokens_[repos_[repo]] = std::string(token);
  unsaved_ = true;
  if (now < noted_at_ + kNotedFor) return absl::OkStatus();
  noted_at_ = now;
  return Flush();
}

absl::Status ResumeFile::Flush() {
  if (!unsaved_) return absl::OkStatus();
  absl::Status status = file_.Prepare(Content(tokens_));
  if (status.ok()) status = file_.Commit();
  if (status.ok()) unsaved_ = false;
  return status;
}

std::string ResumeFile::Content(const Tokens& tokens) const {
  std::string content;
  for (const auto& [name, token] : tokens) {
    absl::StrAppend(&content, has_names_ ? name : "", has_names_ ? " " : "",
                    token, "\n");
  }
  return content;
}

}  // namespace mentiond::terminal
