// Reads the images and labels of IDX files, or draws random inputs of the types and ranges that a
// network accepts.

#include "sim/runtime/dataset.h"

#include "models/base/error.h"
#include "models/base/random.h"
#include "models/dataset/idx.h"
#include "models/graph/random_input.h"

namespace offcut::runtime {
namespace {

std::vector<std::uint8_t> random_image(const Shape& item, RandomStream stream) {
  std::vector<std::uint8_t> image(static_cast<std::size_t>(elements(item)));
  for (std::uint8_t& byte : image) {
    byte = static_cast<std::uint8_t>(stream() >> 56U);
  }
  return image;
}

std::vector<std::uint8_t> random_tensors(const Graph& graph, std::uint64_t seed,
                                         std::uint64_t number) {
  std::vector<std::uint8_t> all;
  for (const TensorId input : graph.inputs()) {
    const std::string stream = "inputs/" + graph.tensor(input).name;
    const Tensor tensor = random_input(graph, input, random_stream(seed, stream, number));
    for (const std::byte byte : tensor.bytes()) {
      all.push_back(std::to_integer<std::uint8_t>(byte));
    }
  }
  return all;
}

}  // namespace

Dataset read_dataset(const std::string& images, const std::string& labels) {
  const Tensor pixels = dataset::read_idx(images);
  Dataset data{.item = Shape(pixels.shape().begin() + 1, pixels.shape().end())};
  if (pixels.size() == 0) {
    throw InputError({images}, "holds no images");
  }
  const std::int64_t count = pixels.shape().front();
  const std::uint8_t* const bytes = pixels.values<std::uint8_t>().data();
  const std::int64_t size = pixels.size() / count;
  for (std::int64_t i = 0; i < count; ++i) {
    data.images.emplace_back(bytes + i * size, bytes + (i + 1) * size);
  }
  if (!labels.empty()) {
    const Tensor classes = dataset::read_idx(labels);
    dataset::check_labels_fit(classes, count, labels);
    const auto values = classes.values<std::uint8_t>();
    data.labels.assign(values.begin(), values.end());
  }
  return data;
}

bool reads_one_image(const Graph& graph) {
  if (graph.inputs().size() != 1) {
    return false;
  }
  const DataType type = graph.tensor(graph.inputs().front()).type.type;
  return type == DataType::float32 || type == DataType::uint8;
}

Dataset random_dataset(const Graph& graph, std::int64_t count, std::uint64_t seed) {
  Dataset data{.tensors = !reads_one_image(graph)};
  if (!data.tensors) {
    data.item = graph.tensor(graph.inputs().front()).type.shape;
  }
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count); ++i) {
    data.images.push_back(data.tensors ? random_tensors(graph, seed, i)
                                       : random_image(data.item, random_stream(seed, "inputs", i)));
  }
  return data;
}

}  // namespace offcut::runtime
