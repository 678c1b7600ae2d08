// Formats times relative to the present, for people.

#ifndef MENTIOND_CLIENT_TERMINAL_RELATIVE_TIME_H_
#define MENTIOND_CLIENT_TERMINAL_RELATIVE_TIME_H_

#include <string>

#include "absl/time/time.h"

namespace mentiond::terminal {

// "just now", "12 s ago", "3 min ago", "5 h ago", "1 day ago", "8 months ago",
// "2 years ago"; times in the future are "in 3 min". Always rounded down. To
// allow for clock skew, up to ten seconds in the future is "just now".
std::string RelativeTime(absl::Time then, absl::Time now);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_RELATIVE_TIME_H_
