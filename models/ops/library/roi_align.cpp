// RoiAlign: each region of interest (x1, y1, x2, y2 in the input's image times spatial_scale) as an
// output_height x output_width image. Each of its cells is the mean or the greatest of bilinear
// samples at regular places (He, Gkioxari, Dollar, Girshick, "Mask R-CNN", 2017).

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "models/ops/indices.h"

namespace offcut::ops {
namespace {

struct Settings {
  std::int64_t height, width, samples;
  float scale, offset;
  bool mean, half_pixel;
};

Settings settings_of(const Call& call) {
  Settings s{};
  s.height = call.attributes.integer("output_height", 1);
  s.width = call.attributes.integer("output_width", 1);
  s.samples = call.attributes.integer("sampling_ratio", 0);
  s.scale = call.attributes.number("spatial_scale", 1);
  const std::string mode = call.attributes.text("mode", "avg");
  const std::string shift = call.attributes.text(
      "coordinate_transformation_mode", call.opset < 16 ? "output_half_pixel" : "half_pixel");
  s.half_pixel = shift == "half_pixel";
  s.offset = s.half_pixel ? 0.5F : 0;
  s.mean = mode == "avg";
  if (s.height < 1 || s.width < 1 || s.samples < 0 || s.samples > 1024 ||
      (!s.mean && mode != "max") || (!s.half_pixel && shift != "output_half_pixel")) {
    throw std::invalid_argument("an attribute is out of range");
  }
  return s;
}

std::vector<TensorType> infer_roi_align(const Call& call) {
  require_inputs(call, 3, 3);
  const Shape& x = float_shape(call, 0);
  const Shape& regions = float_shape(call, 1);
  const bool fits = x.size() == 4 && regions.size() == 2 && regions[1] == 4;
  if (!fits || index_shape(call, 2) != Shape{regions[0]}) {
    throw std::invalid_argument(fmt::format("regions {} and batch indices {} do not fit input {}",
                                            to_text(regions), to_text(call.shape(2)), to_text(x)));
  }
  if (x[2] == 0 || x[3] == 0) {
    throw std::invalid_argument("an empty image has no regions");
  }
  const Settings s = settings_of(call);
  return {output_type(DataType::float32, {regions[0], x[1], s.height, s.width})};
}

/// The two neighbours of a place along an axis; there are none further outside than one element.
struct Pair {
  std::int64_t low, high;
  float share;  // The share of the high one.
  bool inside;
};

Pair pair_at(float place, std::int64_t extent) {
  const auto last = static_cast<float>(extent - 1);
  if (!(place >= -1 && place <= last + 1)) {
    return {0, 0, 0, false};
  }
  const float within = std::clamp(place, 0.0F, last);
  const auto low = static_cast<std::int64_t>(within);
  return {low, std::min(low + 1, extent - 1), within - std::floor(within), true};
}

/// One axis of a region, with the places of its samples.
struct RegionAxis {
  float start, cell;
  std::int64_t samples;  // Samples per cell.
  float place(std::int64_t out, std::int64_t sample) const {
    return start + static_cast<float>(out) * cell +
           (static_cast<float>(sample) + 0.5F) * cell / static_cast<float>(samples);
  }
};

RegionAxis region_axis(float from, float to, std::int64_t out, const Settings& s) {
  const float start = from * s.scale - s.offset;
  float length = to * s.scale - s.offset - start;
  length = s.half_pixel ? length : std::max(length, 1.0F);
  const float cell = length / static_cast<float>(out);
  constexpr float kLargest = 1024;
  // A region without an extent has no samples.
  const float adaptive = std::isfinite(cell) ? std::clamp(std::ceil(cell), 0.0F, kLargest) : 1;
  return {start, cell, s.samples > 0 ? s.samples : static_cast<std::int64_t>(adaptive)};
}

/// Returns a cell's value, which is 0 without samples. As in ONNX Runtime, the greatest is taken of
/// the weighted neighbours.
float cell_of(const float* plane, std::int64_t rows, std::int64_t columns, const RegionAxis& y,
              const RegionAxis& x, std::int64_t r, std::int64_t c, bool mean) {
  if (y.samples * x.samples == 0) {
    return 0;
  }
  double sum = 0;
  float greatest = -std::numeric_limits<float>::infinity();
  for (std::int64_t i = 0; i < y.samples; ++i) {
    const Pair row = pair_at(y.place(r, i), rows);
    for (std::int64_t j = 0; j < x.samples; ++j) {
      const Pair column = pair_at(x.place(c, j), columns);
      const bool inside = row.inside && column.inside;
      const auto part = [&](std::int64_t at_row, float a, std::int64_t at_column, float b) {
        const float value = inside ? a * b * plane[at_row * columns + at_column] : 0;
        sum += value;
        greatest = value > greatest || value != value ? value : greatest;
      };
      part(row.low, 1 - row.share, column.low, 1 - column.share);
      part(row.low, 1 - row.share, column.high, column.share);
      part(row.high, row.share, column.low, 1 - column.share);
      part(row.high, row.share, column.high, column.share);
    }
  }
  return mean ? static_cast<float>(sum / static_cast<double>(y.samples * x.samples)) : greatest;
}

std::vector<Tensor> forward_roi_align(const Call& call, std::span<const Tensor> inputs) {
  const Settings s = settings_of(call);
  const Shape& x = call.shape(0);
  const auto images = indices_in(inputs[2], x[0]);
  Tensor output(infer_roi_align(call).front());
  float* to = output.values<float>().data();
  const float* region = inputs[1].values<float>().data();
  for (const std::int64_t image : images) {
    const RegionAxis across = region_axis(region[0], region[2], s.width, s);
    const RegionAxis down = region_axis(region[1], region[3], s.height, s);
    region += 4;
    for (std::int64_t c = 0; c < x[1]; ++c) {
      const float* const plane =
          inputs[0].values<float>().data() + (image * x[1] + c) * x[2] * x[3];
      for (std::int64_t cell = 0; cell < s.height * s.width; ++cell) {
        *to++ = cell_of(plane, x[2], x[3], down, across, cell / s.width, cell % s.width, s.mean);
      }
    }
  }
  return {output};
}

}  // namespace

void register_roi_align(Registry<Operator>& registry) {
  registry.add({.name = "RoiAlign",
                .doc = "regions of interest as images of one size",
                .kind = always<LayerKind::pooling>,
                .infer = infer_roi_align,
                .macs = no_macs,
                .forward = forward_roi_align});
}

}  // namespace offcut::ops
