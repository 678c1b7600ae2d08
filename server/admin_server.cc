#include "server/admin_server.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "glog/logging.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

#include "server/logging.h"
#include "server/stream_pages.h"
#include "server/trusted_host.h"

namespace mentiond {
namespace {

using Handler = httplib::Server::Handler;

constexpr size_t kPerPage = 1024;

void Refuse(httplib::Response& response, int status, const std::string& why) {
  response.status = status;
  response.set_content(why + "\n", "text/plain");
}

// Refuses what a web page could have sent that made its name resolve to this
// machine, in order to read the answer.
Handler ForTrustedHosts(const std::string& listen, Handler handler) {
  return [listen, handler = std::move(handler)](const httplib::Request& request,
                                                httplib::Response& response) {
    if (request.get_header_value_count("Host") != 1 ||
        !IsTrustedHost(request.get_header_value("Host"), listen)) {
      return Refuse(response, 403,
                    "the host of the URL has to be an IP address, localhost or "
                    "the host of --admin_listen");
    }
    handler(request, response);
  };
}

std::optional<StreamState> ParseState(const std::string& name) {
  for (const StreamState state :
       {StreamState::kReading, StreamState::kLive, StreamState::kDelayed}) {
    if (name == StreamStateName(state)) return state;
  }
  return std::nullopt;
}

StreamPage MakePage(const StreamRegistry& registry, absl::Time now,
                    const StreamFilter& filter, const StreamId& after) {
  StreamPage page = {.open = registry.size(), .filter = filter, .now = now};
  // One more shows whether there is a next page.
  auto [streams, silent_loops] = registry.Streams(filter, after, kPerPage + 1);
  page.streams = std::move(streams);
  page.silent_loops = silent_loops;
  if (page.streams.size() > kPerPage) {
    page.streams.pop_back();
    page.next = page.streams.back().id;
  }
  if (after != StreamId()) return page;
  for (StreamView& view : registry.RecentlyEnded()) {
    if (filter.Matches(view.repo, view.user, view.state)) {
      page.ended.push_back(std::move(view));
    }
  }
  return page;
}

void ShowStreams(const StreamRegistry& registry, const Clock& clock,
                 const httplib::Request& request, httplib::Response& response) {
  StreamFilter filter = {.repo = request.get_param_value("repo"),
                         .user = request.get_param_value("user")};
  const std::string state = request.get_param_value("state");
  filter.state = ParseState(state);
  if (!state.empty() && !filter.state) {
    return Refuse(response, 400, "state: reading, live or delayed");
  }
  StreamId after;
  const std::string cursor = request.get_param_value("after");
  if (!cursor.empty()) {
    const auto id = StreamId::Parse(cursor);
    if (!id) return Refuse(response, 400, "after: the id of a stream");
    after = *id;
  }
  const StreamPage page = MakePage(registry, clock.Now(), filter, after);
  const bool html =
      absl::StrContains(request.get_header_value("Accept"), "text/html");
  response.set_content(html ? StreamPageHtml(page) : StreamPageJson(page),
                       html ? "text/html; charset=utf-8" : "application/json");
}

std::string ToJson(const std::map<std::string, std::string>& settings) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  for (const auto& [name, value] : settings) {
    json.Key(name.c_str());
    json.String(value.c_str());
  }
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

void ChangeLogLevel(const httplib::Request& request,
                    httplib::Response& response) {
  // A web page that somebody looks at on this machine could send it.
  if (request.has_header("Origin")) {
    return Refuse(response, 403, "not from a web page");
  }
  const auto level =
      ParseLogLevel(std::string(absl::StripAsciiWhitespace(request.body)));
  if (!level) return Refuse(response, 400, "info, warning or error");
  SetLogLevel(*level);
  LOG(ERROR) << "the log level is now " << LogLevelName(*level);
  response.set_content(LogLevelName(*level) + "\n", "text/plain");
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpListener>> StartAdminServer(
    const std::string& listen, const StreamRegistry& registry,
    const Clock& clock, std::map<std::string, std::string> settings) {
  const auto guarded = [&listen](Handler handler) {
    return ForTrustedHosts(listen, std::move(handler));
  };
  return HttpListener::Start(listen, [&](httplib::Server& server) {
    server.Get("/streams",
               guarded([&registry, &clock](const httplib::Request& request,
                                           httplib::Response& response) {
                 ShowStreams(registry, clock, request, response);
               }));
    server.Get("/config",
               guarded([json = ToJson(settings)](const httplib::Request&,
                                                 httplib::Response& response) {
                 response.set_content(json, "application/json");
               }));
    server.Get("/loglevel", guarded([](const httplib::Request&,
                                       httplib::Response& response) {
                 response.set_content(LogLevelName(GetLogLevel()) + "\n",
                                      "text/plain");
               }));
    server.Post("/loglevel", guarded(ChangeLogLevel));
  });
}

}  // namespace mentiond
