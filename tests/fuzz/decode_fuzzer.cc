// Decodes any bytes as each of GitHub's listings and as an error response. What
// is decoded must be fit to be sent to clients, and must decode to the same
// again when it is written as GitHub documents it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

#include "lib/github/decode.h"
#include "lib/github/types.h"
#include "lib/subscription/events.h"
#include "proto/mentions/v1/mentions.pb.h"
#include "tests/fuzz/text_checks.h"

namespace mentiond {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr Listing kAllListings[] = {Listing::kIssues, Listing::kIssueComments,
                                    Listing::kReviewComments};

bool IsSourceOf(Listing listing, Source source) {
  switch (listing) {
    case Listing::kIssues:
      return source == Source::SOURCE_PULL_REQUEST ||
             source == Source::SOURCE_ISSUE;
    case Listing::kIssueComments:
      return source == Source::SOURCE_PULL_REQUEST_COMMENT ||
             source == Source::SOURCE_ISSUE_COMMENT;
    case Listing::kReviewComments:
      return source == Source::SOURCE_REVIEW_COMMENT;
  }
  return false;
}

void CheckTime(absl::Time time) {
  CHECK(time >= absl::UnixEpoch()) << time;
  CHECK(time < absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone()))
      << time;
}

void CheckItem(Listing listing, const Item& item) {
  CHECK(IsSourceOf(listing, item.source)) << item.source;
  CHECK_GT(item.id, 0);
  CHECK_GT(item.number, 0);
  CHECK(!item.url.empty());
  CHECK_LE(item.url.size(), 2048U);
  CHECK(IsVisible(item.url)) << item.url;
  CheckTime(item.created_at);
  CheckTime(item.updated_at);

  // protobuf refuses to parse a string that is not UTF-8.
  const mentions::v1::SubscribeResponse sent = MentionEvent(item);
  mentions::v1::SubscribeResponse received;
  CHECK(received.ParseFromString(sent.SerializeAsString()));
  CHECK_EQ(received.mention().source(), item.source);
  CHECK_EQ(received.mention().id(), item.id);
  CHECK_EQ(received.mention().pull_request(), item.number);
  CHECK_EQ(received.mention().author(), item.author);
  CHECK_EQ(received.mention().body(), item.body);
  CHECK_EQ(received.mention().url(), item.url);
}

void WriteText(Writer& writer, const char* key, const std::string& text) {
  writer.Key(key);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void WriteTime(Writer& writer, const char* key, absl::Time time) {
  WriteText(writer, key,
            absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone()));
}

// The items as GitHub documents its listings.
std::string Render(const DecodedItems& decoded) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartArray();
  for (const Item& item : decoded.items) {
    writer.StartObject();
    writer.Key("id");
    writer.Int64(item.id);
    writer.Key("number");
    writer.Int64(item.number);
    writer.Key("user");
    writer.StartObject();
    WriteText(writer, "login", item.author);
    writer.EndObject();
    WriteText(writer, "body", item.body);
    WriteText(writer, "html_url", item.url);
    WriteText(writer, "pull_request_url",
              absl::StrCat("https://api.github.com/repos/octo/cat/pulls/",
                           item.number));
    if (item.source == Source::SOURCE_PULL_REQUEST) {
      writer.Key("pull_request");
      writer.StartObject();
      writer.EndObject();
    }
    WriteTime(writer, "created_at", item.created_at);
    WriteTime(writer, "updated_at", item.updated_at);
    writer.EndObject();
  }
  writer.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

void CheckSame(const DecodedItems& a, const DecodedItems& b) {
  CHECK_EQ(a.items.size(), b.items.size());
  for (size_t i = 0; i < a.items.size(); ++i) {
    CHECK_EQ(a.items[i].source, b.items[i].source);
    CHECK_EQ(a.items[i].id, b.items[i].id);
    CHECK_EQ(a.items[i].number, b.items[i].number);
    CHECK_EQ(a.items[i].author, b.items[i].author);
    CHECK_EQ(a.items[i].body, b.items[i].body);
    CHECK_EQ(a.items[i].url, b.items[i].url);
    CHECK_EQ(a.items[i].created_at, b.items[i].created_at);
    CHECK_EQ(a.items[i].updated_at, b.items[i].updated_at);
  }
}

void CheckStatus(const absl::Status& status) {
  CHECK_EQ(status.code(), absl::StatusCode::kUnavailable);
  const std::string words(status.message());
  CHECK(!words.empty());
  CHECK_LE(words.size(), 200U);
  CHECK(IsPrintable(words)) << words;
}

void CheckListing(Listing listing, std::string_view json) {
  const auto decoded = DecodeListing(listing, json);
  if (!decoded.ok()) {
    CheckStatus(decoded.status());
    return;
  }
  // Nothing is lost without being counted.
  CHECK_EQ(decoded->items.size() + decoded->skipped, decoded->elements);
  for (const Item& item : decoded->items) CheckItem(listing, item);

  const auto again = DecodeListing(listing, Render(*decoded));
  CHECK(again.ok()) << again.status();
  CHECK_EQ(again->skipped, 0U);
  CheckSame(*decoded, *again);
}

void CheckErrorMessage(std::string_view json) {
  const std::string message = DecodeErrorMessage(json);
  CHECK_LE(message.size(), 200U);
  CHECK(IsPrintable(message)) << message;
}

}  // namespace
}  // namespace mentiond

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  for (const mentiond::Listing listing : mentiond::kAllListings) {
    mentiond::CheckListing(listing, json);
  }
  mentiond::CheckErrorMessage(json);
  return 0;
}
