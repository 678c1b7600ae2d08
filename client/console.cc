#include "client/console.h"

namespace mentiond {
namespace {

// To the line's beginning, and erase to its end.
constexpr std::string_view kErase = "\r\x1b[K";

}  // namespace

void Console::Erase() {
  if (!status_.empty()) err_.Write(kErase).IgnoreError();
}

void Console::Draw() {
  if (!status_.empty()) err_.Write(status_).IgnoreError();
}

absl::Status Console::Data(std::string_view lines) {
  Erase();
  absl::Status status = out_.Write(lines);
  Draw();
  return status;
}

void Console::Note(std::string_view line) {
  Erase();
  err_.Write(std::string(line).append("\n")).IgnoreError();
  Draw();
}

void Console::SetStatus(std::string_view line) {
  if (!redraws_ || line == status_) return;
  // In one write, so that nothing flickers.
  std::string drawn;
  if (!status_.empty()) drawn.append(kErase);
  drawn.append(line);
  status_ = std::string(line);
  err_.Write(drawn).IgnoreError();
}

}  // namespace mentiond
