#include "tests/fake_github/gzip.h"

#include <zlib.h>

#include <array>
#include <cstdint>
#include <memory>

#include "absl/strings/str_cat.h"

namespace mentiond::fake_github {
namespace {

// zlib: 15 bits of window, and 16 more for gzip's frame.
constexpr int kGzipWindowBits = 15 + 16;

absl::Status AtLine(const absl::Status& status, const std::string& path,
                    int64_t line) {
  return {status.code(),
          absl::StrCat(path, ", line ", line, ": ", status.message())};
}

}  // namespace

std::string Gzip(std::string_view text) {
  z_stream stream = {};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindowBits,
                   /*memLevel=*/8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return "";
  }
  std::string packed(deflateBound(&stream, text.size()), '\0');
  // zlib's interface is not const-correct; it only reads.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

absl::Status ForEachGzippedLine(
    const std::string& path,
    const std::function<absl::Status(std::string_view)>& line) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(
      gzopen(path.c_str(), "rb"), gzclose);
  if (file == nullptr) {
    return absl::NotFoundError(absl::StrCat("cannot open ", path));
  }
  std::string rest;
  int64_t number = 0;
  const auto take = [&](std::string_view text) -> absl::Status {
    ++number;
    if (text.empty()) return absl::OkStatus();
    absl::Status status = line(text);
    return status.ok() ? status : AtLine(status, path, number);
  };
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const int size = gzread(file.get(), buffer.data(), buffer.size());
    if (size < 0) {
      return absl::DataLossError(absl::StrCat("cannot unpack ", path));
    }
    if (size == 0) break;
    rest.append(buffer.data(), static_cast<size_t>(size));
    size_t start = 0;
    for (size_t end; (end = rest.find('\n', start)) != std::string::npos;
         start = end + 1) {
      absl::Status status =
          take(std::string_view(rest).substr(start, end - start));
      if (!status.ok()) return status;
    }
    rest.erase(0, start);
  }
  // The end of a cut-off file would look like the end of its text.
  if (int error = Z_OK; gzerror(file.get(), &error), error == Z_BUF_ERROR) {
    return absl::DataLossError(absl::StrCat(path, " ends too early"));
  }
  return rest.empty() ? absl::OkStatus() : take(rest);
}

}  // namespace mentiond::fake_github
