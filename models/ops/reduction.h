#pragma once

#include "models/ops/convert.h"
#include "models/ops/element_types.h"
#include "models/ops/operator.h"
#include "models/ops/walk.h"

namespace offcut::ops {

/// Returns the axes that a Reduce operator reduces: the attribute `axes` up to opset first_opset -
/// 1, a constant input from then on. Without it these are all axes, or none with
/// noop_with_empty_axes.
std::vector<bool> reduced_axes(const Call& call, int first_opset);

/// Returns the input's shape with extent 1 in the place of each reduced axis.
Shape kept_shape(const Shape& x, const std::vector<bool>& reduced);

/// The output type of a Reduce operator. `allow_empty` says whether it can reduce zero elements.
std::vector<TensorType> infer_reduction(const Call& call, int first_opset, bool allow_empty);

/// Reduces to kept_shape(), in the input's order. Reduction has a type Value, a Value `kStart` to
/// reduce into, `merge(Value, T)` and `finish(Value, count of elements)`.
template <class Reduction, class T>
Tensor reduced(const Tensor& input, const std::vector<bool>& axes) {
  const Shape& x = input.shape();
  Tensor output(TensorType{input.type().type, kept_shape(x, axes)});
  const auto in_steps = row_major_steps(x);
  const auto out_steps = row_major_steps(output.shape());
  std::vector<WalkAxis<2>> both;
  std::int64_t count = 1;
  for (std::size_t i = 0; i < x.size(); ++i) {
    both.push_back({x[i], {in_steps[i], axes[i] ? 0 : out_steps[i]}});
    count *= axes[i] ? x[i] : 1;
  }
  using Value = typename Reduction::Value;
  std::vector<Value> values(static_cast<std::size_t>(output.size()), Value{Reduction::kStart});
  const Walk<2> walk(both);
  const T* const from = input.values<T>().data();
  walk.for_each_run([&](const Walk<2>::Offsets& offsets, std::int64_t length) {
    const T* const run = from + offsets[0];
    Value* const to = values.data() + offsets[1];
    for (std::int64_t i = 0; i < length; ++i) {
      Value& value = to[i * walk.step()[1]];
      value = Reduction::merge(value, run[i]);
    }
  });
  const auto to = output.template values<T>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    to[i] = Reduction::finish(values[i], count);
  }
  return output;
}

/// The whole forward function of a Reduce operator on T.
template <class Reduction, class T>
std::vector<Tensor> forward_reduction_of(const Call& call, const Tensor& input, int first_opset) {
  const Tensor kept = reduced<Reduction, T>(input, reduced_axes(call, first_opset));
  return {kept.reshaped(infer_reduction(call, first_opset, true).front().shape)};
}

/// From this opset on the axes are an input: ReduceSum's are from 13, the others' from 18 on.
inline constexpr int kAxesAlwaysAttribute = 18;

/// Forward function of Reduce operators that only accept float32.
template <class Reduction>
std::vector<Tensor> forward_float_reduction(const Call& call, std::span<const Tensor> inputs) {
  return forward_reduction_of<Reduction, float>(call, inputs[0], kAxesAlwaysAttribute);
}
std::vector<TensorType> infer_float_reduction(const Call& call);

/// Forward function of Reduce operators of any numeric type. REQUIRES: templates with different
/// names, although each is in an unnamed namespace: GCC 12 gives the lambdas below external
/// linkage, and the linker would merge those of equal names.
template <template <class> class Reduction>
std::vector<Tensor> forward_number_reduction(const Call& call, const Tensor& input,
                                             int first_opset) {
  return with_number_type(input.type().type, [&](auto zero) {
    using T = decltype(zero);
    return forward_reduction_of<Reduction<T>, T>(call, input, first_opset);
  });
}

/// The output type of ReduceMax and ReduceMin, which from opset 20 on also reduce bools.
std::vector<TensorType> infer_extreme(const Call& call);

/// Forward function of the same. REQUIRES: as forward_number_reduction().
template <template <class> class Reduction>
std::vector<Tensor> forward_extreme(const Call& call, const Tensor& input) {
  if (input.type().type != DataType::boolean) {
    return forward_number_reduction<Reduction>(call, input, kAxesAlwaysAttribute);
  }
  using Bit = std::uint8_t;
  const Tensor kept = reduced<Reduction<Bit>, Bit>(convert(input, DataType::uint8),
                                                   reduced_axes(call, kAxesAlwaysAttribute));
  return {convert(kept, DataType::boolean).reshaped(infer_extreme(call).front().shape)};
}

}  // namespace offcut::ops
