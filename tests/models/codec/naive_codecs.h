#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/graph/tensor.h"

namespace offcut::codec {

// The values that each codec makes of a tensor, written down element by element from the codec's
// description, without bytes and without any code of the codecs.

using Values = std::vector<float>;

/// Returns the number of the element's channel: its index on axis 1, or on axis 0 of a vector.
std::size_t naive_channel(const Shape& shape, std::size_t element);

/// 2^bits levels from the least to the largest value, an exact half goes to the upper level. Each
/// channel has a range of its own if `per_channel` is set and the tensor has three axes or more.
Values naive_affine(const Values& values, const Shape& shape, int bits, bool per_channel);

/// The nearest multiple of 2^-p, an exact half goes away from zero, at most 2^(bits - 1) - 1 steps
/// from zero. Without p, it is the largest one at which no value overflows.
Values naive_fixed(const Values& values, int bits, const int* p);

/// The power of two with the nearest logarithm, of the 2^(bits - 1) - 1 ones that end with that of
/// the largest value.
Values naive_power_of_two(const Values& values, int bits);

/// The `share` of the values with the largest magnitudes, rounded up; of equal ones the first.
Values naive_top_k(const Values& values, int percent);

/// Lloyd's algorithm: each value goes to the nearest centroid, of two equally near ones to the
/// smaller. REQUIRES: the number of values is a multiple of `clusters`.
Values naive_kmeans(const Values& values, std::size_t clusters);

/// The share of the channels with the smallest magnitudes, rounded down and of equal ones the
/// first, in 8 bits with one range for all of them; the others unchanged.
Values naive_mixed(const Values& values, const Shape& shape, int percent);

}  // namespace offcut::codec
