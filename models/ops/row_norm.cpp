// Normalisation over the last axis, alone and of a sum. The skip tensor may lack the batch axis, or
// have it with extent 1, and is repeated then.

#include "models/ops/row_norm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

constexpr float kSkipEpsilon = 1e-12F;  // The operators' own default.

/// Returns whether `skip` is `shape`, or `shape` without its first axis, which may be 1.
bool is_repeated_over(const Shape& skip, const Shape& shape) {
  Shape rest(shape.begin() + (shape.size() > 2 ? 1 : 0), shape.end());
  Shape one = rest;
  one.insert(one.begin(), 1);
  return skip == shape || (shape.size() > 2 && (skip == rest || skip == one));
}

}  // namespace

RowMoments normalize_row(std::span<const float> x, const RowNorm& norm, std::span<float> y) {
  const auto count = static_cast<double>(x.size());
  double sum = 0;
  for (const float value : x) {
    sum += value;
  }
  const double mean = norm.centred ? sum / count : 0;
  double squares = 0;
  for (const float value : x) {
    squares += (value - mean) * (value - mean);
  }
  const double inverse = 1 / std::sqrt(squares / count + norm.epsilon);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double normalized = (x[i] - mean) * inverse * norm.scale[i];
    y[i] = static_cast<float>(norm.shift.empty() ? normalized : normalized + norm.shift[i]);
  }
  return {static_cast<float>(mean), static_cast<float>(inverse)};
}

void require_rows(const Call& call, const Shape& shape, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i) {
    if (call.has(i) && float_shape(call, i) != Shape{shape.back()}) {
      throw std::invalid_argument(fmt::format("input {} is {}, expected float32 {}", i,
                                              to_text(call.inputs[i]), shape.back()));
    }
  }
}

std::vector<TensorType> infer_skip_norm(const Call& call, const SkipNormInputs& at) {
  require_inputs(call, at.scale + 1, at.bias + 1);
  const Shape& x = float_shape(call, 0);
  if (x.size() < 2) {
    throw std::invalid_argument(fmt::format("input {} has no rows", to_text(x)));
  }
  if (!is_repeated_over(float_shape(call, 1), x)) {
    throw std::invalid_argument(
        fmt::format("skip {} does not fit {}", to_text(call.shape(1)), to_text(x)));
  }
  require_rows(call, x, at.scale, at.bias + 1);
  call.attributes.number("epsilon", 0);
  Shape rows = x;
  rows.back() = 1;
  const TensorType moments = output_type(DataType::float32, rows);
  return {call.inputs[0], moments, moments, call.inputs[0]};
}

std::vector<Tensor> forward_skip_norm(const Call& call, std::span<const Tensor> inputs,
                                      const SkipNormInputs& at) {
  std::vector<Tensor> outputs;
  for (const TensorType& type : infer_skip_norm(call, at)) {
    outputs.emplace_back(type);
  }
  const auto x = inputs[0].values<float>();
  const auto skip = inputs[1].values<float>();
  const auto sums = outputs[3].values<float>();
  const auto length = static_cast<std::size_t>(call.shape(0).back());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] = x[i] + skip[i % skip.size()];
    sums[i] += call.has(at.bias) ? inputs[at.bias].values<float>()[i % length] : 0;
  }
  RowNorm norm{.scale = inputs[at.scale].values<float>(),
               .shift = {},
               .epsilon = call.attributes.number("epsilon", kSkipEpsilon),
               .centred = at.shift.has_value()};
  if (at.shift && call.has(*at.shift)) {
    norm.shift = inputs[*at.shift].values<float>();
  }
  for (std::size_t row = 0; row * length < sums.size(); ++row) {
    const RowMoments moments =
        normalize_row(sums.subspan(row * length, length), norm,
                      outputs[0].values<float>().subspan(row * length, length));
    outputs[1].values<float>()[row] = moments.mean;
    outputs[2].values<float>()[row] = moments.inverse_deviation;
  }
  return outputs;
}

}  // namespace offcut::ops
