// One request as the stand-in GitHub sees it, and its response, apart
// from any HTTP library.

#ifndef MENTIOND_TESTS_FAKE_GITHUB_API_REQUEST_H_
#define MENTIOND_TESTS_FAKE_GITHUB_API_REQUEST_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mentiond::fake_github {

struct ApiRequest {
  std::string method;
  // Path and query as they were sent.
  std::string target;
  // Without the query; still percent-encoded.
  std::string path;
  // The query's fields, decoded, in their order.
  std::vector<std::pair<std::string, std::string>> query;
  // "http://host:port", as the caller wrote it, or what stands between says it
  // did (X-Forwarded-Proto, -Host and -Prefix): what `Link` leads back to.
  std::string base_url;
  std::string user_agent;
  std::string accept;
  std::string accept_encoding;
  // The token of the Authorization header; empty without one.
  std::string token;
  std::string if_none_match;
  std::string body;

  std::optional<std::string> Query(std::string_view key) const;
};

// Splits `target` into path and query, decoding the latter ('+' is a space). A
// whole address, as a proxy is sent it, is taken for its path and query.
void ParseTarget(std::string_view target, ApiRequest& request);

// Percent-encodes all but unreserved characters.
std::string EncodeQueryText(std::string_view text);

struct ApiAnswer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
};

// With GitHub's error object: `message`, `documentation_url` and `status`.
ApiAnswer ErrorAnswer(int status, const std::string& message);

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_API_REQUEST_H_
