#include "models/ops/tuples.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/convert.h"
#include "models/ops/walk.h"

namespace offcut::ops {

IndexTuples index_tuples(const Call& call, const Shape& x, std::size_t first) {
  const Shape& indices = index_shape(call, 1);
  const bool fits = !indices.empty() && indices.back() >= 1 && first < indices.size() &&
                    first <= x.size() &&
                    indices.back() <= static_cast<std::int64_t>(x.size() - first);
  if (!fits) {
    throw std::invalid_argument(
        fmt::format("indices {} do not fit input {}", to_text(indices), to_text(x)));
  }
  IndexTuples tuples{first, static_cast<std::size_t>(indices.back())};
  tuples.count = extent_between(indices, 0, indices.size() - 1);
  tuples.block = extent_between(x, first + tuples.length, x.size());
  return tuples;
}

std::vector<std::int64_t> IndexTuples::offsets(const Shape& x, const Tensor& indices) const {
  const Tensor wide = convert(indices, DataType::int64);
  const auto steps = row_major_steps(x);
  const std::int64_t* index = wide.values<std::int64_t>().data();
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t offset = 0;
    for (std::size_t axis = first; axis < first + length; ++axis, ++index) {
      if (*index < -x[axis] || *index >= x[axis]) {
        throw std::invalid_argument(
            fmt::format("index {} is out of range for {} elements", *index, x[axis]));
      }
      offset += (*index < 0 ? *index + x[axis] : *index) * steps[axis];
    }
    all.push_back(offset);
  }
  return all;
}

}  // namespace offcut::ops
