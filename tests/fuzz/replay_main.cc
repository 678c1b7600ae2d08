// Gives a fuzz target each seed in a folder: replay FOLDER. It stands in for
// libFuzzer's main, so that every compiler and every run of the tests tries
// what fuzzing has found worth keeping.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

// libFuzzer gave it its name.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  std::vector<std::filesystem::path> seeds;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(argv[1], error), end;
       !error && entry != end; entry.increment(error)) {
    if (entry->is_regular_file()) seeds.push_back(entry->path());
  }
  if (error || seeds.empty()) {
    std::fprintf(stderr, "no seeds in %s: %s\n", argv[1],
                 error ? error.message().c_str() : "it is empty");
    return 1;
  }
  std::sort(seeds.begin(), seeds.end());
  // The last line tells which seed the target died of.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  for (const std::filesystem::path& seed : seeds) {
    std::printf("%s\n", seed.filename().c_str());
    std::ifstream file(seed, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", seed.c_str());
      return 1;
    }
    // A copy of its very size: a read past its end is then one past a block on
    // the heap, which AddressSanitizer sees.
    const std::vector<uint8_t> bytes(text.begin(), text.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("%zu seeds replayed\n", seeds.size());
  return 0;
}
