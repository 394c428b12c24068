// AffineGrid: for each image the places that an affine map (input 0: N x 2 x 3, or N x 3 x 4) gives
// to the places of an output of the size in the constant input 1 (N x C x spatial axes), as
// GridSample reads them: the last axis has x, y and z, from -1 to 1 across the image
// (Jaderberg et al., "Spatial transformer networks", NeurIPS 2015).

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_affine_grid(const Call& call) {
  require_inputs(call, 2, 2);
  const Shape& theta = float_shape(call, 0);
  const auto size = call.known_integers(1);
  const auto axes = static_cast<std::int64_t>(size.size()) - 2;
  if ((axes != 2 && axes != 3) || theta != Shape{size[0], axes, axes + 1}) {
    throw std::invalid_argument(
        fmt::format("maps {} do not fit a size of {}", to_text(theta), to_text(size)));
  }
  Shape shape(size.begin() + 2, size.end());
  shape.insert(shape.begin(), size[0]);
  shape.push_back(axes);
  return {output_type(DataType::float32, std::move(shape))};
}

/// Returns the places along an axis from -1 to 1: the corners' centres, or their edges.
double place_along(std::int64_t index, std::int64_t extent, bool align_corners) {
  const auto n = static_cast<double>(extent);
  const auto i = static_cast<double>(index);
  if (align_corners) {
    return extent == 1 ? -1 : -1 + 2 * i / (n - 1);
  }
  return (2 * i + 1) / n - 1;
}

std::vector<Tensor> forward_affine_grid(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_affine_grid(call).front());
  const Shape& shape = output.shape();
  const bool align_corners = call.attributes.integer("align_corners", 0) != 0;
  const auto axes = static_cast<std::size_t>(shape.back());
  const std::int64_t places = extent_between(shape, 1, 1 + axes);
  const float* theta = inputs[0].values<float>().data();
  float* to = output.values<float>().data();
  for (std::int64_t n = 0; n < shape[0]; ++n, theta += axes * (axes + 1)) {
    for (std::int64_t place = 0; place < places; ++place) {
      std::vector<double> at(axes + 1, 1);  // Coordinates x, y, z, 1.
      std::int64_t rest = place;
      for (std::size_t i = 0; i < axes; ++i) {
        const std::int64_t extent = shape[axes - i];
        at[i] = place_along(rest % extent, extent, align_corners);
        rest /= extent;
      }
      for (std::size_t row = 0; row < axes; ++row) {
        double sum = 0;
        for (std::size_t i = 0; i <= axes; ++i) {
          sum += static_cast<double>(theta[row * (axes + 1) + i]) * at[i];
        }
        *to++ = static_cast<float>(sum);
      }
    }
  }
  return {output};
}

}  // namespace

void register_affine_grid(Registry<Operator>& registry) {
  registry.add({.name = "AffineGrid",
                .doc = "the places that affine maps give to an output, for GridSample",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_affine_grid,
                .macs = no_macs,
                .forward = forward_affine_grid});
}

}  // namespace offcut::ops
