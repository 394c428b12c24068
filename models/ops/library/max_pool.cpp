// MaxPool: the greatest element of each window; padding never wins. A NaN in the window wins. The
// second output is the index of each in the whole input: of equal elements the first in the order
// of rows, counted by rows or, with storage_order = 1, with the spatial axes in reverse order.

#include <limits>

#include "models/ops/binary.h"
#include "models/ops/pooling.h"

namespace offcut::ops {
namespace {

template <class T>
struct MaxPoolGreatest {
  using Element = T;
  using Value = T;
  static constexpr Value kStart = std::numeric_limits<T>::has_infinity
                                      ? -std::numeric_limits<T>::infinity()
                                      : std::numeric_limits<T>::min();
  static Value merge(Value a, Value b) {
    const Value greater = b > a ? b : a;
    return b != b ? b : greater;
  }
  static T finish(Value value, double) { return value; }
};

std::vector<TensorType> infer_max_pool(const Call& call) {
  call.shape(0);
  number_type(call);
  const TensorType type = pooled_type(call);
  call.attributes.integer("storage_order", 0);
  return call.outputs < 2 ? std::vector<TensorType>{type}
                          : std::vector<TensorType>{type, {DataType::int64, type.shape}};
}

/// Returns the place of a window's greatest element in its plane, as depth, row and column.
template <class T>
std::array<std::int64_t, 3> place_of_greatest(const Pooling& p, const T* x,
                                              const std::array<std::int64_t, 3>& window) {
  const auto& [depth, rows, columns] = p.axes;
  const TapRange in_depth = depth.taps_inside(window[0]);
  const TapRange in_rows = rows.taps_inside(window[1]);
  const TapRange in_columns = columns.taps_inside(window[2]);
  std::array<std::int64_t, 3> best = {-1, -1, -1};
  T greatest{};
  for (std::int64_t kd = in_depth.first; kd < in_depth.last; ++kd) {
    for (std::int64_t kr = in_rows.first; kr < in_rows.last; ++kr) {
      for (std::int64_t kc = in_columns.first; kc < in_columns.last; ++kc) {
        const std::array<std::int64_t, 3> place = {depth.position(window[0], kd),
                                                   rows.position(window[1], kr),
                                                   columns.position(window[2], kc)};
        const T value = x[(place[0] * rows.in + place[1]) * columns.in + place[2]];
        if (best[0] < 0 || value > greatest || (value != value && greatest == greatest)) {
          best = place;
          greatest = value;
        }
      }
    }
  }
  return best;
}

template <class T>
Tensor places(const Call& call, const Tensor& input) {
  const Pooling p = pooling_of(call);
  const bool by_columns = call.attributes.integer("storage_order", 0) != 0;
  const auto& [depth, rows, columns] = p.axes;
  Tensor output(infer_max_pool(call)[1]);
  std::int64_t* to = output.values<std::int64_t>().data();
  const std::int64_t size = depth.in * rows.in * columns.in;
  for (std::int64_t plane = 0; plane < p.planes; ++plane) {
    const T* const x = input.values<T>().data() + plane * size;
    for (std::int64_t d = 0; d < depth.out; ++d) {
      for (std::int64_t r = 0; r < rows.out; ++r) {
        for (std::int64_t c = 0; c < columns.out; ++c) {
          const auto place = place_of_greatest(p, x, {d, r, c});
          *to++ =
              plane * size + (by_columns ? (place[2] * rows.in + place[1]) * depth.in + place[0]
                                         : (place[0] * rows.in + place[1]) * columns.in + place[2]);
        }
      }
    }
  }
  return output;
}

std::vector<Tensor> forward_max_pool(const Call& call, std::span<const Tensor> inputs) {
  return with_number_type(inputs[0].type().type, [&](auto zero) {
    using T = decltype(zero);
    std::vector<Tensor> outputs = {pool<MaxPoolGreatest<T>>(call, inputs[0], false)};
    if (call.outputs >= 2) {
      outputs.push_back(places<T>(call, inputs[0]));
    }
    return outputs;
  });
}

}  // namespace

void register_max_pool(Registry<Operator>& registry) {
  registry.add({.name = "MaxPool",
                .doc = "the greatest element of each window, over 1 to 3 axes",
                .kind = always<LayerKind::pooling>,
                .infer = infer_max_pool,
                .macs = no_macs,
                .forward = forward_max_pool});
}

}  // namespace offcut::ops
