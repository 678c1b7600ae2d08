#include "lib/metrics/metrics.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"

namespace mentiond {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildHistogram;
using Labels = std::map<std::string, std::string>;

// As go-grpc-prometheus and its successors name them, so that dashboards for
// those show this server.
Labels Method() {
  return {{"grpc_type", "server_stream"},
          {"grpc_service", "mentions.v1.MentionService"},
          {"grpc_method", "Subscribe"}};
}

// gRPC's names of the codes, by their numbers.
constexpr std::array<const char*, 17> kCodes = {
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
};

// GitHub's, as labels.
constexpr std::array<const char*, 2> kApis = {"rest", "graphql"};

constexpr std::array<const char*, 5> kOutcomes = {
    "ok", "rate_limited", "secondary_rate_limited", "unavailable", "failed"};

prometheus::Counter& AddCounter(prometheus::Registry& registry,
                                const char* name, const char* help,
                                const Labels& labels = {}) {
  return BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
}

prometheus::Histogram& AddSeconds(
    prometheus::Registry& registry, const char* name, const char* help,
    const prometheus::Histogram::BucketBoundaries& bounds) {
  return BuildHistogram().Name(name).Help(help).Register(registry).Add({},
                                                                       bounds);
}

std::string StatusLabel(size_t index, const auto& statuses) {
  if (index < statuses.size()) return absl::StrCat(statuses[index]);
  const size_t other = index - statuses.size();
  return other < 4 ? absl::StrCat(other + 2, "xx") : "none";
}

}  // namespace

Metrics::Metrics(prometheus::Registry& registry) {
  started_ = &AddCounter(registry, "grpc_server_started_total",
                         "Streams that clients have opened.", Method());
  received_ =
      &AddCounter(registry, "grpc_server_msg_received_total",
                  "Messages received from clients, one per stream.", Method());
  sent_ = &AddCounter(registry, "grpc_server_msg_sent_total",
                      "Messages sent to clients.", Method());
  auto& handled = BuildCounter()
                      .Name("grpc_server_handled_total")
                      .Help("Streams that have ended, by their status.")
                      .Register(registry);
  for (size_t i = 0; i < kCodes.size(); ++i) {
    Labels labels = Method();
    labels["grpc_code"] = kCodes[i];
    handled_[i] = &handled.Add(labels);
  }
  auto& polls = BuildCounter()
                    .Name("mentiond_polls_total")
                    .Help("Polls of a stream, by what came of them.")
                    .Register(registry);
  for (size_t i = 0; i < kOutcomes.size(); ++i) {
    polls_[i] = &polls.Add({{"outcome", kOutcomes[i]}});
  }
  auto& requests =
      BuildCounter()
          .Name("mentiond_github_requests_total")
          .Help(
              "Requests sent to GitHub, by API and status; 304: the cached "
              "page is still good; none: no response.")
          .Register(registry);
  auto& cache_hits =
      BuildCounter()
          .Name("mentiond_github_cache_hits_total")
          .Help("Responses used again without a request, by API.")
          .Register(registry);
  auto& coalesced = BuildCounter()
                        .Name("mentiond_github_coalesced_requests_total")
                        .Help(
                            "Requests not sent, as an equal one was under way, "
                            "by API.")
                        .Register(registry);
  for (size_t api = 0; api < kApis.size(); ++api) {
    for (size_t i = 0; i < requests_[api].size(); ++i) {
      requests_[api][i] = &requests.Add(
          {{"api", kApis[api]}, {"status", StatusLabel(i, kStatuses)}});
    }
    cache_hits_[api] = &cache_hits.Add({{"api", kApis[api]}});
    coalesced_[api] = &coalesced.Add({{"api", kApis[api]}});
  }
  after_update_ = &AddSeconds(
      registry, "mentiond_delivery_seconds",
      "From when a mention was written, by GitHub's account, to its delivery "
      "by a poll: when the client's queue, which it may read slowly, had space "
      "for it.",
      {1, 5, 15, 30, 60, 90, 120, 300, 600, 3600});
  after_response_ =
      &AddSeconds(registry, "mentiond_delivery_after_response_seconds",
                  "From GitHub's response with a mention to its delivery.",
                  {0.001, 0.005, 0.02, 0.1, 0.5, 1, 5, 30});
  lateness_ = &AddSeconds(registry, "mentiond_loop_lateness_seconds",
                          "How late event loops begin what is due.",
                          {0.001, 0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 30});
}

Metrics& Metrics::Unused() {
  static prometheus::Registry& registry = *new prometheus::Registry;
  static Metrics& metrics = *new Metrics(registry);
  return metrics;
}

void Metrics::StreamStarted() {
  started_->Increment();
  received_->Increment();
}

void Metrics::StreamHandled(absl::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  handled_[index < handled_.size() ? index : 2]->Increment();
}

void Metrics::MentionDelivered(absl::Duration after_update,
                               std::optional<absl::Duration> after_response) {
  after_update_->Observe(absl::ToDoubleSeconds(after_update));
  if (after_response) {
    after_response_->Observe(absl::ToDoubleSeconds(*after_response));
  }
}

void Metrics::LoopWasLate(absl::Duration late) {
  lateness_->Observe(absl::ToDoubleSeconds(late));
}

void Metrics::Responded(bool graphql, int status) {
  const auto known = std::find(kStatuses.begin(), kStatuses.end(), status);
  size_t index = static_cast<size_t>(known - kStatuses.begin());
  if (known == kStatuses.end()) {
    const int hundreds = status / 100;
    index = kOthers + (hundreds >= 2 && hundreds <= 5
                           ? static_cast<size_t>(hundreds - 2)
                           : 4);
  }
  requests_[graphql ? 1 : 0][index]->Increment();
}

}  // namespace mentiond
