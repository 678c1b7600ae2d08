// Parses any two lines as a login or a repository's name, and an API's URL.
// What is taken must be safe in a URL and must be taken the same again, however
// it is written; a rejection must have a clean message.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

#include "lib/base/login.h"
#include "lib/base/repo_name.h"
#include "lib/github/urls.h"
#include "tests/fuzz/text_checks.h"

namespace mentiond {
namespace {

constexpr char kWebHost[] = "github.com";

bool IsOf(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [more](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           more.find(c) != std::string_view::npos;
  });
}

void CheckRefusal(const absl::Status& status) {
  CHECK_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::string words(status.message());
  CHECK(words.starts_with("it")) << words;
  CHECK_LE(words.size(), 200U);
  CHECK(IsPrintable(words)) << words;
}

// GitHub's rules, said in another way than the parser does.
void CheckLoginRules(const std::string& login) {
  CHECK(!login.empty());
  CHECK_LE(login.size(), Login::kMaxLength);
  const size_t underscore = std::min(login.find('_'), login.size());
  const std::string name = login.substr(0, underscore);
  CHECK(IsOf(name, "-")) << login;
  CHECK(!name.empty() && name.front() != '-' && name.back() != '-') << login;
  CHECK(name.find("--") == std::string::npos) << login;
  if (name == login) return;
  const std::string shortcode = login.substr(underscore + 1);
  CHECK(!shortcode.empty() && IsOf(shortcode, "")) << login;
}

void CheckLogin(std::string_view text) {
  const auto login = Login::Parse(text);
  const bool has_at = text.starts_with('@');
  CHECK_EQ(login.ok(), Login::IsValid(text.substr(has_at ? 1 : 0)));
  if (!login.ok()) {
    CheckRefusal(login.status());
    return;
  }
  CHECK_EQ(login->text(), text.substr(has_at ? 1 : 0));
  CHECK_EQ(login->lower(), absl::AsciiStrToLower(login->text()));
  CheckLoginRules(login->text());

  const auto shouted =
      Login::Parse(absl::StrCat("@", absl::AsciiStrToUpper(login->text())));
  CHECK(shouted.ok()) << shouted.status();
  CHECK(*shouted == *login);
  CHECK_EQ(absl::HashOf(*shouted), absl::HashOf(*login));
}

void CheckRepo(std::string_view text, std::string_view web_host) {
  const auto repo = RepoName::Parse(text, web_host);
  if (!repo.ok()) {
    // The host is the server's own.
    if (web_host == kWebHost) CheckRefusal(repo.status());
    return;
  }
  CHECK(Login::IsValid(repo->owner())) << repo->owner();
  CHECK(!repo->name().empty());
  CHECK_LE(repo->name().size(), 100U);
  CHECK(IsOf(repo->name(), "._-")) << repo->name();
  CHECK(repo->name() != "." && repo->name() != "..");
  CHECK_EQ(repo->ToString(),
           std::string(repo->owner()) + "/" + std::string(repo->name()));
  CHECK_EQ(repo->key(), absl::AsciiStrToLower(repo->ToString()));

  const std::string url = RepoUrl("https://api.github.com", *repo);
  CHECK(IsVisible(url)) << url;
  CHECK(url.find_first_of("?#%&\\@") == std::string::npos) << url;
  CHECK_EQ(std::count(url.begin(), url.end(), '/'), 5) << url;

  const std::string shouted = absl::AsciiStrToUpper(repo->ToString());
  for (const std::string& written :
       {shouted, absl::StrCat("HTTPS://GitHub.com/", shouted, ".git/"),
        absl::StrCat("http://github.com:80/", shouted, ".git")}) {
    const auto again = RepoName::Parse(written, kWebHost);
    CHECK(again.ok()) << written << ": " << again.status();
    CHECK_EQ(again->ToString(), shouted);
    CHECK(*again == *repo);
    CHECK_EQ(absl::HashOf(*again), absl::HashOf(*repo));
  }
}

void CheckHost(std::string_view api_url, const std::string& host) {
  CHECK_LE(host.size(), api_url.size());
  CHECK(host.find('/') == std::string::npos) << host;
  CHECK_EQ(host, absl::AsciiStrToLower(host));
  if (host.empty()) return;
  const std::string longer = absl::StrCat(
      absl::string_view(api_url.data(), api_url.size()), "/api/v3");
  CHECK_EQ(WebHostOf(longer), host) << "a path belongs to no host";
}

}  // namespace
}  // namespace mentiond

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view lines(reinterpret_cast<const char*>(data), size);
  const std::string_view text = lines.substr(0, lines.find('\n'));
  const std::string_view api_url =
      lines.substr(std::min(text.size() + 1, lines.size()));
  mentiond::CheckLogin(text);
  mentiond::CheckRepo(text, mentiond::kWebHost);
  const std::string host = mentiond::WebHostOf(api_url);
  mentiond::CheckHost(api_url, host);
  mentiond::CheckRepo(text, host);
  return 0;
}
