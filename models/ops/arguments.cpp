// Checks and conversions of inputs and attributes. A size that shapes depend on must be a constant,
// because offcut infers all shapes before anything runs.

#include "models/ops/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/element_types.h"

namespace offcut::ops {

void require_inputs(const Call& call, std::size_t least, std::size_t most) {
  for (std::size_t i = 0; i < std::max(least, call.inputs.size()); ++i) {
    if (i < least || call.has(i)) {
      call.shape(i);
    }
    if (i >= most && call.has(i)) {
      throw std::invalid_argument(
          fmt::format("input {} is given, but the operator takes at most {}", i, most));
    }
  }
}

const Shape& float_shape(const Call& call, std::size_t input) {
  const Shape& shape = call.shape(input);
  const DataType type = call.inputs[input].type;
  if (type != DataType::float32) {
    const std::string why =
        fmt::format("input {} is {}, only float32 is supported", input, to_text(type));
    if (type == DataType::float64) {
      throw NoFloat64(why);
    }
    throw std::invalid_argument(why);
  }
  return shape;
}

void require_same_type(const Call& call, std::size_t a, std::size_t b) {
  call.shape(a);
  call.shape(b);
  if (call.inputs[a].type != call.inputs[b].type) {
    throw std::invalid_argument(fmt::format("input {} is {} and input {} is {}", a,
                                            to_text(call.inputs[a].type), b,
                                            to_text(call.inputs[b].type)));
  }
}

std::optional<std::vector<std::int64_t>> list_argument(const Call& call, std::string_view attribute,
                                                       std::size_t input, int first_opset) {
  if (call.opset < first_opset) {
    return call.attributes.has(attribute) ? std::optional(call.attributes.integers(attribute, {}))
                                          : std::nullopt;
  }
  if (!call.has(input)) {
    return std::nullopt;
  }
  if (call.shape(input).size() > 1) {
    throw std::invalid_argument(
        fmt::format("input {} is {}, expected a list", input, to_text(call.inputs[input])));
  }
  return call.known_integers(input);
}

std::int64_t integer_of(const Tensor& scalar) {
  if (scalar.absent() || scalar.size() != 1) {
    throw std::invalid_argument(
        fmt::format("{} is given, expected one number", to_text(scalar.type())));
  }
  return with_element_type(scalar.type().type, [&](auto zero) {
    return converted<std::int64_t>(scalar.values<decltype(zero)>().front());
  });
}

std::int64_t known_integer(const Call& call, std::size_t input) {
  return integer_of(call.known_value(input));
}

std::vector<bool> axes_in(const std::vector<std::int64_t>& list, std::size_t rank) {
  std::vector<bool> named(rank, false);
  for (const std::int64_t value : list) {
    const std::size_t axis = axis_in(value, rank);
    if (named[axis]) {
      throw std::invalid_argument(fmt::format("axis {} is named twice", axis));
    }
    named[axis] = true;
  }
  return named;
}

std::size_t axis_in(std::int64_t axis, std::size_t rank) {
  const auto axes = static_cast<std::int64_t>(rank);
  if (axis < -axes || axis >= axes) {
    throw std::invalid_argument(fmt::format("axis {} is out of range for {} axes", axis, rank));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + axes : axis);
}

std::size_t axis_argument(const Call& call, std::int64_t fallback) {
  return axis_in(call.attributes.integer("axis", fallback), call.shape(0).size());
}

TensorType output_type(DataType type, Shape shape) {
  try {
    elements(shape);
  } catch (const std::length_error& error) {
    throw std::invalid_argument(error.what());
  }
  return {type, std::move(shape)};
}

std::int64_t extent_between(const Shape& shape, std::size_t first, std::size_t last) {
  std::int64_t product = 1;
  for (std::size_t i = first; i < last; ++i) {
    product *= shape[i];
  }
  return product;
}

}  // namespace offcut::ops
