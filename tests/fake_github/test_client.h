// Clients for the stand-in's own tests: one in the same process, and one over
// HTTP by libcurl, as the product uses it. (cpp-httplib's own client decodes
// percent signs in headers and waits for the body of a 304.)

#ifndef MENTIOND_TESTS_FAKE_GITHUB_TEST_CLIENT_H_
#define MENTIOND_TESTS_FAKE_GITHUB_TEST_CLIENT_H_

#include <curl/curl.h>
#include <rapidjson/document.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

#include "tests/fake_github/fake_github.h"
#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {

// 2024-03-01T12:00:00Z.
inline const absl::Time kNoon = absl::FromUnixSeconds(1709294400);
inline constexpr char kIssues[] = "/repos/octo/demo/issues?state=all";
inline constexpr char kComments[] = "/repos/octo/demo/issues/comments";

struct TestAnswer {
  // 0: there was no complete response; `error` says why.
  int status = 0;
  CURLcode error = CURLE_OK;
  // What came of it, even when `error` is set.
  std::string body;
  // Names in lower case.
  std::map<std::string, std::string> headers;

  void AddHeader(absl::string_view name, absl::string_view value) {
    headers[absl::AsciiStrToLower(name)] = std::string(value);
  }
  // "" if it is missing; any case.
  std::string Header(absl::string_view name) const {
    const auto it = headers.find(absl::AsciiStrToLower(name));
    return it == headers.end() ? "" : it->second;
  }
  // The address that the Link header has for `rel`, or "".
  std::string Link(absl::string_view rel) const {
    const std::string link = Header("Link");
    const size_t at = link.find(absl::StrCat(">; rel=\"", rel, "\""));
    if (at == std::string::npos) return "";
    const size_t start = link.rfind('<', at) + 1;
    return link.substr(start, at - start);
  }
  // That member of each item of the list, "(null)" or -1 where it is another
  // type.
  std::vector<std::string> Texts(const char* key) const {
    std::vector<std::string> texts;
    const rapidjson::Document json = ParseJsonText(body);
    if (!json.IsArray()) return texts;
    for (const auto& item : json.GetArray()) {
      texts.push_back(StringMember(item, key).value_or("(null)"));
    }
    return texts;
  }
  std::vector<int64_t> Ints(const char* key) const {
    std::vector<int64_t> ints;
    const rapidjson::Document json = ParseJsonText(body);
    if (!json.IsArray()) return ints;
    for (const auto& item : json.GetArray()) {
      ints.push_back(IntMember(item, key).value_or(-1));
    }
    return ints;
  }
  std::string Message() const {
    return StringMember(ParseJsonText(body), "message").value_or("");
  }
};

struct TestRequest {
  std::string token = "secret";
  std::string if_none_match = {};
  std::string accept = {};
  std::string user_agent = "test";
  std::string post_body = {};  // empty: a GET
};

// `target` may be a whole address, as Link and Location have them.
inline TestAnswer Get(FakeGitHub& fake, const std::string& target,
                      const TestRequest& given = {}) {
  ApiRequest request;
  ParseTarget(target, request);
  request.method = given.post_body.empty() ? "GET" : "POST";
  request.base_url = "http://github.test";
  request.token = given.token;
  request.if_none_match = given.if_none_match;
  request.accept = given.accept;
  request.user_agent = given.user_agent;
  request.body = given.post_body;
  const Delivery delivery = fake.Handle(request);
  TestAnswer answer;
  answer.status = delivery.answer.status;
  answer.body = delivery.answer.body;
  answer.AddHeader("Content-Type", delivery.answer.content_type);
  for (const auto& [name, value] : delivery.answer.headers) {
    answer.AddHeader(name, value);
  }
  return answer;
}

// One connection, kept alive. For one thread.
class TestClient {
 public:
  explicit TestClient(std::string url) : base_(std::move(url)) {}

  // Asks for gzip, and unpacks it.
  void AcceptGzip() {
    curl_easy_setopt(curl_.get(), CURLOPT_ACCEPT_ENCODING, "gzip");
  }
  void SetProxy(const std::string& url) {
    curl_easy_setopt(curl_.get(), CURLOPT_PROXY, url.c_str());
  }

  // Redirects are not followed.
  TestAnswer Get(const std::string& target,
                 std::vector<std::string> headers = {},
                 absl::Duration timeout = absl::Seconds(30)) {
    TestAnswer answer;
    headers.insert(headers.end(),
                   {"User-Agent: test", "Authorization: Bearer secret"});
    curl_slist* lines = nullptr;
    for (const std::string& line : headers) {
      lines = curl_slist_append(lines, line.c_str());
    }
    CURL* const curl = curl_.get();
    curl_easy_setopt(curl, CURLOPT_URL, (base_ + target).c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                     static_cast<long>(absl::ToInt64Milliseconds(timeout)));
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, AppendBody);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, AppendHeader);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
    answer.error = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, nullptr);
    curl_slist_free_all(lines);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (answer.error == CURLE_OK) answer.status = static_cast<int>(status);
    return answer;
  }

 private:
  static size_t AppendBody(const char* data, size_t size, size_t count,
                           void* answer) noexcept {
    static_cast<TestAnswer*>(answer)->body.append(data, size * count);
    return size * count;
  }
  static size_t AppendHeader(const char* data, size_t size, size_t count,
                             void* answer) noexcept {
    const absl::string_view line(data, size * count);
    const size_t colon = std::min(line.find(':'), line.size());
    static_cast<TestAnswer*>(answer)->AddHeader(
        line.substr(0, colon),
        absl::StripAsciiWhitespace(absl::StripPrefix(line.substr(colon), ":")));
    return size * count;
  }

  const std::string base_;
  const std::unique_ptr<CURL, void (*)(CURL*)> curl_{curl_easy_init(),
                                                     curl_easy_cleanup};
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_TEST_CLIENT_H_
