#include "lib/http/http.h"

#include "absl/strings/cord.h"
#include "absl/strings/match.h"

#include "lib/base/strings.h"

namespace mentiond {
namespace {

constexpr char kWithoutConnection[] = "mentiond/without-connection";

}  // namespace

std::optional<std::string_view> HttpHeaders::Get(std::string_view name) const {
  for (const auto& [field, value] : *this) {
    if (absl::EqualsIgnoreCase(ToAbsl(field), ToAbsl(name))) return value;
  }
  return std::nullopt;
}

absl::Status WithoutConnection(absl::Status status) {
  status.SetPayload(kWithoutConnection, absl::Cord());
  return status;
}

bool IsWithoutConnection(const absl::Status& status) {
  return status.GetPayload(kWithoutConnection).has_value();
}

HttpHeaders::Field HttpHeaders::At(size_t i) const {
  const std::string_view text = text_;
  const size_t begin = i == 0 ? 0 : ends_[i - 1].value;
  const auto [name, value] = ends_[i];
  return {text.substr(begin, name - begin), text.substr(name, value - name)};
}

}  // namespace mentiond
