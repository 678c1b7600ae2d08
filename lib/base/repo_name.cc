#include "lib/base/repo_name.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "lib/base/login.h"

namespace mentiond {
namespace {

constexpr std::size_t kMaxName = 100;
// An owner, a name and a generous host; what is longer is not looked at.
constexpr std::size_t kMaxText = 512;

absl::string_view Absl(std::string_view text) {
  return {text.data(), text.size()};
}

bool ConsumePrefixIgnoreCase(std::string_view& text, std::string_view prefix) {
  if (!absl::StartsWithIgnoreCase(Absl(text), Absl(prefix))) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool ConsumeSuffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

struct Url {
  std::string host;       // lower case, without the scheme's default port
  std::string_view path;  // without its leading slash
};

// nullopt if `text` is not an http(s) URL.
std::optional<Url> SplitUrl(std::string_view text) {
  std::string_view default_port;
  if (ConsumePrefixIgnoreCase(text, "https://")) {
    default_port = ":443";
  } else if (ConsumePrefixIgnoreCase(text, "http://")) {
    default_port = ":80";
  } else {
    return std::nullopt;
  }
  const std::size_t slash = std::min(text.find('/'), text.size());
  std::string_view host = text.substr(0, slash);
  text.remove_prefix(std::min(slash + 1, text.size()));
  ConsumeSuffix(host, default_port);
  return Url{absl::AsciiStrToLower(Absl(host)), text};
}

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
         c == '_' || c == '-';
}

// Why `name` is no repository's name, as a clause; empty where it is one.
std::string_view WhyInvalidName(std::string_view name) {
  if (name.empty()) return "it has no repository name after the owner";
  if (name.size() > kMaxName) {
    return "its repository name is longer than 100 characters";
  }
  if (name == "." || name == "..") {
    return "its repository name is a relative path";
  }
  if (!std::all_of(name.begin(), name.end(), IsNameCharacter)) {
    return "its repository name has a character other than letters, digits, "
           "'.', '_' and '-'";
  }
  return {};
}

}  // namespace

RepoName::RepoName(std::string_view valid)
    : text_(valid), key_(absl::AsciiStrToLower(text_)) {}

absl::StatusOr<RepoName> RepoName::Parse(std::string_view text,
                                         std::string_view web_host) {
  if (text.empty()) return absl::InvalidArgumentError("it is empty");
  if (text.size() > kMaxText) {
    return absl::InvalidArgumentError(
        absl::StrCat("it is longer than ", kMaxText, " characters"));
  }
  if (const std::optional<Url> url = SplitUrl(text)) {
    if (!absl::EqualsIgnoreCase(url->host, Absl(web_host))) {
      return absl::InvalidArgumentError(
          absl::StrCat("its URL is of another host than ", Absl(web_host)));
    }
    text = url->path;
    ConsumeSuffix(text, "/");
    ConsumeSuffix(text, ".git");
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return absl::InvalidArgumentError("it is not of the form owner/name");
  }
  const std::string_view owner = text.substr(0, slash);
  const std::string_view name = text.substr(slash + 1);
  if (name.find('/') != std::string_view::npos) {
    return absl::InvalidArgumentError("it has more parts than owner/name");
  }
  // Login::Parse would take a leading `@`, which is no part of a path.
  if (!Login::IsValid(owner)) {
    const absl::Status why = Login::Parse(owner).status();
    return absl::InvalidArgumentError(
        absl::StrCat("its owner is no GitHub login: ",
                     why.ok() ? "it starts with '@'" : why.message()));
  }
  if (const std::string_view why = WhyInvalidName(name); !why.empty()) {
    return absl::InvalidArgumentError(Absl(why));
  }
  return RepoName(text);
}

std::string WebHostOf(std::string_view api_url) {
  const std::optional<Url> url = SplitUrl(api_url);
  if (!url.has_value()) return "";
  std::string_view host = url->host;
  if (host == "api.github.com" ||
      (host.starts_with("api.") && host.ends_with(".ghe.com"))) {
    host.remove_prefix(std::string_view("api.").size());
  }
  return std::string(host);
}

}  // namespace mentiond
