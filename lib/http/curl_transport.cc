#include "lib/http/curl_transport.h"

#include <array>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "asio/this_coro.hpp"

#include "lib/base/async_event.h"
#include "lib/base/strings.h"
#include "lib/base/task_scope.h"

namespace mentiond {
namespace {

// Ready for the next requests; more are only needed in a burst.
constexpr size_t kMaxIdleHandles = 64;

bool IsSecure(const std::string& url) {
  return absl::StartsWithIgnoreCase(url, "https://");
}

bool IsWeb(const std::string& url) {
  return IsSecure(url) || absl::StartsWithIgnoreCase(url, "http://");
}

}  // namespace

// One request under way. It lives in the frame of the coroutine that awaits
// it, and takes itself out of the loop when that frame ends before it does.
class CurlTransport::Transfer {
 public:
  Transfer(CurlTransport& transport, const HttpRequest& request,
           const asio::any_io_executor& executor)
      : transport_(transport), easy_(transport.TakeHandle()), done_(executor) {
    Configure(request);
  }
  ~Transfer() {
    if (running_) transport_.loop_.Remove(easy_.get());
    transport_.KeepHandle(std::move(easy_));
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  void Start() {
    transport_.loop_.Add(easy_.get());
    running_ = true;
  }
  // Until it has ended.
  auto Wait() { return done_.Wait(); }
  absl::StatusOr<HttpResponse> TakeResult();

  static size_t OnHeader(char* data, size_t size, size_t count,
                         void* self) noexcept;
  static size_t OnBody(char* data, size_t size, size_t count,
                       void* self) noexcept;
  static void Done(CURL* easy, CURLcode result) {
    char* self = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
    auto* transfer = reinterpret_cast<Transfer*>(self);
    transfer->running_ = false;
    transfer->result_ = result;
    transfer->done_.Notify();
  }

 private:
  void Configure(const HttpRequest& request);

  CurlTransport& transport_;
  HttpResponse response_;
  size_t header_bytes_ = 0;
  bool too_large_ = false;
  bool running_ = false;
  CURLcode result_ = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> error_{};
  CurlLines request_headers_{/*lines=*/8, /*bytes=*/2048};
  CurlEasy easy_;
  AsyncEvent done_;
};

absl::StatusOr<HttpResponse> CurlTransport::Transfer::TakeResult() {
  if (running_) return absl::CancelledError("the request was cancelled");
  if (too_large_) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the response is larger than ", transport_.options_.max_body_bytes,
        " bytes, or its headers than ", transport_.options_.max_header_bytes));
  }
  if (result_ != CURLE_OK) return CurlStatus(result_, error_.data());
  long status = 0;  // NOLINT: libcurl's type
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

void CurlTransport::Transfer::Configure(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    request_headers_.Add(name, value);
  }
  if (!request.bearer.empty()) {
    request_headers_.Add("Authorization", "Bearer ", request.bearer.Expose());
  }
  // All that differs between requests; the rest is set by TakeHandle().
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request_headers_.list());
  if (const auto& body = request.post_body) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(body->size()));
    // Not copied: libcurl reads it while it sends.
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->data());
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  }
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data());
  // Over TLS the handshake tells whether a connection can be shared, which is
  // worth waiting for. Without TLS only the first response does: a server that
  // hangs on the first request would block all others.
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, IsSecure(request.url) ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
}

size_t CurlTransport::Transfer::OnHeader(char* data, size_t size, size_t count,
                                         void* self) noexcept {
  auto* transfer = static_cast<Transfer*>(self);
  const absl::string_view line(data, size * count);
  transfer->header_bytes_ += line.size();
  if (transfer->header_bytes_ >
      transfer->transport_.options_.max_header_bytes) {
    transfer->too_large_ = true;
    return 0;
  }
  // A status line starts over: the headers before it belong to an interim
  // response (1xx) or to a proxy's.
  if (absl::StartsWith(line, "HTTP/")) {
    transfer->response_.headers = HttpHeaders();
    return line.size();
  }
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos) return line.size();
  transfer->response_.headers.Add(
      ToStd(line.substr(0, colon)),
      ToStd(absl::StripAsciiWhitespace(line.substr(colon + 1))));
  return line.size();
}

size_t CurlTransport::Transfer::OnBody(char* data, size_t size, size_t count,
                                       void* self) noexcept {
  auto* transfer = static_cast<Transfer*>(self);
  std::string& body = transfer->response_.body;
  const size_t bytes = size * count;
  if (bytes > transfer->transport_.options_.max_body_bytes - body.size()) {
    transfer->too_large_ = true;
    return 0;
  }
  body.append(data, bytes);
  return bytes;
}

// What is the same for all requests.
CurlEasy CurlTransport::MakeHandle() {
  CurlEasy handle(curl_easy_init());
  CURL* easy = handle.get();
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // HTTP only, and no redirects: the caller decides which it follows and what
  // it sends there.
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");  // all that it can undo
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  // Names are resolved in threads, which libcurl would wait for, on the loop,
  // when a request is cancelled or times out.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   absl::ToInt64Milliseconds(options_.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                   absl::ToInt64Milliseconds(options_.total_timeout));
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  }
  loop_.Prepare(easy);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  return handle;
}

CurlEasy CurlTransport::TakeHandle() {
  if (idle_.empty()) return MakeHandle();
  CurlEasy handle = std::move(idle_.back());
  idle_.pop_back();
  return handle;
}

void CurlTransport::KeepHandle(CurlEasy handle) {
  if (idle_.size() >= kMaxIdleHandles) return;
  // What it pointed to is gone.
  CURL* easy = handle.get();
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, nullptr);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  idle_.push_back(std::move(handle));
}

CurlTransport::CurlTransport(const asio::any_io_executor& executor,
                             CurlTransportOptions options)
    : options_(std::move(options)), loop_(executor, &Transfer::Done) {
  idle_.reserve(kMaxIdleHandles);
  // By default libcurl keeps four for each request in progress.
  curl_multi_setopt(
      loop_.multi(), CURLMOPT_MAXCONNECTS,
      static_cast<long>(options_.max_idle_connections));  // NOLINT
}

asio::awaitable<absl::StatusOr<HttpResponse>> CurlTransport::Send(
    const HttpRequest& request) {
  const bool cancelled =
      IsCancelled(co_await asio::this_coro::cancellation_state);
  if (cancelled) {
    co_return absl::CancelledError("the request was cancelled");
  }
  // libcurl would guess a scheme that is missing.
  if (!IsWeb(request.url)) {
    co_return absl::InvalidArgumentError("not an http or https URL");
  }
  Transfer transfer(*this, request, co_await asio::this_coro::executor);
  transfer.Start();
  co_await transfer.Wait();
  co_return transfer.TakeResult();
}

}  // namespace mentiond
