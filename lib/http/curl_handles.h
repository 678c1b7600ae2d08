// libcurl's handles as values that free themselves, and its error codes as
// Status: the only place that knows both.

#ifndef MENTIOND_LIB_HTTP_CURL_HANDLES_H_
#define MENTIOND_LIB_HTTP_CURL_HANDLES_H_

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "lib/base/secret.h"

namespace mentiond {

struct CurlEasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CurlMultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};

using CurlEasy = std::unique_ptr<CURL, CurlEasyDeleter>;
using CurlMulti = std::unique_ptr<CURLM, CurlMultiDeleter>;

// The lines of a request's header as libcurl reads them, in one buffer:
// curl_slist_append would allocate twice for each.
class CurlLines {
 public:
  // Room for `lines` of `bytes` in total.
  CurlLines(size_t lines, size_t bytes) {
    text_.reserve(bytes);
    begins_.reserve(lines);
  }

  // Overwrites them: they may hold a token.
  ~CurlLines() { Wipe(text_); }
  CurlLines(const CurlLines&) = delete;
  CurlLines& operator=(const CurlLines&) = delete;

  // Adds "NAME: VALUE", the value in two parts.
  void Add(std::string_view name, std::string_view value,
           std::string_view rest = {});

  // Valid until the next Add, and as long as this is. Null: no lines.
  curl_slist* list();

 private:
  std::string text_;  // each line ends with a zero byte
  std::vector<size_t> begins_;
  std::vector<curl_slist> nodes_;
};

// curl_global_init, once per process; safe from any thread.
void EnsureCurlInitialised();

// The codes that HttpTransport::Get promises. `detail` is CURLOPT_ERRORBUFFER's
// message, which names hosts and reasons but never request headers.
absl::Status CurlStatus(CURLcode code, const char* detail);

}  // namespace mentiond

#endif  // MENTIOND_LIB_HTTP_CURL_HANDLES_H_
