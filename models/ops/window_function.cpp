#include "models/ops/window_function.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/convert.h"
#include "models/ops/type_codes.h"

namespace offcut::ops {

std::vector<TensorType> infer_window_function(const Call& call) {
  require_inputs(call, 1, 1);
  const std::int64_t size = known_integer(call, 0);
  if (size < 0) {
    throw std::invalid_argument(fmt::format("the size is {}, expected at least 0", size));
  }
  call.attributes.integer("periodic", 1);
  return {output_type(type_of_code(call.attributes.integer("output_datatype", 1)), {size})};
}

Tensor window_function(const Call& call, double a0, double a1, double a2) {
  const TensorType type = infer_window_function(call).front();
  const bool periodic = call.attributes.integer("periodic", 1) != 0;
  const double period = static_cast<double>(type.shape[0]) - (periodic ? 0 : 1);
  Tensor window(TensorType{DataType::float64, type.shape});
  double i = 0;
  for (double& y : window.values<double>()) {
    const double angle = 2 * std::numbers::pi * i++ / period;
    y = a0 - a1 * std::cos(angle) + a2 * std::cos(2 * angle);
  }
  return convert(window, type.type);
}

}  // namespace offcut::ops
