// TopK: the k greatest (or smallest) elements along `axis`, in order, and their indices, as int64.
// Of equal elements the first comes first; NaN counts as the greatest. k is an attribute up to
// opset 9 and a constant input from 10 on.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "models/ops/binary.h"
#include "models/ops/lines.h"

namespace offcut::ops {
namespace {

bool wants_largest(const Call& call) {
  return call.opset < 11 || call.attributes.integer("largest", 1) != 0;
}

std::vector<TensorType> infer_top_k(const Call& call) {
  require_inputs(call, call.opset < 10 ? 1 : 2, call.opset < 10 ? 1 : 2);
  const DataType type = number_type(call);
  Shape shape = call.shape(0);
  std::int64_t& extent = shape[axis_argument(call, -1)];
  const std::int64_t k =
      call.opset < 10 ? call.attributes.integer("k", -1) : known_integer(call, 1);
  if (k < 0 || k > extent) {
    throw std::invalid_argument(fmt::format("k is {}, expected 0 to {}", k, extent));
  }
  extent = k;
  wants_largest(call);
  return {{type, shape}, {DataType::int64, shape}};
}

/// Returns whether a comes before b.
template <class T>
bool precedes(T a, T b, bool largest) {
  if (a != a || b != b) {
    return largest ? a != a && b == b : a == a && b != b;
  }
  return largest ? a > b : a < b;
}

template <class T>
void choose_top_k(const Call& call, const Tensor& input, std::vector<Tensor>& outputs) {
  const std::size_t axis = axis_argument(call, -1);
  const bool largest = wants_largest(call);
  const Lines lines = lines_along(input.shape(), axis);
  const std::int64_t k = outputs[0].shape()[axis];
  const T* const x = input.values<T>().data();
  T* const values = outputs[0].values<T>().data();
  std::int64_t* const indices = outputs[1].values<std::int64_t>().data();
  std::vector<std::int64_t> order(static_cast<std::size_t>(lines.extent));
  lines.for_each([&](std::int64_t start) {
    std::iota(order.begin(), order.end(), 0);
    const auto before = [&](std::int64_t a, std::int64_t b) {
      const T first = x[start + a * lines.step];
      const T second = x[start + b * lines.step];
      return precedes(first, second, largest) || (!precedes(second, first, largest) && a < b);
    };
    std::partial_sort(order.begin(), order.begin() + k, order.end(), before);
    const std::int64_t to =
        start / (lines.extent * lines.step) * (k * lines.step) + start % lines.step;
    for (std::int64_t i = 0; i < k; ++i) {
      const std::int64_t place = order[static_cast<std::size_t>(i)];
      values[to + i * lines.step] = x[start + place * lines.step];
      indices[to + i * lines.step] = place;
    }
  });
}

std::vector<Tensor> forward_top_k(const Call& call, std::span<const Tensor> inputs) {
  std::vector<Tensor> outputs;
  for (const TensorType& type : infer_top_k(call)) {
    outputs.emplace_back(type);
  }
  with_number_type(inputs[0].type().type,
                   [&](auto zero) { choose_top_k<decltype(zero)>(call, inputs[0], outputs); });
  return outputs;
}

}  // namespace

void register_top_k(Registry<Operator>& registry) {
  registry.add({.name = "TopK",
                .doc = "the k greatest elements along an axis, and their indices",
                .kind = always<LayerKind::pooling>,
                .infer = infer_top_k,
                .macs = no_macs,
                .forward = forward_top_k});
}

}  // namespace offcut::ops
