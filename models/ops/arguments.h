#pragma once

#include <optional>
#include <string_view>

#include "models/ops/operator.h"

namespace offcut::ops {

// What operators ask of their inputs and attributes. Everything here throws std::invalid_argument.

/// REQUIRES: the first `least` inputs are given and none from `most` on, and all have a valid size.
void require_inputs(const Call& call, std::size_t least, std::size_t most);

/// The shape of a float32 input.
const Shape& float_shape(const Call& call, std::size_t input);

/// REQUIRES: inputs a and b have the same element type.
void require_same_type(const Call& call, std::size_t a, std::size_t b);

/// What an attribute says up to opset first_opset - 1 and a constant input from then on: axes,
/// sizes of parts. Nothing where it is not given.
std::optional<std::vector<std::int64_t>> list_argument(const Call& call, std::string_view attribute,
                                                       std::size_t input, int first_opset);

/// The one element of a constant input that shapes depend on, as an integer. Throws
/// std::invalid_argument where it is no constant, or not one number.
std::int64_t known_integer(const Call& call, std::size_t input);

/// The one element of an input of integers, as it is when the layer runs.
std::int64_t integer_of(const Tensor& scalar);

/// The value of a constant input that the output's shape depends on. Throws std::invalid_argument
/// where it is none.
const Tensor& known_value(const Call& call, std::size_t input);

/// Which axes a list of them names, each at most once.
std::vector<bool> axes_in(const std::vector<std::int64_t>& list, std::size_t rank);

/// An axis from -rank to rank - 1 as one from 0 to rank - 1.
std::size_t axis_in(std::int64_t axis, std::size_t rank);

/// The attribute 'axis', of input 0; `fallback` where it is left out.
std::size_t axis_argument(const Call& call, std::int64_t fallback);

/// A type for an output. Throws where a tensor of that shape cannot be.
TensorType output_type(DataType type, Shape shape);

/// The product of extents [first, last) of a shape that is valid as a whole.
std::int64_t extent_between(const Shape& shape, std::size_t first, std::size_t last);

}  // namespace offcut::ops
