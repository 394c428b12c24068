// Random inputs for networks without data. Values must be valid for the layers that read them:
// integers that index a table are drawn below the number of its rows, which the graph tells.
#include "models/graph/random_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
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

/// Returns byte / 256 as binary16: exponents from -8 to -1, and a fraction that is always exact.
Float16 float16_of_byte(unsigned byte) {
  if (byte == 0) {
    return Float16{0};
  }
  constexpr int kBias = 15;
  constexpr int kFractionBits = 10;
  const int top = static_cast<int>(std::bit_width(byte)) - 1;  // The power of two of the leading 1.
  const unsigned fraction = (byte << static_cast<unsigned>(kFractionBits - top)) & 0x3ffU;
  return static_cast<Float16>((static_cast<unsigned>(top - 8 + kBias) << kFractionBits) | fraction);
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
    case DataType::float64:
      for (double& value : tensor.values<double>()) {
        value = static_cast<double>(stream() >> 56U) / kMostOfAByte;
      }
      return tensor;
    case DataType::bfloat16:
      for (BFloat16& value : tensor.values<BFloat16>()) {
        // The upper half of a float32. Cutting its lower half off rounds towards zero.
        const float drawn = static_cast<float>(stream() >> 56U) / kMostOfAByte;
        value = static_cast<BFloat16>(std::bit_cast<std::uint32_t>(drawn) >> 16U);
      }
      return tensor;
    case DataType::float16:
      for (Float16& value : tensor.values<Float16>()) {
        value = float16_of_byte(static_cast<unsigned>(stream() >> 56U));
      }
      return tensor;
    default:
      throw std::invalid_argument(fmt::format(
          "input '{}' is {}; only inputs of floats, uint8, int64 and int32 can be drawn", node.name,
          to_text(node.type)));
  }
}

}  // namespace offcut
