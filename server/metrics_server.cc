#include "server/metrics_server.h"

#include <iterator>
#include <sstream>
#include <utility>

#include "prometheus/metric_family.h"
#include "prometheus/text_serializer.h"

namespace mentiond {
namespace {

constexpr char kTextFormat[] = "text/plain; version=0.0.4; charset=utf-8";

std::string Serialize(
    const std::vector<const prometheus::Collectable*>& sources) {
  std::vector<prometheus::MetricFamily> families;
  for (const prometheus::Collectable* source : sources) {
    std::vector<prometheus::MetricFamily> some = source->Collect();
    std::move(some.begin(), some.end(), std::back_inserter(families));
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return text.str();
}

void Answer(httplib::Response& response, bool good, const char* otherwise) {
  response.status = good ? 200 : 503;
  response.set_content(good ? "ok\n" : otherwise, "text/plain");
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpListener>> StartMetricsServer(
    const std::string& listen,
    std::vector<const prometheus::Collectable*> sources, Health& health) {
  return HttpListener::Start(listen, [&](httplib::Server& server) {
    server.Get("/metrics",
               [sources = std::move(sources)](const httplib::Request&,
                                              httplib::Response& response) {
                 response.set_content(Serialize(sources), kTextFormat);
               });
    server.Get("/livez",
               [&health](const httplib::Request&, httplib::Response& response) {
                 Answer(response, health.IsLive(),
                        "an event loop has not turned for 30 s\n");
               });
    server.Get("/readyz",
               [&health](const httplib::Request&, httplib::Response& response) {
                 Answer(response, health.ready(), "not accepting streams\n");
               });
  });
}

}  // namespace mentiond
