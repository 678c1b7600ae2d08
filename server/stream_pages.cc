#include "server/stream_pages.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "httplib.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

#include "lib/base/hashed_token.h"

namespace mentiond {
namespace {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string StatusText(const StreamView& view) {
  return absl::StrCat(absl::StatusCodeToString(view.status.code()),
                      view.status.message().empty() ? "" : ": ",
                      view.status.message());
}

void Field(JsonWriter& json, const char* name, const std::string& value) {
  if (value.empty()) return;
  json.Key(name);
  json.String(value.c_str(), static_cast<rapidjson::SizeType>(value.size()));
}

void Field(JsonWriter& json, const char* name,
           const std::optional<absl::Time>& value) {
  if (value) Field(json, name, TimeText(*value));
}

void Field(JsonWriter& json, const char* name, int64_t value) {
  json.Key(name);
  json.Int64(value);
}

void WriteStreams(JsonWriter& json, const char* name,
                  const std::vector<StreamView>& streams) {
  json.Key(name);
  json.StartArray();
  for (const StreamView& view : streams) {
    json.StartObject();
    Field(json, "id", view.id.ToString());
    Field(json, "peer", view.caller.peer);
    Field(json, "principal", view.caller.principal);
    Field(json, "repo", view.repo);
    Field(json, "user", view.user);
    Field(json, "token", view.hashed_token.substr(0, kShownOfHashedToken));
    Field(json, "opened_at", std::optional(view.opened_at));
    if (!view.ended_at) {
      Field(json, "state", std::string(StreamStateName(view.state)));
      Field(json, "next_poll_at", view.next_poll_at);
      Field(json, "queued", static_cast<int64_t>(view.queued));
      Field(json, "why_delayed", view.why_delayed);
    }
    Field(json, "polled_at", view.polled_at);
    Field(json, "delivered", view.mentions);
    Field(json, "ended_at", view.ended_at);
    if (view.ended_at) Field(json, "status", StatusText(view));
    json.EndObject();
  }
  json.EndArray();
}

std::string Escape(std::string_view text) {
  return absl::StrReplaceAll(absl::string_view(text.data(), text.size()),
                             {{"&", "&amp;"},
                              {"<", "&lt;"},
                              {">", "&gt;"},
                              {"\"", "&quot;"},
                              {"'", "&#39;"}});
}

std::string Ago(absl::Time now, const std::optional<absl::Time>& time) {
  if (!time) return "";
  return absl::FormatDuration(absl::Trunc(now - *time, absl::Seconds(1)));
}

std::string Row(const std::vector<std::string>& cells, const char* tag) {
  std::string row = "<tr>";
  for (const std::string& cell : cells) {
    absl::StrAppend(&row, "<", tag, ">", Escape(cell), "</", tag, ">");
  }
  return row + "</tr>\n";
}

std::string OpenTable(const StreamPage& page) {
  std::string table = absl::StrCat(
      "<table>\n", Row({"stream", "peer", "principal", "repository", "user",
                        "state", "age", "last poll", "next poll", "delivered",
                        "queued", "token", "why delayed"},
                       "th"));
  for (const StreamView& view : page.streams) {
    const std::string next =
        view.next_poll_at
            ? absl::FormatDuration(absl::Trunc(
                  std::max(*view.next_poll_at - page.now, absl::ZeroDuration()),
                  absl::Seconds(1)))
            : "";
    absl::StrAppend(
        &table,
        Row({view.id.ToString(), view.caller.peer, view.caller.principal,
             view.repo, view.user, std::string(StreamStateName(view.state)),
             Ago(page.now, view.opened_at), Ago(page.now, view.polled_at), next,
             absl::StrCat(view.mentions), absl::StrCat(view.queued),
             view.hashed_token.substr(0, kShownOfHashedToken),
             view.why_delayed},
            "td"));
  }
  return table + "</table>\n";
}

std::string EndedTable(const StreamPage& page) {
  std::string table = absl::StrCat(
      "<table>\n", Row({"stream", "peer", "principal", "repository", "user",
                        "ended", "lived", "delivered", "token", "status"},
                       "th"));
  for (const StreamView& view : page.ended) {
    absl::StrAppend(
        &table,
        Row({view.id.ToString(), view.caller.peer, view.caller.principal,
             view.repo, view.user, Ago(page.now, view.ended_at) + " ago",
             Ago(view.ended_at.value_or(page.now), view.opened_at),
             absl::StrCat(view.mentions),
             view.hashed_token.substr(0, kShownOfHashedToken),
             StatusText(view)},
            "td"));
  }
  return table + "</table>\n";
}

std::string FilterForm(const StreamFilter& filter) {
  std::string form = absl::StrCat(
      "<form>repository <input name=repo value=\"", Escape(filter.repo),
      "\"> user <input name=user value=\"", Escape(filter.user),
      "\"> state <select name=state><option></option>");
  for (const StreamState state :
       {StreamState::kReading, StreamState::kLive, StreamState::kDelayed}) {
    absl::StrAppend(&form, "<option", filter.state == state ? " selected" : "",
                    ">", std::string(StreamStateName(state)), "</option>");
  }
  return form + "</select> <button>show</button></form>\n";
}

std::string NextLink(const StreamPage& page) {
  if (!page.next) return "";
  httplib::Params query = {{"after", page.next->ToString()}};
  if (!page.filter.repo.empty()) query.emplace("repo", page.filter.repo);
  if (!page.filter.user.empty()) query.emplace("user", page.filter.user);
  if (page.filter.state) {
    query.emplace("state", StreamStateName(*page.filter.state));
  }
  return absl::StrCat("<p><a href=\"?",
                      Escape(httplib::detail::params_to_query_str(query)),
                      "\">next page</a></p>\n");
}

}  // namespace

std::string StreamPageJson(const StreamPage& page) {
  rapidjson::StringBuffer buffer;
  JsonWriter json(buffer);
  json.StartObject();
  Field(json, "open", static_cast<int64_t>(page.open));
  if (page.silent_loops > 0) {
    Field(json, "silent_loops", static_cast<int64_t>(page.silent_loops));
  }
  WriteStreams(json, "streams", page.streams);
  if (page.next) Field(json, "next", page.next->ToString());
  WriteStreams(json, "ended", page.ended);
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

std::string StreamPageHtml(const StreamPage& page) {
  std::string html = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=en><meta charset=utf-8>"
      "<title>mentiond: streams</title>\n"
      "<style>body{font:14px sans-serif}table{border-collapse:collapse}"
      "td,th{border:1px solid #ccc;padding:2px 6px;text-align:left;"
      "white-space:nowrap}</style>\n<h1>",
      page.open, page.open == 1 ? " open stream" : " open streams", "</h1>\n",
      FilterForm(page.filter), OpenTable(page), NextLink(page));
  if (page.silent_loops > 0) {
    absl::StrAppend(&html,
                    "<p>Streams are missing here: event loops that do "
                    "not answer: ",
                    page.silent_loops, "</p>\n");
  }
  if (!page.ended.empty()) {
    absl::StrAppend(&html, "<h1>The last to end</h1>\n", EndedTable(page));
  }
  return html + "</html>\n";
}

}  // namespace mentiond
