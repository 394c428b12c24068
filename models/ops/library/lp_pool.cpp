// LpPool: (sum of |x|^p)^(1/p) of each window, in double. Padding adds nothing.

#include "models/ops/norm.h"
#include "models/ops/pooling.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_lp_pool(const Call& call) {
  norm_order(call);
  return infer_pooling(call);
}

double norm_of_window(const Pooling& p, const float* x, std::int64_t d, std::int64_t r,
                      std::int64_t c, Norm norm) {
  const auto& [depth, rows, columns] = p.axes;
  const TapRange in_depth = depth.taps_inside(d);
  const TapRange in_rows = rows.taps_inside(r);
  const TapRange in_columns = columns.taps_inside(c);
  for (std::int64_t kd = in_depth.first; kd < in_depth.last; ++kd) {
    for (std::int64_t kr = in_rows.first; kr < in_rows.last; ++kr) {
      for (std::int64_t kc = in_columns.first; kc < in_columns.last; ++kc) {
        const std::int64_t line = depth.position(d, kd) * rows.in + rows.position(r, kr);
        norm.add(x[line * columns.in + columns.position(c, kc)]);
      }
    }
  }
  return norm.value();
}

std::vector<Tensor> forward_lp_pool(const Call& call, std::span<const Tensor> inputs) {
  const Pooling p = pooling_of(call);
  const Norm norm(norm_order(call));
  const auto& [depth, rows, columns] = p.axes;
  Tensor output(infer_lp_pool(call).front());
  const float* x = inputs[0].values<float>().data();
  float* y = output.values<float>().data();
  for (std::int64_t plane = 0; plane < p.planes; ++plane) {
    for (std::int64_t d = 0; d < depth.out; ++d) {
      for (std::int64_t r = 0; r < rows.out; ++r) {
        for (std::int64_t c = 0; c < columns.out; ++c) {
          *y++ = static_cast<float>(norm_of_window(p, x, d, r, c, norm));
        }
      }
    }
    x += depth.in * rows.in * columns.in;
  }
  return {output};
}

}  // namespace

void register_lp_pool(Registry<Operator>& registry) {
  registry.add({.name = "LpPool",
                .doc = "(sum of |x|^p)^(1/p) of each window",
                .kind = always<LayerKind::pooling>,
                .infer = infer_lp_pool,
                .macs = no_macs,
                .forward = forward_lp_pool});
}

}  // namespace offcut::ops
