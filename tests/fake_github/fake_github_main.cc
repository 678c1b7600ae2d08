// The stand-in GitHub as a program: `fake_github_main --demo`, then point a
// client at the address that it prints.

#include <pthread.h>
#include <signal.h>

#include <cstdint>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include <CLI/CLI.hpp>

#include "tests/fake_github/demo.h"
#include "tests/fake_github/fake_github.h"

namespace mentiond::fake_github {
namespace {

struct Options {
  std::string listen = "127.0.0.1:0";
  std::vector<std::string> corpora;
  bool demo = false;
  std::string demo_interval = "3s";
  int64_t rate_limit = 5000;
  int64_t anonymous_rate_limit = 60;
};

// "127.0.0.1:8080" or "[::1]:8080".
bool SplitListen(const std::string& listen, std::string& host, int& port) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  host = listen.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return absl::SimpleAtoi(listen.substr(colon + 1), &port) && port >= 0 &&
         port <= 65535;
}

int Fail(const std::string& message) {
  std::cerr << "fake_github_main: " << message << std::endl;
  return 1;
}

int Usage(const std::string& message) {
  Fail(message + " (see --help)");
  return 2;
}

int Run(const Options& options, const sigset_t& ending_signals) {
  std::string host;
  int port = 0;
  if (!SplitListen(options.listen, host, port)) {
    return Usage("--listen wants ADDRESS:PORT, got " + options.listen);
  }
  absl::Duration interval;
  if (!absl::ParseDuration(options.demo_interval, &interval) ||
      interval <= absl::ZeroDuration()) {
    return Usage("--demo_interval wants a duration like 3s, got " +
                 options.demo_interval);
  }

  FakeGitHub fake;
  fake.SetLimit(options.rate_limit, options.anonymous_rate_limit);
  for (const std::string& directory : options.corpora) {
    const absl::StatusOr<std::string> loaded = fake.LoadCorpus(directory);
    if (!loaded.ok()) return Fail(std::string(loaded.status().message()));
    std::cerr << "serving " << *loaded << " from " << directory << std::endl;
  }
  if (options.demo) {
    FillDemo(fake.repo("octo/demo"), absl::Now());
    FillSecondDemo(fake.repo("octo/tools"), absl::Now());
  }
  const absl::StatusOr<int> bound = fake.Start(host, port);
  if (!bound.ok()) return Fail(std::string(bound.status().message()));
  std::cout << "listening on " << fake.url() << std::endl;

  absl::Notification ending;
  std::thread demo;
  if (options.demo) {
    demo = std::thread([&fake, &ending, interval] {
      FakeRepository& repository = fake.repo("octo/demo");
      for (int64_t step = 0; !ending.WaitForNotificationWithTimeout(interval);
           ++step) {
        AddDemoComment(repository, step);
      }
    });
  }
  int signal = 0;
  sigwait(&ending_signals, &signal);
  ending.Notify();
  if (demo.joinable()) demo.join();
  fake.Stop();
  return 0;
}

int Main(int argc, char** argv) {
  // Before any thread starts, so that all inherit it and sigwait gets them.
  sigset_t ending_signals;
  sigemptyset(&ending_signals);
  sigaddset(&ending_signals, SIGINT);
  sigaddset(&ending_signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending_signals, nullptr);

  Options options;
  CLI::App app(
      "A stand-in for GitHub's REST API. Prints \"listening on URL\" and "
      "serves\nuntil SIGINT or SIGTERM. Needs no token; takes any. "
      "tests/fake_github/README.md\ndescribes its control API.");
  app.add_option("--listen", options.listen,
                 "address and port to listen on; port 0: any free one")
      ->capture_default_str()
      ->type_name("ADDRESS:PORT");
  app.add_option("--corpus", options.corpora,
                 "serve the repository exported to this directory "
                 "(*.jsonl.gz); repeatable")
      ->type_name("DIR");
  app.add_flag("--demo", options.demo,
               "serve octo/demo, a small repository in which somebody "
               "comments all the\ntime, and octo/tools, a smaller one");
  app.add_option("--demo_interval", options.demo_interval,
                 "time between the demo's comments")
      ->capture_default_str()
      ->type_name("DURATION");
  app.add_option("--rate_limit", options.rate_limit,
                 "requests an hour for each token")
      ->capture_default_str()
      ->type_name("N");
  app.add_option("--anonymous_rate_limit", options.anonymous_rate_limit,
                 "requests an hour for all without a token")
      ->capture_default_str()
      ->type_name("N");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return Run(options, ending_signals);
}

}  // namespace
}  // namespace mentiond::fake_github

int main(int argc, char** argv) {
  return mentiond::fake_github::Main(argc, argv);
}
