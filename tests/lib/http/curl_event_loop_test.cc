#include "lib/http/curl_event_loop.h"

#include <memory>
#include <optional>
#include <string>

#include "asio/io_context.hpp"
#include "asio/post.hpp"
#include "gtest/gtest.h"

#include "lib/http/curl_handles.h"
#include "tests/lib/http/raw_server.h"

namespace mentiond {
namespace {

CurlEasy EasyFor(const std::string& url) {
  CurlEasy easy(curl_easy_init());
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_NOBODY, 1L);
  return easy;
}

TEST(CurlEventLoopTest, ReportsTheEndOfATransferOnce) {
  const DeadPort nobody;
  asio::io_context loop;
  const CurlEasy easy = EasyFor(nobody.url());
  int reports = 0;
  CurlEventLoop curl(loop.get_executor(), [&](CURL* done, CURLcode code) {
    EXPECT_EQ(done, easy.get());
    EXPECT_EQ(code, CURLE_COULDNT_CONNECT);
    ++reports;
  });

  curl.Add(easy.get());
  EXPECT_EQ(reports, 0) << "not within Add";
  loop.run();

  EXPECT_EQ(reports, 1);
}

TEST(CurlEventLoopTest, DoesNotReportATransferThatWasRemoved) {
  const DeadPort nobody;
  asio::io_context loop;
  const CurlEasy easy = EasyFor(nobody.url());
  int reports = 0;
  CurlEventLoop curl(loop.get_executor(), [&](CURL*, CURLcode) { ++reports; });

  curl.Add(easy.get());
  curl.Remove(easy.get());
  loop.run();

  EXPECT_EQ(reports, 0);
}

TEST(CurlEventLoopTest, MayEndWhileItsTimerIsDue) {
  // libcurl requests to be called at once when a transfer is added. That call
  // is already queued when the next handler destroys who would answer it.
  const DeadPort nobody;
  asio::io_context loop;
  const CurlEasy easy = EasyFor(nobody.url());
  auto curl = std::make_unique<CurlEventLoop>(loop.get_executor(),
                                              [](CURL*, CURLcode) {});
  curl->Add(easy.get());
  asio::post(loop, [] {});
  asio::post(loop, [&] {
    curl->Remove(easy.get());
    curl.reset();
  });

  loop.run();

  EXPECT_EQ(curl, nullptr);
}

}  // namespace
}  // namespace mentiond
