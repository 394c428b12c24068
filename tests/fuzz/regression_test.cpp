#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "sim/runtime/transport/frame.h"
#include "tests/fuzz/frame_reader.h"
#include "tests/fuzz/infer_request.h"
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

TEST_CASE("regression: frames of other tiers, earlier findings") {
  for (const auto& file : files_below(source_path("tests/sim/runtime/transport/crashers"))) {
    CAPTURE(file.string());
    read_any_frames(read_file(file));
  }
}

TEST_CASE("regression: frames of other tiers, intact and damaged") {
  runtime::Message message{.kind = runtime::MessageKind::answer, .text = "text"};
  message.times.resize(2);
  const std::vector<std::int8_t> values = {1, 2, 3};
  message.tensors.push_back({.name = "x", .values = Tensor({3}, std::span(values))});
  message.tensors.push_back({.name = "absent"});
  const std::vector<std::byte> fields = runtime::encode_fields(message);
  const std::string intact(reinterpret_cast<const char*>(fields.data()), fields.size());
  constexpr std::string_view kFieldsOfThree("\2\7\2\3\0", 5);  // See frame_reader.cpp.
  read_any_frames(std::string(kFieldsOfThree) + intact);
  for (std::size_t place = 0; place < intact.size(); ++place) {
    for (int value = 0; value < 256; ++value) {
      std::string damaged = intact;
      damaged[place] = static_cast<char>(value);
      read_any_frames(std::string(kFieldsOfThree) + damaged);
      read_any_frames(std::string(kFieldsOfThree) + damaged.substr(place));
    }
  }
}

TEST_CASE("regression: inference requests, intact and damaged") {
  const std::string intact =
      R"({"id":"1","inputs":[{"name":"a","datatype":"FP32","shape":[2,1],"data":[[1.5e0],[-2]]},)"
      R"({"shape":[2],"data":[0,1],"name":"e","datatype":"INT32"},)"
      R"({"name":"b","datatype":"FP64","shape":[2],"parameters":{"binary_data_size":16}}],)"
      R"("outputs":[{"name":"a"}]})";
  std::string head(3, '\1');
  head[1] = static_cast<char>(intact.size() % 256);
  head[2] = static_cast<char>(intact.size() / 256);
  const std::string bytes = intact + std::string(16, '\1');
  read_any_request(head + bytes);
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    for (const char value : std::string("\0\"\\,:[]{}09-eNtf\x7f\xff", 19)) {
      std::string damaged = bytes;
      damaged[place] = value;
      read_any_request(head + damaged);
    }
    read_any_request(head + bytes.substr(place));
  }
}

}  // namespace offcut::fuzz::regression_test
