#pragma once

#include <functional>

#include "models/ops/operator.h"

namespace offcut::ops {

/// How ScatterElements and ScatterND write: the attribute `reduction` (from opset 16 on) says
/// whether an update replaces the element, is added to it or multiplies it, or (from opset 18 on)
/// which of the two is kept, the greater or the smaller. Throws std::invalid_argument for another
/// word.
enum class Scattering { replace, add, multiply, maximum, minimum };
Scattering scattering_of(const Call& call);

/// Returns a copy of the data with the updates. Calls place(write), which is to call write(offset
/// in the data, offset in the updates, length of the run) in order.
using WriteRun = std::function<void(std::int64_t to, std::int64_t from, std::int64_t length)>;
Tensor scattered(const Tensor& data, const Tensor& updates, Scattering scattering,
                 const std::function<void(const WriteRun&)>& place);

/// Makes ScatterElements, which was called Scatter up to opset 10.
Operator scatter_elements(std::string name);

}  // namespace offcut::ops
