#include "tests/authority.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glog/logging.h"

#include "tests/subprocess.h"

namespace mentiond {
namespace {

constexpr char kOpenssl[] = "/usr/bin/openssl";
constexpr absl::Duration kPatience = absl::Seconds(60);

std::string Read(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::string Authority::WhyNot() {
  return access(kOpenssl, X_OK) == 0 ? "" : "openssl is not installed";
}

Authority::Authority() {
  certificate_ =
      Make("authority", "basicConstraints = critical, CA:TRUE\n", kEcKey, true)
          .certificate;
}

Authority::Pair Authority::Issue(const std::string& names,
                                 const std::string& key) {
  return Make(absl::StrCat("issued", ++issued_),
              absl::StrCat("basicConstraints = critical, CA:FALSE\n"
                           "subjectAltName = ",
                           names, "\n"),
              key, false);
}

Authority::Pair Authority::Make(const std::string& name,
                                const std::string& extensions,
                                const std::string& key, bool is_authority) {
  const auto file = [&](const std::string& suffix) {
    return directory_ / (name + suffix);
  };
  // A configuration of our own: the machine's may add anything.
  std::ofstream(file(".cnf")) << "[req]\ndistinguished_name = name\n"
                                 "prompt = no\n[name]\nCN = "
                              << name << "\n[ext]\n"
                              << extensions;
  std::vector<std::string> arguments = {
      kOpenssl,     "req",         "-x509", "-config",
      file(".cnf"), "-extensions", "ext",   "-days",
      "2",          "-newkey",     key,     "-nodes",
      "-keyout",    file(".key"),  "-out",  file(".pem")};
  if (key == kEcKey) {
    arguments.insert(arguments.end(),
                     {"-pkeyopt", "ec_paramgen_curve:prime256v1"});
  }
  if (!is_authority) {
    arguments.insert(arguments.end(), {"-CA", directory_ / "authority.pem",
                                       "-CAkey", directory_ / "authority.key"});
  }
  const auto openssl = Subprocess::Start(arguments);
  CHECK(openssl.ok()) << openssl.status();
  const auto exit = (*openssl)->Wait(absl::Now() + kPatience);
  CHECK(exit.ok() && exit->code == 0) << name;
  return {.certificate = Read(file(".pem")), .key = Read(file(".key"))};
}

}  // namespace mentiond
