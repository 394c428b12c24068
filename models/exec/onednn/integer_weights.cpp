// Converts constant weights of bytes to what oneDNN multiplies: int8, and zero points apart.

#include "models/exec/onednn/integer_weights.h"

#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>

#include "models/ops/arguments.h"

namespace offcut::exec {
namespace {

constexpr std::int32_t kHalfOfBytes = 128;

/// Returns the elements as numbers, uint8 moved by -128.
std::vector<std::int32_t> centred(const Tensor& tensor) {
  std::vector<std::int32_t> numbers;
  if (tensor.type().type == DataType::uint8) {
    for (const std::uint8_t value : tensor.values<std::uint8_t>()) {
      numbers.push_back(static_cast<std::int32_t>(value) - kHalfOfBytes);
    }
  } else {
    numbers.assign(tensor.values<std::int8_t>().begin(), tensor.values<std::int8_t>().end());
  }
  return numbers;
}

/// Adds a filter of ones along the axis.
Tensor with_ones(const std::vector<std::int32_t>& weights, Shape shape, std::size_t axis) {
  const auto row = static_cast<std::size_t>(ops::extent_between(shape, axis, shape.size()));
  const std::size_t ones = row / static_cast<std::size_t>(shape[axis]);
  ++shape[axis];
  Tensor result(TensorType{DataType::int8, shape});
  const std::span<std::int8_t> to = result.values<std::int8_t>();
  std::fill(to.begin(), to.end(), std::int8_t{1});
  for (std::size_t i = 0; i < weights.size(); ++i) {
    to[i / row * (row + ones) + i % row] = static_cast<std::int8_t>(weights[i]);
  }
  return result;
}

}  // namespace

std::int32_t first_byte(const Tensor& tensor) {
  return tensor.type().type == DataType::uint8
             ? static_cast<std::int32_t>(tensor.values<std::uint8_t>().front())
             : static_cast<std::int32_t>(tensor.values<std::int8_t>().front());
}

std::optional<IntegerWeights> integer_weights(const Program& program, const Operation& operation,
                                              std::size_t axis) {
  constexpr std::size_t kZeroPoint = 3;
  const auto& inputs = operation.inputs;
  const bool given = inputs.size() > kZeroPoint && program.type(inputs[kZeroPoint]) != TensorType{};
  if (!program.is_constant(inputs[1]) || (given && !program.is_constant(inputs[kZeroPoint]))) {
    return std::nullopt;
  }
  const Tensor weights = program.constant(inputs[1]);
  const auto filters = static_cast<std::size_t>(weights.shape()[axis]);
  const bool is_unsigned = weights.type().type == DataType::uint8;
  std::vector<std::int32_t> zeros =
      given ? centred(program.constant(inputs[kZeroPoint]))
            : std::vector<std::int32_t>{is_unsigned ? -kHalfOfBytes : 0};
  if (zeros.size() == 1) {
    zeros.resize(filters, zeros.front());
  }
  if (zeros.size() != filters) {
    return std::nullopt;
  }
  const std::vector<std::int32_t> numbers = centred(weights);
  if (std::any_of(zeros.begin(), zeros.end(), [](std::int32_t zero) { return zero != 0; })) {
    return IntegerWeights{with_ones(numbers, weights.shape(), axis), zeros};
  }
  IntegerWeights result{Tensor(TensorType{DataType::int8, weights.shape()}), {}};
  std::transform(numbers.begin(), numbers.end(), result.values.values<std::int8_t>().begin(),
                 [](std::int32_t number) { return static_cast<std::int8_t>(number); });
  return result;
}

bool sums_of_bytes_are_exact() {
  constexpr unsigned kAvx512Vnni = 0x40;  // The bit of this extension in oneDNN's cpu_isa.
  constexpr unsigned kAvx2Vnni = 0x400;
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & (kAvx512Vnni | kAvx2Vnni)) != 0;
}

bool sums_of_bytes_are_exact(DataType input, const Tensor& weights) {
  constexpr int kMost = 32767 / (2 * 255);  // 64.
  const auto values = weights.values<std::int8_t>();
  return sums_of_bytes_are_exact() ||
         (input == DataType::uint8 && std::all_of(values.begin(), values.end(), [](std::int8_t w) {
            return -kMost <= w && w <= kMost;
          }));
}

}  // namespace offcut::exec
