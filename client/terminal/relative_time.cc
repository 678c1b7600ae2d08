#include "client/terminal/relative_time.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace mentiond::terminal {
namespace {

std::string Count(int64_t count, const char* one, const char* many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

std::string Amount(absl::Duration span) {
  const int64_t seconds = absl::ToInt64Seconds(span);
  const int64_t minutes = seconds / 60;
  const int64_t hours = minutes / 60;
  const int64_t days = hours / 24;
  if (minutes == 0) return absl::StrCat(seconds, " s");
  if (hours == 0) return absl::StrCat(minutes, " min");
  if (days == 0) return absl::StrCat(hours, " h");
  if (days < 31) return Count(days, "day", "days");
  // Mean lengths in the Gregorian calendar: 30.44 and 365.25 days.
  if (days < 365) return Count(days * 100 / 3044, "month", "months");
  return Count(std::max<int64_t>(days * 100 / 36525, 1), "year", "years");
}

}  // namespace

std::string RelativeTime(absl::Time then, absl::Time now) {
  const absl::Duration age = now - then;
  if (age < -absl::Seconds(10)) return absl::StrCat("in ", Amount(-age));
  if (age < absl::Seconds(2)) return "just now";
  return absl::StrCat(Amount(age), " ago");
}

}  // namespace mentiond::terminal
