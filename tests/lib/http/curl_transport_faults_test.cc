// The transport with servers that respond late, wrongly, too much or not at
// all.

#include <sys/types.h>
#include <zlib.h>

#include "gmock/gmock.h"

#include "tests/lib/http/transport_fixture.h"

namespace mentiond {
namespace {

using absl::StatusCode;

// `text` in gzip's format.
std::string Gzip(const std::string& text) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;  // zlib.h: add 16 to write a gzip header
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Gzipped(std::string_view body) {
  return Ok(body, "Content-Encoding: gzip\r\n");
}
std::string WithLongHeader(size_t bytes) {
  return Ok("hello", absl::StrCat("X-Long: ", std::string(bytes, 'x'), "\r\n"));
}

class CurlTransportFaultsTest : public TransportFixture {
 protected:
  // What a server does after the bytes that it sends.
  using Then = std::function<void(RawConnection&)>;
  static Then SendForEver(std::string bytes) {
    return [bytes = std::move(bytes)](RawConnection& connection) {
      while (connection.Send(bytes)) {
      }
    };
  }

  Answer GetBytes(
      const std::string& bytes, CurlTransportOptions options = {},
      const Then& then = [](RawConnection&) {}) {
    const RawServer server([&](RawConnection& connection) {
      connection.ReadRequest();
      connection.Send(bytes);
      then(connection);
    });
    return Get(server.url(), std::move(options));
  }
  void ExpectFailures(
      StatusCode code, const std::vector<std::string>& responses,
      const CurlTransportOptions& options = {},
      const Then& then = [](RawConnection&) {}) {
    for (const std::string& bytes : responses) {
      const absl::Status status = GetBytes(bytes, options, then).status();
      EXPECT_EQ(status.code(), code) << bytes.substr(0, 200) << ": " << status;
      EXPECT_FALSE(IsWithoutConnection(status));
    }
  }
};

const std::string kOk = "HTTP/1.1 200 OK\r\n";
const std::string kCounted = kOk + "Content-Length: 100\r\n\r\n";
const std::string kChunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";

TEST_F(CurlTransportFaultsTest, WhatIsCutShortOrNotHttpIsNoResponse) {
  // It passes: a stream must not end for it.
  std::string broken = Gzip(std::string(10'000, 'x'));
  broken[broken.size() / 2] = static_cast<char>(~broken[broken.size() / 2]);
  ExpectFailures(
      StatusCode::kUnavailable,
      {"", kCounted + "[{", kCounted, kChunked + "5\r\nhello\r\n",
       kChunked + "50\r\nhello", kChunked + "no size\r\n",
       "<html><body>welcome to our proxy</body></html>", "HTTP/1.1\r\n\r\n",
       "\x01\x02\x03\x04\r\n\r\n", "220 smtp.example ESMTP\r\n",
       "HTTP/1.1 \r\n\r\n", "HTTP/1.1 xyz OK\r\n\r\n"});
  ExpectFailures(
      StatusCode::kUnavailable,
      {"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
       kOk + "no colon here\r\n\r\n", kOk + "Content-Length: -5\r\n\r\nhello",
       kOk + "Content-Length: none\r\n\r\nhello",
       kOk + "Content-Encoding: rot13\r\n\r\nhello",
       Gzipped("this is not gzip at all"), Gzipped(broken)});
  ExpectFailures(StatusCode::kUnavailable, {"", kCounted + "half"}, {},
                 &RawConnection::ResetWhenClosed);
}

TEST_F(CurlTransportFaultsTest, WhatIsTooMuchIsLeft) {
  const std::string bomb = Gzip(std::string(4 << 20, '\0'));
  ASSERT_LT(bomb.size(), 10'000U);
  const std::string too_large = Ok(std::string(100'001, 'x'));
  constexpr auto kExhausted = StatusCode::kResourceExhausted;
  CurlTransportOptions options;
  options.max_body_bytes = 100'000;
  // A line of headers of libcurl's bound, and of more than it and ours.
  ExpectFailures(kExhausted,
                 {too_large, Gzipped(bomb), WithLongHeader(100 << 10),
                  WithLongHeader(110'000), WithLongHeader(1'000'000)},
                 options);
  ExpectFailures(
      kExhausted, {kChunked}, options,
      SendForEver(absl::StrCat("1000\r\n", std::string(0x1000, 'x'), "\r\n")));
  ExpectFailures(kExhausted, {kOk}, options,
                 SendForEver("X-More: and more\r\n"));
  ExpectFailures(kExhausted, {""}, options,
                 SendForEver("HTTP/1.1 102 Processing\r\n\r\n"));
  EXPECT_TRUE(absl::StrContains(GetBytes(too_large, options).status().message(),
                                "100000"));

  const Answer largest = GetBytes(Ok(std::string(100'000, 'x')), options);
  ASSERT_TRUE(largest.ok()) << largest.status();
  EXPECT_EQ(largest->body.size(), 100'000U);
  const Answer long_line = GetBytes(WithLongHeader(90'000), options);
  ASSERT_TRUE(long_line.ok()) << long_line.status();
  EXPECT_EQ(long_line->headers.Get("x-long").value_or("").size(), 90'000U);
  options.max_header_bytes = 10'000;
  ExpectFailures(kExhausted, {WithLongHeader(10'000)}, options);
}

TEST_F(CurlTransportFaultsTest, WhatTakesTooLongIsAbandoned) {
  // By libcurl's own clock: nothing else ends them.
  CurlTransportOptions options;
  options.total_timeout = absl::Milliseconds(20);
  ExpectFailures(StatusCode::kDeadlineExceeded, {"", kOk, kCounted + "half"},
                 options, &RawConnection::AwaitClose);
  // A server that is not reached is given up sooner.
  options.total_timeout = absl::Hours(1);
  options.connect_timeout = absl::Milliseconds(20);
  EXPECT_TRUE(
      absl::IsDeadlineExceeded(Get(DeafPort().url(), options).status()));
}

TEST_F(CurlTransportFaultsTest, WhatCannotBeReachedMayBeLater) {
  // RFC 6761: .invalid never resolves.
  const DeadPort port;
  for (const std::string& url :
       {port.url(), std::string("http://name.invalid/")}) {
    const absl::Status status = Get(url).status();
    EXPECT_EQ(status.code(), StatusCode::kUnavailable);
    EXPECT_TRUE(IsWithoutConnection(status));
  }
}

TEST_F(CurlTransportFaultsTest, HeadersAreKeptAsTheFinalResponseHasThem) {
  const Answer answer = GetBytes(absl::StrCat(
      "HTTP/1.1 103 Early Hints\r\nLink: <early>; rel=\"next\"\r\n\r\n",
      Ok("hello",
         "Link: <one>; rel=\"next\"\r\nETag: \"a\"\r\nEmpty:\r\n"
         ": no name\r\nA: b: c\r\nlink: <two>; rel=\"next\"\r\n")));

  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->headers.Get("etag"), "\"a\"");
  EXPECT_EQ(answer->headers.Get("empty"), "");
  EXPECT_EQ(answer->headers.Get("a"), "b: c");
  using Header = std::pair<std::string, std::string>;
  const std::vector<Header> all(answer->headers.begin(), answer->headers.end());
  EXPECT_THAT(all,
              testing::IsSupersetOf({Header("Link", "<one>; rel=\"next\""),
                                     Header("link", "<two>; rel=\"next\"")}));
  EXPECT_EQ(answer->headers.Get("link"), "<one>; rel=\"next\"");
}

TEST_F(CurlTransportFaultsTest, GzipThatEndsTooSoonGivesWhatThereWas) {
  // Whole by its Content-Length, but not by what is in it. libcurl does not
  // tell, so whoever decodes the body must find it cut short.
  std::string text;
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&text, i, ",");
  const std::string whole = Gzip(text);
  constexpr size_t kTrailer = 8;  // RFC 1952: checksum and size, no text
  for (const size_t bytes :
       {size_t{5}, whole.size() / 2, whole.size() - kTrailer, whole.size()}) {
    const Answer answer = GetBytes(Gzipped(whole.substr(0, bytes)));
    ASSERT_TRUE(answer.ok()) << bytes << ": " << answer.status();
    EXPECT_TRUE(absl::StartsWith(text, answer->body)) << bytes;
    EXPECT_EQ(answer->body == text, bytes >= whole.size() - kTrailer) << bytes;
  }
}

TEST_F(CurlTransportFaultsTest, OneThatHangsDoesNotHoldUpTheOthers) {
  // Not even when it is the very first to this server.
  const RawServer server([](RawConnection& connection) {
    if (absl::StrContains(connection.ReadRequest(), "GET /hang ")) {
      connection.AwaitClose();
    } else {
      connection.Send(Ok("hello"));
    }
  });
  Start(server.url() + "/hang");
  RunReady(loop_);

  EXPECT_TRUE(Get(server.url() + "/quick").ok());

  EXPECT_TRUE(answers_.empty()) << "it hangs still";
  CancelAll();
}

TEST_F(CurlTransportFaultsTest, AMalformedUrlIsTheCallersMistake) {
  for (const char* url :
       {"", " ", "nonsense", "127.0.0.1", "http://", "https://[::1",
        "http://127.0.0.1:99999/", "http://127.0.0.1:port/",
        "http://host name/", "http://127.0.0.1/a b", "http://127.0.0.1/a\nb",
        "file:///etc/passwd", "FILE:///etc/passwd", "ftp://127.0.0.1/file",
        "gopher://127.0.0.1/", "dict://127.0.0.1/", "unknown://127.0.0.1/"}) {
    const absl::Status status = Get(url).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument)
        << "'" << url << "': " << status;
  }
}

TEST_F(CurlTransportFaultsTest, AFaultLeavesTheTransportFitForTheNextRequest) {
  const RawServer server([](RawConnection& connection) {
    const bool bad = absl::StrContains(connection.ReadRequest(), "GET /bad ");
    connection.Send(bad ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
                        : Ok("hello"));
  });
  std::string url = server.url();
  url.replace(0, 4, "HTTP");  // its case does not matter
  // The server closes each connection, so that kept ones are replaced.
  for (size_t i = 1; i <= 5; ++i) {
    EXPECT_FALSE(Get(url + "/bad").ok());
    EXPECT_FALSE(Get("file:///etc/passwd").ok());
    for (int twice = 0; twice < 2; ++twice) {
      const Answer answer = Get(url);
      ASSERT_TRUE(answer.ok()) << answer.status();
      EXPECT_EQ(answer->body, "hello");
      server.AwaitIdle();
    }
    EXPECT_EQ(server.accepted(), 3 * i);
  }
}

}  // namespace
}  // namespace mentiond
