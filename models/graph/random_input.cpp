// Random inputs for networks without data. Values must be valid for the layers that read them:
// integers that index a table are drawn below the number of its rows, which the graph tells.
#include "models/graph/random_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/random/uniform_int_distribution.hpp>
#include <stdexcept>

namespace offcut {
namespace {

/// Returns whether the layer passes its numbers on unchanged.
bool keeps_numbers(const Layer& layer) {
  constexpr std::array<std::string_view, 6> kOperators = {"Cast",    "Flatten", "Identity",
                                                          "Reshape", "Squeeze", "Unsqueeze"};
  return std::find(kOperators.begin(), kOperators.end(), layer.op_name) != kOperators.end();
}

/// Returns the number of rows of a Gather layer's table; 0 if the table does not have its axis.
std::int64_t rows_of(const Graph& graph, const Layer& gather) {
  const Shape& table = graph.tensor(gather.inputs[0]).type.shape;
  const std::int64_t axis = gather.attributes.integer("axis", 0);
  const auto rank = static_cast<std::int64_t>(table.size());
  const std::int64_t index = axis < 0 ? axis + rank : axis;
  return index < 0 || index >= rank ? 0 : table[static_cast<std::size_t>(index)];
}

void draw_rows(const Graph& graph, TensorId input, RandomStream& stream, auto values) {
  const std::int64_t rows = rows_read_by(graph, input);
  boost::random::uniform_int_distribution<std::int64_t> row(0, std::max<std::int64_t>(0, rows - 1));
  for (auto& value : values) {
    value = static_cast<std::remove_reference_t<decltype(value)>>(rows == 0 ? 1 : row(stream));
  }
}

}  // namespace

std::int64_t rows_read_by(const Graph& graph, TensorId input) {
  std::int64_t least = 0;
  const auto update = [&](std::int64_t rows) {
    least = rows > 0 && (least == 0 || rows < least) ? rows : least;
  };
  for (const LayerId id : graph.tensor(input).consumers) {
    const Layer& layer = graph.layer(id);
    if (layer.op_name == "Gather" && layer.inputs.size() > 1 && layer.inputs[1] == input) {
      update(rows_of(graph, layer));
    } else if (keeps_numbers(layer) && layer.inputs.front() == input) {
      update(rows_read_by(graph, layer.outputs.front()));
    }
  }
  return least;
}

Tensor random_input(const Graph& graph, TensorId input, RandomStream stream) {
  constexpr float kMostOfAByte = 255;
  const TensorNode& node = graph.tensor(input);
  Tensor tensor(node.type);
  switch (node.type.type) {
    case DataType::float32:
      for (float& value : tensor.values<float>()) {
        value = static_cast<float>(stream() >> 56U) / kMostOfAByte;
      }
      return tensor;
    case DataType::uint8:
      for (std::uint8_t& value : tensor.values<std::uint8_t>()) {
        value = static_cast<std::uint8_t>(stream() >> 56U);
      }
      return tensor;
    case DataType::int64:
      draw_rows(graph, input, stream, tensor.values<std::int64_t>());
      return tensor;
    case DataType::int32:
      draw_rows(graph, input, stream, tensor.values<std::int32_t>());
      return tensor;
    default:
      throw std::invalid_argument(fmt::format(
          "input '{}' is {}; only inputs of type float32, uint8, int64 and int32 can be "
          "drawn",
          node.name, to_text(node.type)));
  }
}

}  // namespace offcut
