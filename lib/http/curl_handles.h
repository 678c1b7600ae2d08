// libcurl's handles as values that free themselves, and its error codes as
// Status: the only place that knows both.

#ifndef MENTIOND_LIB_HTTP_CURL_HANDLES_H_
#define MENTIOND_LIB_HTTP_CURL_HANDLES_H_

#include <curl/curl.h>

#include <memory>

#include "absl/status/status.h"

namespace mentiond {

struct CurlEasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CurlMultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct CurlListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

using CurlEasy = std::unique_ptr<CURL, CurlEasyDeleter>;
using CurlMulti = std::unique_ptr<CURLM, CurlMultiDeleter>;
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;

// Appends `line` (copied by libcurl) to `list`.
void Append(CurlList& list, const char* line);

// curl_global_init, once per process; safe from any thread.
void EnsureCurlInitialised();

// The codes that HttpTransport::Get promises. `detail` is CURLOPT_ERRORBUFFER's
// message, which names hosts and reasons but never request headers.
absl::Status CurlStatus(CURLcode code, const char* detail);

}  // namespace mentiond

#endif  // MENTIOND_LIB_HTTP_CURL_HANDLES_H_
