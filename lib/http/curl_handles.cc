#include "lib/http/curl_handles.h"

#include "absl/base/call_once.h"

#include "lib/http/http.h"

namespace mentiond {

void CurlLines::Add(std::string_view name, std::string_view value,
                    std::string_view rest) {
  begins_.push_back(text_.size());
  text_.append(name).append(": ").append(value).append(rest);
  text_.push_back('\0');
}

curl_slist* CurlLines::list() {
  // All at once, as they and the text do not move any more.
  nodes_.clear();
  nodes_.reserve(begins_.size());
  for (const size_t begin : begins_) {
    nodes_.push_back({.data = text_.data() + begin, .next = nullptr});
    if (nodes_.size() > 1) nodes_[nodes_.size() - 2].next = &nodes_.back();
  }
  return nodes_.empty() ? nullptr : &nodes_.front();
}

void EnsureCurlInitialised() {
  static absl::once_flag once;
  absl::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

absl::Status CurlStatus(CURLcode code, const char* detail) {
  if (code == CURLE_OK) return absl::OkStatus();
  const char* words =
      detail != nullptr && *detail != '\0' ? detail : curl_easy_strerror(code);
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return absl::InvalidArgumentError(words);
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(words);
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_WRITE_ERROR:  // our own callbacks refuse what is too large
      return absl::ResourceExhaustedError(words);
    case CURLE_OUT_OF_MEMORY:  // also what libcurl says of a line over 100 KB
      return absl::ResourceExhaustedError(
          "out of memory, or a header line is longer than libcurl takes");
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
      return WithoutConnection(absl::UnavailableError(words));
    default:
      // Resets, truncated or undecodable bodies: all
      // may be better at the next attempt. So may CURLE_UNSUPPORTED_PROTOCOL,
      // libcurl's word for a response that is not HTTP; the schemes of URLs are
      // looked at before libcurl sees them.
      return absl::UnavailableError(words);
  }
}

}  // namespace mentiond
