#include "tests/fake_github/test_client.h"

#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

size_t AppendBody(const char* data, size_t size, size_t count,
                  void* answer) noexcept {
  static_cast<TestAnswer*>(answer)->body.append(data, size * count);
  return size * count;
}

size_t AddHeader(const char* data, size_t size, size_t count,
                 void* answer) noexcept {
  const absl::string_view line(data, size * count);
  const size_t colon = line.find(':');
  if (colon != absl::string_view::npos) {
    static_cast<TestAnswer*>(answer)
        ->headers[absl::AsciiStrToLower(line.substr(0, colon))] =
        std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return size * count;
}

}  // namespace

std::string TestAnswer::Header(std::string_view name) const {
  const auto it = headers.find(
      absl::AsciiStrToLower(absl::string_view(name.data(), name.size())));
  return it == headers.end() ? "" : it->second;
}

std::string TestAnswer::Link(std::string_view rel) const {
  const std::string link = Header("Link");
  const size_t at = link.find(absl::StrCat(
      ">; rel=\"", absl::string_view(rel.data(), rel.size()), "\""));
  if (at == std::string::npos) return "";
  const size_t start = link.rfind('<', at) + 1;
  return link.substr(start, at - start);
}

std::vector<std::string> TestAnswer::Texts(std::string_view key) const {
  std::vector<std::string> texts;
  if (!json.IsArray()) return texts;
  for (const auto& item : json.GetArray()) {
    texts.push_back(StringMember(item, key).value_or("(null)"));
  }
  return texts;
}

std::vector<int64_t> TestAnswer::Ints(std::string_view key) const {
  std::vector<int64_t> ints;
  if (!json.IsArray()) return ints;
  for (const auto& item : json.GetArray()) {
    ints.push_back(IntMember(item, key).value_or(-1));
  }
  return ints;
}

TestClient::TestClient(const FakeGitHub& fake, const std::string& token)
    : TestClient(fake.url()) {
  if (!token.empty()) SetHeader("Authorization", "Bearer " + token);
}

TestClient::TestClient(const std::string& url)
    : base_(url), curl_(curl_easy_init()) {
  SetHeader("User-Agent", "test");
  SetTimeout(absl::Seconds(30));
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, AppendBody);
  curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, AddHeader);
}

TestClient::~TestClient() { curl_easy_cleanup(curl_); }

void TestClient::SetHeader(const std::string& name, const std::string& value) {
  headers_[name] = value;
}

void TestClient::AcceptGzip() {
  curl_easy_setopt(curl_, CURLOPT_ACCEPT_ENCODING, "gzip");
}

void TestClient::SetTimeout(absl::Duration timeout) {
  curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(timeout)));
}

TestAnswer TestClient::Get(const std::string& target) {
  return Do("GET", target, "");
}

TestAnswer TestClient::Post(const std::string& target,
                            const std::string& json) {
  return Do("POST", target, json);
}

TestAnswer TestClient::Patch(const std::string& target,
                             const std::string& json) {
  return Do("PATCH", target, json);
}

TestAnswer TestClient::Delete(const std::string& target) {
  return Do("DELETE", target, "");
}

TestAnswer TestClient::Do(const char* method, const std::string& target,
                          const std::string& body) {
  TestAnswer answer;
  const std::string url =
      absl::StartsWith(target, "http://") ? target : base_ + target;
  curl_slist* lines = nullptr;
  for (const auto& [name, value] : headers_) {
    // "Name:" is how curl is told to leave out a header of its own.
    lines = curl_slist_append(lines, absl::StrCat(name, ": ", value).c_str());
  }
  curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, lines);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &answer);
  if (body.empty()) {
    curl_easy_setopt(curl_, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE,
                     static_cast<long>(body.size()));
    curl_easy_setopt(curl_, CURLOPT_COPYPOSTFIELDS, body.c_str());
  }
  curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, method);
  answer.error = curl_easy_perform(curl_);
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, nullptr);
  curl_slist_free_all(lines);
  if (answer.error == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
  }
  answer.json.Parse(answer.body.data(), answer.body.size());
  if (answer.json.HasParseError()) answer.json.SetNull();
  return answer;
}

}  // namespace mentiond::fake_github
