// CumSum: y[i] = x[0] + .. + x[i] along the axis that input 1 names; without x[i] itself with
// `exclusive`, from the other end with `reverse`. Real numbers are summed in double.

#include <fmt/format.h>

#include <functional>
#include <stdexcept>

#include "models/ops/binary.h"
#include "models/ops/lines.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_cum_sum(const Call& call) {
  require_inputs(call, 2, 2);
  number_type(call);
  if (call.inputs[1].type != DataType::int64 && call.inputs[1].type != DataType::int32) {
    throw std::invalid_argument(
        fmt::format("the axis is {}, expected int64 or int32", to_text(call.inputs[1].type)));
  }
  call.attributes.integer("exclusive", 0);
  call.attributes.integer("reverse", 0);
  return {call.inputs[0]};
}

std::vector<Tensor> forward_cum_sum(const Call& call, std::span<const Tensor> inputs) {
  const bool exclusive = call.attributes.integer("exclusive", 0) != 0;
  const bool reverse = call.attributes.integer("reverse", 0) != 0;
  const std::size_t axis = axis_in(integer_of(inputs[1]), call.shape(0).size());
  const Lines lines = lines_along(call.shape(0), axis);
  Tensor output(inputs[0].type());
  with_number_type(output.type().type, [&](auto zero) {
    using T = decltype(zero);
    using Sum = std::conditional_t<std::is_integral_v<T>, T, double>;
    const T* const x = inputs[0].values<T>().data();
    T* const y = output.values<T>().data();
    lines.for_each([&](std::int64_t start) {
      Sum sum = 0;
      for (std::int64_t i = 0; i < lines.extent; ++i) {
        const std::int64_t place = start + (reverse ? lines.extent - 1 - i : i) * lines.step;
        const Sum next = wrapping(sum, static_cast<Sum>(x[place]), std::plus<>());
        y[place] = static_cast<T>(exclusive ? sum : next);
        sum = next;
      }
    });
  });
  return {output};
}

}  // namespace

void register_cum_sum(Registry<Operator>& registry) {
  registry.add({.name = "CumSum",
                .doc = "running sums along an axis",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_cum_sum,
                .macs = no_macs,
                .forward = forward_cum_sum});
}

}  // namespace offcut::ops
