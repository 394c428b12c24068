// Gives inputs constant values, so that control flow and shapes that depend on them are known when
// the file is read. The input leaves the graph's inputs and becomes an initialiser of its type and
// shape, with the value for every element.
#include "models/onnx/fix.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/base/error.h"
#include "models/onnx/bind.h"
#include "models/onnx/tensors.h"

namespace offcut::onnx {
namespace {

/// Inputs that decide over a graph are small.
constexpr std::int64_t kMostFixedElements = 1'000'000;

template <class T>
void fill_with(Tensor& tensor, double value) {
  const auto values = tensor.values<T>();
  std::fill(values.begin(), values.end(), static_cast<T>(value));
}

bool fits_integer(double value, double least, double most) {
  return value == std::nearbyint(value) && value >= least && value <= most;
}

/// Returns whether the type holds the value. A real number may be rounded.
bool holds(DataType type, double value) {
  switch (type) {
    case DataType::boolean:
      return value == 0 || value == 1;
    case DataType::uint8:
      return fits_integer(value, 0, 0xFF);
    case DataType::int8:
      return fits_integer(value, -0x80, 0x7F);
    case DataType::int32:
      return fits_integer(value, -0x1p31, 0x1p31 - 1);
    case DataType::int64:
      return fits_integer(value, -0x1p53, 0x1p53);
    default:
      return std::isfinite(value);
  }
}

void fill_all(Tensor& tensor, double value) {
  switch (tensor.type().type) {
    case DataType::float32:
      return fill_with<float>(tensor, value);
    case DataType::float64:
      return fill_with<double>(tensor, value);
    case DataType::uint8:
      return fill_with<std::uint8_t>(tensor, value);
    case DataType::int8:
      return fill_with<std::int8_t>(tensor, value);
    case DataType::int32:
      return fill_with<std::int32_t>(tensor, value);
    case DataType::int64:
      return fill_with<std::int64_t>(tensor, value);
    case DataType::boolean:
      return fill_with<bool>(tensor, value);
    default:
      throw std::invalid_argument("its element type can't be fixed");
  }
}

/// Returns the error, or an empty text.
std::string fix_input(::onnx::GraphProto& graph, int index, double value) {
  const std::string name = graph.input(index).name();
  try {
    const TensorType type = input_type(graph.input(index));
    if (elements(type.shape) > kMostFixedElements) {
      throw std::invalid_argument(fmt::format("{} is too large to be fixed", to_text(type)));
    }
    if (!holds(type.type, value)) {
      throw std::invalid_argument(
          fmt::format("can't be {}, since it is {}", value, to_text(type.type)));
    }
    Tensor tensor(type);
    fill_all(tensor, value);
    ::onnx::TensorProto& initialiser = *graph.add_initializer();
    initialiser.set_name(name);
    encode(tensor, initialiser);
    graph.mutable_input()->DeleteSubrange(index, 1);
    return "";
  } catch (const std::invalid_argument& error) {
    return fmt::format("input '{}' to fix: {}", name, error.what());
  }
}

}  // namespace

std::vector<std::string> fix_inputs(::onnx::GraphProto& graph, const ImportOptions& options) {
  std::vector<std::string> errors;
  std::vector<std::string> names;
  for (const ::onnx::ValueInfoProto* input : real_inputs(graph)) {
    names.push_back(input->name());
  }
  for (const auto& [name, value] : options.fix) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      errors.push_back(
          fmt::format("there is no input '{}' to fix{}", name, suggestion(name, names)));
      continue;
    }
    const auto& inputs = graph.input();
    const auto found = std::find_if(inputs.begin(), inputs.end(),
                                    [&](const auto& input) { return input.name() == name; });
    if (std::string error = fix_input(graph, static_cast<int>(found - inputs.begin()), value);
        !error.empty()) {
      errors.push_back(std::move(error));
    }
  }
  return errors;
}

}  // namespace offcut::onnx
