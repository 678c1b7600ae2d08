#include "lib/http/http.h"

#include "absl/strings/match.h"

#include "lib/base/strings.h"

namespace mentiond {

std::optional<std::string_view> HttpHeaders::Get(std::string_view name) const {
  for (const auto& [field, value] : *this) {
    if (absl::EqualsIgnoreCase(ToAbsl(field), ToAbsl(name))) return value;
  }
  return std::nullopt;
}

HttpHeaders::Field HttpHeaders::At(size_t i) const {
  const std::string_view text = text_;
  const size_t begin = i == 0 ? 0 : ends_[i - 1].value;
  const auto [name, value] = ends_[i];
  return {text.substr(begin, name - begin), text.substr(name, value - name)};
}

}  // namespace mentiond
