// An HTTP client for the stand-in's own tests: libcurl, as the product uses
// it, with the headers that GitHub wants and the JSON parsed. (cpp-httplib's
// own client decodes percent signs in headers and waits for the body of a 304.)

#ifndef MENTIOND_TESTS_FAKE_GITHUB_TEST_CLIENT_H_
#define MENTIOND_TESTS_FAKE_GITHUB_TEST_CLIENT_H_

#include <curl/curl.h>
#include <rapidjson/document.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

#include "tests/fake_github/fake_github.h"

namespace mentiond::fake_github {

// 2024-03-01T12:00:00Z.
inline const absl::Time kNoon = absl::FromUnixSeconds(1709294400);
inline constexpr char kComments[] = "/repos/octo/demo/issues/comments";

struct TestAnswer {
  // 0: there was no complete response; `error` says why.
  int status = 0;
  CURLcode error = CURLE_OK;
  // What came of it, even when `error` is set.
  std::string body;
  // Names in lower case.
  std::map<std::string, std::string> headers;
  // Null when the body is no JSON.
  rapidjson::Document json;

  // "" if it is missing; any case.
  std::string Header(std::string_view name) const;
  // The address that the Link header has for `rel`, or "".
  std::string Link(std::string_view rel) const;
  // That member of each item of the list, "(null)" or -1 where it is another
  // type.
  std::vector<std::string> Texts(std::string_view key) const;
  std::vector<int64_t> Ints(std::string_view key) const;
};

// One connection, kept alive. For one thread.
class TestClient {
 public:
  explicit TestClient(const FakeGitHub& fake, const std::string& token = "");
  // Of a stand-in in another process.
  explicit TestClient(const std::string& url);
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  // For all requests from now on; "" takes the header out.
  void SetHeader(const std::string& name, const std::string& value);
  // Asks for gzip, and unpacks it.
  void AcceptGzip();
  void SetTimeout(absl::Duration timeout);

  // `target` may be a whole address, as Link and Location have them.
  // Redirects are not followed.
  TestAnswer Get(const std::string& target);
  TestAnswer Post(const std::string& target, const std::string& json);
  TestAnswer Patch(const std::string& target, const std::string& json);
  TestAnswer Delete(const std::string& target);

 private:
  TestAnswer Do(const char* method, const std::string& target,
                const std::string& body);

  const std::string base_;
  CURL* const curl_;
  std::map<std::string, std::string> headers_;
};

}  // namespace mentiond::fake_github

#endif  // MENTIOND_TESTS_FAKE_GITHUB_TEST_CLIENT_H_
