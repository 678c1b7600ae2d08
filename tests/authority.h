// A certificate authority for a test.

#ifndef MENTIOND_TESTS_AUTHORITY_H_
#define MENTIOND_TESTS_AUTHORITY_H_

#include <string>

#include "tests/temp_directory.h"

namespace mentiond {

// Makes certificates with the openssl program; whatever it cannot do ends the
// test program.
class Authority {
 public:
  // Why there cannot be one here; empty: there can.
  static std::string WhyNot();

  Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  struct Pair {
    std::string certificate;  // PEM, as is the key
    std::string key;
  };
  // For `names`, as openssl writes them: "DNS:localhost", "URI:spiffe://a/b";
  // from now on, for two days. `key` as openssl's -newkey has it: "rsa:2048".
  Pair Issue(const std::string& names, const std::string& key = kEcKey);

  // Its own certificate, in PEM.
  const std::string& certificate() const { return certificate_; }

 private:
  static constexpr char kEcKey[] = "ec";  // P-256

  Pair Make(const std::string& name, const std::string& extensions,
            const std::string& key, bool is_authority);

  const TempDirectory directory_;
  std::string certificate_;
  int issued_ = 0;
};

}  // namespace mentiond

#endif  // MENTIOND_TESTS_AUTHORITY_H_
