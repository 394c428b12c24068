// Gradients of operators that move elements. Running the operator on the numbers 1, 2, 3, ... of
// its input's elements gives for each output element the one that it is a copy of; 0 is the fill
// value of Pad and the like, which is replaced by 0.

#include "models/train/moved.h"

#include <fmt/format.h>

#include <numeric>
#include <stdexcept>

#include "models/ops/convert.h"
#include "models/ops/invoke.h"
#include "models/train/floats.h"

namespace offcut::train {
namespace {

/// Returns the call's attributes without a fill value.
Attributes without_fill(const Attributes& attributes) {
  Attributes copy;
  for (const auto& [name, value] : attributes) {
    if (name != "value") {
      copy.set(name, value);
    }
  }
  return copy;
}

Tensor sources(const Backward& b) {
  std::vector<TensorType> types(b.call.inputs.begin(), b.call.inputs.end());
  std::vector<const Parameter*> known(b.call.known.begin(), b.call.known.end());
  std::vector<Tensor> inputs(b.inputs.begin(), b.inputs.end());
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i].type != b.type()) {
      continue;
    }
    types[i].type = DataType::int64;
    known[i] = nullptr;  // Shapes depend on integers alone.
    inputs[i] = Tensor(types[i]);
  }
  const auto numbers = inputs[0].values<std::int64_t>();
  std::iota(numbers.begin(), numbers.end(), 1);
  const Attributes attributes = without_fill(b.call.attributes);
  return ops::run_operator(b.op, {attributes, b.call.opset, types, known, 1}, inputs).front();
}

/// Returns the same for an operator on float32.
Tensor float_sources(const Backward& b) {
  constexpr std::int64_t kMostExact = std::int64_t{1} << 24U;
  std::vector<TensorType> types(b.call.inputs.begin(), b.call.inputs.end());
  std::vector<Tensor> inputs(b.inputs.begin(), b.inputs.end());
  types[0].type = DataType::float32;
  inputs[0] = Tensor(types[0]);
  if (inputs[0].size() > kMostExact) {
    throw std::invalid_argument(
        fmt::format("there is no gradient for more than {} elements", kMostExact));
  }
  const auto numbers = inputs[0].values<float>();
  std::iota(numbers.begin(), numbers.end(), 1.0F);
  return ops::convert(
      ops::run_operator(b.op, {b.call.attributes, b.call.opset, types, b.call.known, 1}, inputs)
          .front(),
      DataType::int64);
}

std::vector<Tensor> added_to_sources(const Backward& b, const Tensor& from) {
  std::vector<Tensor> all(b.inputs.size());
  all[0] = Tensor(TensorType{b.type(), b.call.shape(0)});
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    const T* const dy = elements_of<T>(b.slopes[0]);
    T* const dx = elements_of<T>(all[0]);
    const std::int64_t* const number = from.values<std::int64_t>().data();
    for (std::int64_t i = 0; i < from.size(); ++i) {
      if (number[i] != 0) {
        dx[number[i] - 1] += dy[i];
      }
    }
  });
  return all;
}

}  // namespace

std::vector<Tensor> moved_backward(const Backward& b) { return added_to_sources(b, sources(b)); }

std::vector<Tensor> float_moved_backward(const Backward& b) {
  return added_to_sources(b, float_sources(b));
}

std::vector<Tensor> reshaped_backward(const Backward& b) {
  std::vector<Tensor> all(b.inputs.size());
  all[0] = b.slopes[0].reshaped(b.call.shape(0));
  return all;
}

}  // namespace offcut::train
