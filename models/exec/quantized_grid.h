#pragma once

#include <optional>
#include <span>
#include <vector>

#include "models/graph/tensor.h"

namespace offcut::exec {

/// Weights as products of int8 and one scale for each filter.
struct QuantizedGrid {
  Tensor integers;            // Of the shape of the weights.
  std::vector<float> scales;  // One for each filter.
};

/// Returns integers and scales whose products are exactly the weights, as DequantizeLinear with
/// zero point 0 makes them, or none if there are none. Filters lie along `axis`. A grid is not
/// unique; any of them gives the same products.
std::optional<QuantizedGrid> grid_of(const Tensor& weights, std::size_t axis);

}  // namespace offcut::exec
