// What a test reads at the operators' ports.

#ifndef MENTIOND_TESTS_E2E_OPERATOR_PORTS_H_
#define MENTIOND_TESTS_E2E_OPERATOR_PORTS_H_

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "rapidjson/document.h"

#include "tests/e2e/service.h"

namespace mentiond {

inline httplib::Response Get(const std::string& url, const std::string& path,
                             const std::string& accept = "*/*") {
  const auto result = httplib::Client(url).Get(path, {{"Accept", accept}});
  return result ? *result : httplib::Response();
}

inline rapidjson::Document Json(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.c_str());
  EXPECT_TRUE(!document.HasParseError() && document.IsObject()) << text;
  return document;
}

// A service with both ports.
class ServiceWithPorts : public Service {
 public:
  explicit ServiceWithPorts(const std::vector<std::string>& flags = {},
                            const std::string& github_api = "")
      : Service([&](FakeGitHub&) {
          Launch launch = {.github_api = github_api, .flags = flags};
          for (const char* port : {"metrics", "admin"}) {
            launch.flags.push_back(
                absl::StrCat("--", port, "_listen=127.0.0.1:0"));
          }
          return launch;
        }) {}

  const std::string& metrics_url() const { return metrics_; }
  const std::string& admin_url() const { return admin_; }

  std::string Metrics() const { return Get(metrics_, "/metrics").body; }
  // The value of a metric, by its name and labels as they are written.
  double Metric(const std::string& name) const {
    const std::string text = Metrics();
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      if (absl::StartsWith(line, name + " ")) {
        return std::stod(std::string(line.substr(name.size() + 1)));
      }
    }
    ADD_FAILURE() << "no " << name;
    return -1;
  }
  // Its value when it has not changed for 50 scrapes, nor been 0.
  double AwaitRest(const std::string& name) const {
    const absl::Time deadline = Deadline();
    double value = 0;
    for (int same = 0; same < 50 && absl::Now() < deadline;) {
      const double next = Metric(name);
      same = next > 0 && next == value ? same + 1 : 0;
      value = next;
    }
    EXPECT_LT(absl::Now(), deadline) << name;
    return value;
  }
  // Waits until clients that do not read are sent nothing more, and returns how
  // many events wait for them.
  double AwaitStalledReaders() const {
    return AwaitRest("mentiond_queued_events");
  }

 private:
  const std::string metrics_ = UrlInLog("metrics at ");
  const std::string admin_ = UrlInLog("pages for operators at ");
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_E2E_OPERATOR_PORTS_H_
