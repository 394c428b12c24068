#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/compress/integer_plan.h"
#include "models/compress/precision.h"

namespace offcut::compress {

/// The integers that stand for a tensor: x = (integer - zero) * scale, integers from low to high.
struct TensorScale {
  DataType type = DataType::uint8;
  float scale = 1;
  std::int32_t zero = 0;
  std::int32_t low = 0;
  std::int32_t high = 255;

  /// Returns the limits of x.
  TensorRange range() const {
    return {static_cast<float>(low - zero) * scale, static_cast<float>(high - zero) * scale};
  }
  /// Returns whether the type has integers that are not used.
  bool is_narrow() const { return type == DataType::uint8 ? high < 255 : high < 127; }
};

/// Returns the scale for a range, which becomes one that contains 0: for uint8 the one with s =
/// (high - low) / (2^bits - 1) and zero = round(-low / s) (Jacob et al., 2018, section 2.1 and
/// appendix A), for int8 with s = max(-low, high) / (2^(bits - 1) - 1) and zero point 0.
TensorScale scale_for(const TensorRange& range, int bits, bool is_signed);

/// The scales of all tensors that become integers. Tensors between which elements only move have
/// the same, so that nothing is rounded there.
class TensorScales {
 public:
  TensorScales(const Graph& graph, const IntegerPlan& plan, const Ranges& ranges,
               const PrecisionOptions& options);

  /// Throws std::invalid_argument if the tensor has no range.
  const TensorScale& of(TensorId tensor) const;

 private:
  std::size_t root(TensorId tensor) const;
  void join(TensorId a, TensorId b);

  const Graph& graph_;
  mutable std::vector<TensorId> parent_;
  std::map<TensorId, TensorScale> scales_;  // By root.
};

/// Returns the grid of a product's weights: the largest weight of each channel, or of all, takes
/// the largest integer; with 4 bits or less, the scale has the least squared error.
Grid weight_grid(const Tensor& weights, std::int64_t axis, bool is_edge,
                 const PrecisionOptions& options);

/// Returns the grid of a bias, whose integers are in units of the sums: s = s_x s_w (Jacob et al.,
/// section 2.4). A channel's weight scale is raised where the bias would need more than 23 bits.
Grid bias_grid(const Tensor& bias, float tensor_scale, Grid& weights);

}  // namespace offcut::compress
