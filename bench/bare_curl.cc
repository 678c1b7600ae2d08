// The floor for clients of HTTP: a curl_multi loop that sends conditional GETs
// at a given rate, or as fast as a number of them in flight allows, reuses its
// handles, and does nothing with the responses but count them.

#include <curl/curl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace {

// In seconds. As in lib/stream/schedule.cc: what is due within it is sent
// together, so that the floor gains as much from it as mentiond does.
constexpr double kGrain = 0.05;

struct Options {
  std::string url;
  std::vector<std::string> headers;
  std::string ca_file;
  double rate = 0;  // 0: as fast as possible
  int64_t requests = 1000;
  int at_once = 1000;
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return absl::ToDoubleSeconds(absl::DurationFromTimeval(usage.ru_utime) +
                               absl::DurationFromTimeval(usage.ru_stime));
}

size_t Ignore(char*, size_t size, size_t count, void*) { return size * count; }

CURL* MakeHandle(const Options& options, curl_slist* headers) {
  CURL* easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Ignore);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  if (!options.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  }
  return easy;
}

// Takes what has ended off the multi handle; returns how many that were.
int64_t Collect(CURLM* multi, std::vector<CURL*>& idle, int64_t& failed,
                int64_t& not_modified) {
  int64_t done = 0;
  int queued = 0;
  while (CURLMsg* message = curl_multi_info_read(multi, &queued)) {
    CURL* easy = message->easy_handle;
    long status = 0;  // NOLINT: libcurl's type
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (message->data.result != CURLE_OK) ++failed;
    if (status == 304) ++not_modified;
    curl_multi_remove_handle(multi, easy);
    idle.push_back(easy);
    ++done;
  }
  return done;
}

int Run(const Options& options) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* multi = curl_multi_init();
  curl_slist* headers = nullptr;
  for (const std::string& header : options.headers) {
    headers = curl_slist_append(headers, header.c_str());
  }
  std::vector<CURL*> idle;
  int handles = 0;
  int64_t started = 0;
  int64_t done = 0;
  int64_t failed = 0;
  int64_t not_modified = 0;
  const double cpu_began = CpuSeconds();
  const absl::Time began = absl::Now();
  while (done < options.requests) {
    const double elapsed = absl::ToDoubleSeconds(absl::Now() - began);
    const int64_t due =
        options.rate > 0
            ? std::min<int64_t>(
                  options.requests,
                  static_cast<int64_t>(std::floor(elapsed / kGrain) * kGrain *
                                       options.rate))
            : options.requests;
    while (started < due && started - done < options.at_once) {
      if (idle.empty()) {
        idle.push_back(MakeHandle(options, headers));
        ++handles;
      }
      curl_multi_add_handle(multi, idle.back());
      idle.pop_back();
      ++started;
    }
    int running = 0;
    curl_multi_perform(multi, &running);
    done += Collect(multi, idle, failed, not_modified);
    if (done < options.requests) curl_multi_poll(multi, nullptr, 0, 1, nullptr);
  }
  std::cout << absl::StrFormat(
                   R"({"requests": %d, "failed": %d, "not_modified": %d, )"
                   R"("handles": %d, "seconds": %.3f, "cpu_seconds": %.6f})",
                   done, failed, not_modified, handles,
                   absl::ToDoubleSeconds(absl::Now() - began),
                   CpuSeconds() - cpu_began)
            << std::endl;
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("The floor for clients of HTTP.");
  app.add_option("--url", options.url)->required();
  app.add_option("--header", options.headers, "NAME: VALUE, any number");
  app.add_option("--ca_file", options.ca_file);
  app.add_option("--rate", options.rate);
  app.add_option("--requests", options.requests);
  app.add_option("--at_once", options.at_once);
  CLI11_PARSE(app, argc, argv);
  return Run(options);
}
