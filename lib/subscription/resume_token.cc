#include "lib/subscription/resume_token.h"

#include <zlib.h>

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "lib/base/stable_hash.h"
#include "lib/base/strings.h"

namespace mentiond {
namespace {

constexpr char kVersion[] = "2.";
constexpr size_t kChecksumBytes = 4;

std::string ChecksumOf(std::string_view bytes) {
  const uLong sum = crc32(0, reinterpret_cast<const Bytef*>(bytes.data()),
                          static_cast<uInt>(bytes.size()));
  std::string checksum;
  for (size_t i = 0; i < kChecksumBytes; ++i) {
    checksum.push_back(static_cast<char>(sum >> (8 * i) & 0xff));
  }
  return checksum;
}

// A version is digits before a dot.
bool IsOfAnotherVersion(absl::string_view token) {
  const size_t dot = token.find('.');
  return dot != absl::string_view::npos && dot > 0 && dot < 10 &&
         token.substr(0, dot).find_first_not_of("0123456789") ==
             absl::string_view::npos;
}

// Decodes what follows the version; nullopt: it is damaged.
std::optional<state::ResumeState> StateOf(absl::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) ||
      bytes.size() < kChecksumBytes) {
    return std::nullopt;
  }
  // Unescaping ignores white space, padding and stray last bits.
  std::string again;
  absl::WebSafeBase64Escape(bytes, &again);
  if (again != text) return std::nullopt;
  const std::string checksum = bytes.substr(bytes.size() - kChecksumBytes);
  bytes.resize(bytes.size() - kChecksumBytes);
  state::ResumeState state;
  if (ChecksumOf(bytes) != checksum || !state.ParseFromString(bytes)) {
    return std::nullopt;
  }
  return state;
}

}  // namespace

uint64_t SubscriptionHash(const RepoName& repo, const MentionTarget& target,
                          const SourceSet& sources,
                          const AuthorFilter* filter) {
  // Without a filter as it was before there were any.
  return StableHash(absl::StrCat(
      absl::AsciiStrToLower(repo.ToString()), "\n", target.name(), "\n",
      sources.ToBits(),
      filter == nullptr ? "" : absl::StrCat("\n", filter->ToKey())));
}

std::string EncodeResumeToken(const Progress& progress, uint64_t subscription) {
  state::ResumeState state;
  state.set_subscription(subscription);
  progress.Save(kMaxResumeStateBytes, state);
  return EncodeResumeState(state);
}

std::string EncodeResumeState(const state::ResumeState& state) {
  std::string bytes = state.SerializeAsString();
  bytes += ChecksumOf(bytes);
  std::string text;
  absl::WebSafeBase64Escape(bytes, &text);
  return absl::StrCat(kVersion, text);
}

absl::StatusOr<Progress> DecodeResumeToken(std::string_view token,
                                           uint64_t subscription) {
  const absl::Status damaged =
      absl::InvalidArgumentError("it is damaged, or not a resume token");
  absl::string_view text = ToAbsl(token);
  if (text.size() > kMaxResumeTokenBytes) return damaged;
  if (!absl::ConsumePrefix(&text, kVersion)) {
    return IsOfAnotherVersion(text)
               ? absl::InvalidArgumentError(
                     "it has a version that this server does not support")
               : damaged;
  }
  const std::optional<state::ResumeState> state = StateOf(text);
  if (!state) return damaged;
  if (state->subscription() != subscription) {
    return absl::InvalidArgumentError(
        "it belongs to another subscription: repository, user, sources and "
        "skipped authors must be the same");
  }
  // Its checksum is right, so it was forged.
  auto progress = Progress::Load(*state);
  if (!progress) return damaged;
  return *std::move(progress);
}

}  // namespace mentiond
