// Looks for mentions in any bytes. What is found must be logins, and the three
// ways to ask must agree: the search of the bytes, which decides what is parsed
// at all, may not miss what the parser would find.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

#include "lib/base/login.h"
#include "lib/markdown/extractor.h"
#include "lib/markdown/mention_index.h"
#include "lib/markdown/parse_cost.h"

namespace mentiond {
namespace {

using Logins = std::vector<std::string>;

// Each is a parse; more would only be slower.
constexpr size_t kMaxAsked = 4;

bool Has(const Logins& logins, const std::string& login) {
  return std::find(logins.begin(), logins.end(), login) != logins.end();
}

void CheckLogins(std::string_view markdown, const Logins& mentions) {
  const MentionIndex index({markdown});
  std::set<std::string> seen;
  for (const std::string& text : mentions) {
    CHECK(Login::IsValid(text)) << text;
    CHECK_EQ(text, absl::AsciiStrToLower(text));
    CHECK(seen.insert(text).second) << text << " is there twice";
    CHECK(MayMention(markdown, *Login::Parse(text))) << text;
    CHECK_EQ(index.Candidates(*Login::Parse(text)).size(), 1) << text;
  }
}

void CheckAsked(std::string_view markdown, const Logins& mentions,
                const Login& login) {
  const bool mentioned = HasMention(markdown, login);
  CHECK_EQ(mentioned, Has(mentions, login.lower())) << login.lower();
  if (mentioned) CHECK(MayMention(markdown, login)) << login.lower();
}

// Asks for users who are mentioned and for some who may not be.
void CheckUsers(std::string_view markdown, const Logins& mentions) {
  for (size_t i = 0; i < std::min(mentions.size(), kMaxAsked); ++i) {
    CheckAsked(markdown, mentions, *Login::Parse(mentions[i]));
  }
  // The longest login behind the first `@`, wherever that stands.
  const size_t at = markdown.find('@');
  if (at != std::string_view::npos) {
    for (size_t length = Login::kMaxLength; length > 0; --length) {
      const std::string_view text = markdown.substr(at + 1, length);
      if (!Login::IsValid(text)) continue;
      CheckAsked(markdown, mentions, *Login::Parse(text));
      break;
    }
  }
  for (const char* text : {"u", "a-b", "A_b"}) {
    CheckAsked(markdown, mentions, *Login::Parse(text));
  }
}

// A paragraph before the rest mentions whom it mentions, and changes nothing in
// the rest.
void CheckParagraphBefore(std::string_view markdown, const Logins& mentions) {
  // Only at the beginning of a text is a byte order mark none of it.
  if (markdown.substr(0, 1) == "\xef") return;
  const std::string longer = absl::StrCat(
      "@first-of-all\n\n", absl::string_view(markdown.data(), markdown.size()));
  // Bytes that are scanned as plain text have no paragraphs.
  if (IsTooCostlyToParse(longer)) return;
  Logins expected = mentions;
  std::erase(expected, "first-of-all");
  expected.insert(expected.begin(), "first-of-all");
  CHECK(ExtractMentions(longer) == expected);
}

}  // namespace
}  // namespace mentiond

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view markdown(reinterpret_cast<const char*>(data), size);
  const mentiond::Logins mentions = mentiond::ExtractMentions(markdown);
  mentiond::CheckLogins(markdown, mentions);
  mentiond::CheckUsers(markdown, mentions);
  mentiond::CheckParagraphBefore(markdown, mentions);
  return 0;
}
