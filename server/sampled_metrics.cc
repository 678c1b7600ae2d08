#include "server/sampled_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/version.h"

namespace mentiond {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct Value {
  double value = 0;
  std::vector<ClientMetric::Label> labels;
};

MetricFamily Family(const char* name, const char* help, MetricType type,
                    std::vector<Value> values) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  for (Value& value : values) {
    ClientMetric metric;
    metric.label = std::move(value.labels);
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) =
        value.value;
    family.metric.push_back(std::move(metric));
  }
  return family;
}

MetricFamily Gauge(const char* name, const char* help, double value) {
  return Family(name, help, MetricType::Gauge, {{.value = value}});
}

size_t CountEntries(const char* directory) {
  size_t count = 0;
  DIR* entries = opendir(directory);
  if (entries == nullptr) return 0;
  while (readdir(entries) != nullptr) ++count;
  closedir(entries);
  // ".", ".." and the descriptor of the directory itself.
  return count > 3 ? count - 3 : 0;
}

double BootTime() {
  std::ifstream stat("/proc/stat");
  for (std::string line; std::getline(stat, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

// The names and meanings that Prometheus' client libraries give them.
void AddProcess(std::vector<MetricFamily>& families) {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  // The program's name, in parentheses, may contain spaces.
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::array<double, 22> field = {};  // from the third on, see proc(5)
  std::string state;
  fields >> state;
  for (size_t i = 1; i < field.size(); ++i) fields >> field[i];
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  families.push_back(Family(
      "process_cpu_seconds_total", "Total user and system CPU time in seconds.",
      MetricType::Counter, {{.value = (field[11] + field[12]) / ticks}}));
  families.push_back(Gauge("process_start_time_seconds",
                           "Start time of the process, in Unix time.",
                           BootTime() + field[19] / ticks));
  families.push_back(Gauge("process_virtual_memory_bytes",
                           "Virtual memory size in bytes.", field[20]));
  families.push_back(Gauge("process_resident_memory_bytes",
                           "Resident memory size in bytes.", field[21] * page));
  families.push_back(Gauge("process_open_fds",
                           "Number of open file descriptors.",
                           static_cast<double>(CountEntries("/proc/self/fd"))));
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  families.push_back(Gauge("process_max_fds",
                           "Maximum number of open file descriptors.",
                           static_cast<double>(limit.rlim_cur)));
}

// Of the tokens, by the part of a quota that is left.
ClientMetric QuotaHistogram(const char* api,
                            const std::array<size_t, 10>& tokens_by_tenths) {
  ClientMetric metric;
  metric.label = {{"api", api}};
  uint64_t count = 0;
  double sum = 0;
  for (size_t tenths = 0; tenths < tokens_by_tenths.size(); ++tenths) {
    count += tokens_by_tenths[tenths];
    sum += static_cast<double>(tokens_by_tenths[tenths] * tenths) / 10;
    metric.histogram.bucket.push_back(
        {.cumulative_count = count,
         .upper_bound = static_cast<double>(tenths + 1) / 10});
  }
  metric.histogram.bucket.push_back(
      {.cumulative_count = count,
       .upper_bound = std::numeric_limits<double>::infinity()});
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = sum;
  return metric;
}

MetricFamily QuotaHistograms(const GitHubClient::Load& load) {
  MetricFamily family;
  family.name = "mentiond_github_quota_remaining_ratio";
  family.help =
      "Tokens by what is left of their quota, as a part of the limit, by API.";
  family.type = MetricType::Histogram;
  for (const auto& [resource, api] :
       {std::pair(Resource::kRest, "rest"), {Resource::kGraphQl, "graphql"}}) {
    family.metric.push_back(QuotaHistogram(
        api, load.tokens_by_quota[static_cast<size_t>(resource)]));
  }
  return family;
}

}  // namespace

SampledMetrics::SampledMetrics(const StreamRegistry& registry,
                               ReadLoad read_load)
    : registry_(registry), read_load_(std::move(read_load)) {}

std::vector<MetricFamily> SampledMetrics::Collect() const {
  std::vector<MetricFamily> families;
  families.push_back(Family(
      "mentiond_build_info", "1, with the version as a label.",
      MetricType::Gauge, {{.value = 1, .labels = {{"version", kVersion}}}}));
  const auto [totals, silent] = registry_.totals();
  std::vector<Value> states;
  for (const StreamState state :
       {StreamState::kReading, StreamState::kLive, StreamState::kDelayed}) {
    states.push_back(
        {.value =
             static_cast<double>(totals.by_state[static_cast<size_t>(state)]),
         .labels = {{"state", std::string(StreamStateName(state))}}});
  }
  families.push_back(Family("mentiond_streams", "Open streams, by state.",
                            MetricType::Gauge, std::move(states)));
  families.push_back(Gauge("mentiond_max_streams",
                           "Open streams beyond which more are refused.",
                           static_cast<double>(registry_.max_streams())));
  families.push_back(Gauge("mentiond_queued_events",
                           "Events that clients have not read yet.",
                           static_cast<double>(totals.queued)));
  const auto [load, connections, silent_for_load] = read_load_();
  families.push_back(
      Gauge("mentiond_silent_event_loops",
            "Event loops whose part is missing from this scrape, as they did "
            "not answer within a second.",
            static_cast<double>(std::max(silent, silent_for_load))));
  families.push_back(Gauge("mentiond_github_requests_in_progress",
                           "Requests to GitHub that are under way.",
                           static_cast<double>(load.in_progress)));
  families.push_back(Gauge("mentiond_github_requests_waiting",
                           "Requests to GitHub that wait for their turn.",
                           static_cast<double>(load.waiting)));
  families.push_back(Gauge("mentiond_github_connections",
                           "Open connections to GitHub.",
                           static_cast<double>(connections)));
  families.push_back(QuotaHistograms(load));
  AddProcess(families);
  return families;
}

}  // namespace mentiond
