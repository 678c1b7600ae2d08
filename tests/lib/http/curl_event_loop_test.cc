#include "lib/http/curl_event_loop.h"

#include <memory>

#include "asio/io_context.hpp"
#include "asio/post.hpp"
#include "gtest/gtest.h"

#include "lib/http/curl_handles.h"
#include "tests/lib/http/raw_server.h"

namespace mentiond {
namespace {

class CurlEventLoopTest : public testing::Test {
 protected:
  CurlEventLoopTest() {
    curl_easy_setopt(easy_.get(), CURLOPT_URL, nobody_.url().c_str());
    curl_easy_setopt(easy_.get(), CURLOPT_NOBODY, 1L);
    curl_->Add(easy_.get());
  }

  const DeadPort nobody_;
  asio::io_context loop_;
  const CurlEasy easy_{curl_easy_init()};
  int reports_ = 0;
  std::unique_ptr<CurlEventLoop> curl_ = std::make_unique<CurlEventLoop>(
      loop_.get_executor(), [this](CURL* done, CURLcode code) {
        EXPECT_EQ(done, easy_.get());
        EXPECT_EQ(code, CURLE_COULDNT_CONNECT);
        ++reports_;
      });
};

TEST_F(CurlEventLoopTest, ReportsTheEndOfATransferOnce) {
  EXPECT_EQ(reports_, 0) << "not within Add";
  loop_.run();
  EXPECT_EQ(reports_, 1);
}

TEST_F(CurlEventLoopTest, DoesNotReportATransferThatWasRemoved) {
  curl_->Remove(easy_.get());
  loop_.run();
  EXPECT_EQ(reports_, 0);
}

TEST_F(CurlEventLoopTest, MayEndWhileItsTimerIsDue) {
  // libcurl requests to be called at once when a transfer is added. That call
  // is already queued when the next handler destroys who would answer it.
  asio::post(loop_, [] {});
  asio::post(loop_, [&] {
    curl_->Remove(easy_.get());
    curl_.reset();
  });

  loop_.run();

  EXPECT_EQ(curl_, nullptr);
  EXPECT_EQ(reports_, 0);
}

}  // namespace
}  // namespace mentiond
