#pragma once

#include <cstdint>
#include <span>

namespace offcut::exec {

/// Computes y = W x + y for a row-major matrix of y.size() rows and x.size() columns. The summation
/// order of a row does not depend on its neighbours.
void add_product(const float* matrix, std::span<const float> x, std::span<float> y);

}  // namespace offcut::exec
