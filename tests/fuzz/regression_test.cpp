#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/fuzz/onnx_reader.h"
#include "tests/paths.h"
#include "tests/temporary_folder.h"

namespace offcut::fuzz::regression_test {
namespace {

/// Returns the files below a folder, sorted.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("regression: the fuzzer's earlier findings") {
  for (const auto& file : files_below(source_path("tests/models/onnx/crashers"))) {
    CAPTURE(file.string());
    read_any_model(read_file(file));
  }
}

TEST_CASE("regression: the fuzzer's seeds, intact and damaged") {
  const auto seeds = files_below(test_data_path("fuzz-seeds"));
  CHECK(seeds.size() > 1000);
  for (const auto& file : seeds) {
    CAPTURE(file.string());
    read_any_model(read_file(file));
  }
}

}  // namespace offcut::fuzz::regression_test
