#include "client/terminal/console.h"

namespace mentiond::terminal {
namespace {

// Returns to the beginning of the line and erases it.
constexpr std::string_view kErase = "\r\x1b[K";

}  // namespace

absl::Status Console::WriteData(std::string_view lines) {
  SetStatus("");
  return out_.Write(lines);
}

void Console::WriteNote(std::string_view line) {
  SetStatus("");
  err_.Write(std::string(line).append("\n")).IgnoreError();
}

void Console::SetStatus(std::string_view line) {
  if (!redraws_ || line == status_) return;
  // A single write avoids flicker.
  std::string drawn;
  if (!status_.empty()) drawn.append(kErase);
  drawn.append(line);
  status_ = std::string(line);
  err_.Write(drawn).IgnoreError();
}

}  // namespace mentiond::terminal
