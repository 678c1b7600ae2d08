// GET /streams and /config, GET and POST /loglevel: for operators, not for the
// network nor for web pages.

#ifndef MENTIOND_SERVER_ADMIN_SERVER_H_
#define MENTIOND_SERVER_ADMIN_SERVER_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "lib/base/clock.h"
#include "lib/stream/registry.h"
#include "server/http_listener.h"

namespace mentiond {

// `registry` and `clock` outlive the listener. `settings`: every option and its
// value, none of them secret. Errors are HttpListener::Start's.
absl::StatusOr<std::unique_ptr<HttpListener>> StartAdminServer(
    const std::string& listen, const StreamRegistry& registry,
    const Clock& clock, std::map<std::string, std::string> settings);

}  // namespace mentiond

#endif  // MENTIOND_SERVER_ADMIN_SERVER_H_
