#include "tests/train/digits.h"

#include <zstd.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "tests/paths.h"

namespace offcut::train {
namespace {

/// Returns the bytes of an IDX file after its header.
std::vector<unsigned char> elements_of_idx(const std::string& name, std::size_t header) {
  std::ifstream file(source_path("models/data/digits/" + name), std::ios::binary);
  const std::vector<char> packed{std::istreambuf_iterator<char>(file), {}};
  std::vector<unsigned char> bytes(ZSTD_getFrameContentSize(packed.data(), packed.size()));
  ZSTD_decompress(bytes.data(), bytes.size(), packed.data(), packed.size());
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header));
  return bytes;
}

}  // namespace

Tensor digit_images(std::int64_t first, std::int64_t count) {
  static const auto bytes = elements_of_idx("test-images.idx3-ubyte.zst", 16);
  Tensor images(TensorType{DataType::float32, {count, 1, 28, 28}});
  const auto start = static_cast<std::size_t>(first) * 28 * 28;
  for (std::size_t i = 0; i < images.values<float>().size(); ++i) {
    images.values<float>()[i] = static_cast<float>(bytes[start + i]) / 255;
  }
  return images;
}

Tensor digit_labels(std::int64_t first, std::int64_t count) {
  static const auto bytes = elements_of_idx("test-labels.idx1-ubyte.zst", 8);
  Tensor labels(TensorType{DataType::int64, {count}});
  for (std::size_t i = 0; i < labels.values<std::int64_t>().size(); ++i) {
    labels.values<std::int64_t>()[i] = bytes[static_cast<std::size_t>(first) + i];
  }
  return labels;
}

}  // namespace offcut::train
