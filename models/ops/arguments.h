#pragma once

#include <optional>
#include <stdexcept>
#include <string_view>

#include "models/ops/operator.h"

namespace offcut::ops {

// Checks of inputs and attributes that operators share. All of them throw std::invalid_argument.

/// REQUIRES: the first `least` inputs are given, none from `most` on, and all have a valid size.
void require_inputs(const Call& call, std::size_t least, std::size_t most);

/// Says that an operator has no computation in float64. Such a call is computed in float32 (see
/// invoke.h).
class NoFloat64 : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Returns the shape of a float32 input. Throws NoFloat64 for one of float64.
const Shape& float_shape(const Call& call, std::size_t input);

/// REQUIRES: inputs a and b have the same element type.
void require_same_type(const Call& call, std::size_t a, std::size_t b);

/// Returns a list (axes, sizes of parts) that is an attribute up to opset first_opset - 1 and a
/// constant input from then on, or none if it is not given.
std::optional<std::vector<std::int64_t>> list_argument(const Call& call, std::string_view attribute,
                                                       std::size_t input, int first_opset);

/// Returns the one element of a constant input that shapes depend on, as an integer. Throws
/// std::invalid_argument if it is no constant, or not one number.
std::int64_t known_integer(const Call& call, std::size_t input);

/// Returns the one element of an input of integers, whose value is only known when the layer runs.
std::int64_t integer_of(const Tensor& scalar);

/// Returns for each axis whether the list names it; no axis may be named twice.
std::vector<bool> axes_in(const std::vector<std::int64_t>& list, std::size_t rank);

/// Converts an axis from -rank to rank - 1 to one from 0 to rank - 1.
std::size_t axis_in(std::int64_t axis, std::size_t rank);

/// Returns the attribute 'axis', of input 0, or `fallback` if it is not given.
std::size_t axis_argument(const Call& call, std::int64_t fallback);

/// Returns a type for an output. Throws if no tensor can have that shape.
TensorType output_type(DataType type, Shape shape);

/// Returns the product of extents [first, last) of a shape that is valid as a whole.
std::int64_t extent_between(const Shape& shape, std::size_t first, std::size_t last);

}  // namespace offcut::ops
