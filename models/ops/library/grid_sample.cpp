// GridSample: the input sampled at the place that the grid gives for each output position, as (x,
// y) or (x, y, z) from -1 to 1 across the image: the nearest element, or a blend of those around
// it, two (linear) or four (cubic) along each axis. Places outside read zeros, the border, or the
// mirrored image. Three spatial axes, and the names linear and cubic, came with opset 20.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

constexpr int kSpatialOpset = 20;  // The first opset with three spatial axes.

enum class Outside { zeros, border, reflection };
enum class Blend { nearest, bilinear, bicubic };

struct Sampling {
  Blend blend;
  Outside outside;
  bool align_corners;
};

template <class T>
T named(const Call& call, std::string_view attribute,
        std::initializer_list<std::string_view> names) {
  const std::string name = call.attributes.text(attribute, *names.begin());
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw std::invalid_argument(fmt::format("{} '{}' is not supported", attribute, name));
  }
  return static_cast<T>(found - names.begin());
}

Sampling sampling_of(const Call& call) {
  const int blend = call.opset < kSpatialOpset
                        ? named<int>(call, "mode", {"bilinear", "nearest", "bicubic"})
                        : named<int>(call, "mode", {"linear", "nearest", "cubic"});
  return {blend == 0   ? Blend::bilinear
          : blend == 1 ? Blend::nearest
                       : Blend::bicubic,
          named<Outside>(call, "padding_mode", {"zeros", "border", "reflection"}),
          call.attributes.integer("align_corners", 0) != 0};
}

std::vector<TensorType> infer_grid_sample(const Call& call) {
  require_inputs(call, 2, 2);
  const Shape& x = float_shape(call, 0);
  const Shape& grid = float_shape(call, 1);
  const std::size_t rank = call.opset < kSpatialOpset ? 4 : std::clamp<std::size_t>(x.size(), 4, 5);
  if (x.size() != rank || grid.size() != rank || grid[0] != x[0] ||
      grid[rank - 1] != static_cast<std::int64_t>(rank - 2)) {
    throw std::invalid_argument(
        fmt::format("grid {} does not fit input {}", to_text(grid), to_text(x)));
  }
  if (sampling_of(call).blend == Blend::bicubic && rank != 4) {
    throw std::invalid_argument("mode 'cubic' is only defined for two spatial axes");
  }
  Shape shape(grid.begin() + 1, grid.end() - 1);
  shape.insert(shape.begin(), {x[0], x[1]});
  return {output_type(DataType::float32, std::move(shape))};
}

/// Converts a place from -1 .. 1 to elements.
float grid_position(float place, std::int64_t extent, bool align_corners) {
  const auto n = static_cast<float>(extent);
  return align_corners ? (place + 1) / 2 * (n - 1) : ((place + 1) * n - 1) / 2;
}

/// Mirrors a place at the ends until it lies inside.
float reflected(float place, float low, float high) {
  const float span = high - low;
  if (span <= 0) {
    return 0;
  }
  const float turns = std::fmod(std::abs(place - low), 2 * span);
  return low + (turns > span ? 2 * span - turns : turns);
}

/// Returns the element for a place along an axis, or -1 for none.
std::int64_t element(float place, std::int64_t extent, const Sampling& sampling) {
  const auto n = static_cast<float>(extent);
  if (sampling.outside == Outside::reflection && (place < 0 || place > n - 1)) {
    place = sampling.align_corners ? reflected(place, 0, n - 1) : reflected(place, -0.5F, n - 0.5F);
    place = std::round(place);
  }
  if (sampling.outside == Outside::zeros && !(place >= 0 && place <= n - 1)) {
    return -1;
  }
  return static_cast<std::int64_t>(place >= 0 ? std::min(place, n - 1) : 0);  // NaN becomes 0.
}

/// The elements around a place along one axis, and their weights.
struct Neighbours {
  std::size_t count = 0;
  std::array<std::int64_t, 4> index{};
  std::array<float, 4> weight{};
};

float grid_cubic_weight(float distance) {
  constexpr float kA = -0.75F;
  const float d = std::abs(distance);
  return d <= 1 ? ((kA + 2) * d - (kA + 3)) * d * d + 1
                : ((kA * d - 5 * kA) * d + 8 * kA) * d - 4 * kA;
}

Neighbours neighbours(float place, std::int64_t extent, const Sampling& sampling) {
  if (sampling.outside == Outside::border && sampling.blend != Blend::bicubic) {
    place = std::clamp(place, 0.0F, static_cast<float>(extent - 1));
  }
  Neighbours around;
  const auto add = [&](float neighbour, float weight) {
    around.index.at(around.count) = element(neighbour, extent, sampling);
    around.weight.at(around.count++) = weight;
  };
  const float base = std::floor(place);
  switch (sampling.blend) {
    case Blend::nearest:
      add(std::nearbyint(place), 1);
      break;
    case Blend::bilinear:
      add(base, 1 - (place - base));
      add(base + 1, place - base);
      break;
    case Blend::bicubic:
      for (int i = -1; i <= 2; ++i) {
        const float neighbour = base + static_cast<float>(i);
        add(neighbour, grid_cubic_weight(place - neighbour));
      }
  }
  return around;
}

/// Blends the elements around a place of one plane, which has up to three axes.
float sample(const float* plane, const Shape& x, std::span<const Neighbours> axes) {
  const Neighbours& first = axes.front();
  if (axes.size() == 1) {
    float sum = 0;
    for (std::size_t i = 0; i < first.count; ++i) {
      sum += first.index.at(i) < 0 ? 0 : first.weight.at(i) * plane[first.index.at(i)];
    }
    return sum;
  }
  const std::int64_t inner = extent_between(x, x.size() - axes.size() + 1, x.size());
  float sum = 0;
  for (std::size_t i = 0; i < first.count; ++i) {
    if (first.index.at(i) >= 0) {
      sum += first.weight.at(i) * sample(plane + first.index.at(i) * inner, x, axes.subspan(1));
    }
  }
  return sum;
}

std::vector<Tensor> forward_grid_sample(const Call& call, std::span<const Tensor> inputs) {
  const Sampling sampling = sampling_of(call);
  const Shape& x = call.shape(0);
  const std::int64_t plane_size = extent_between(x, 2, x.size());
  if (plane_size == 0) {
    throw std::invalid_argument("an empty image cannot be sampled");
  }
  Tensor output(infer_grid_sample(call).front());
  const std::int64_t places = extent_between(output.shape(), 2, x.size());
  const std::size_t axes = x.size() - 2;
  const float* grid = inputs[1].values<float>().data();
  for (std::int64_t n = 0; n < x[0]; ++n) {
    for (std::int64_t i = 0; i < places; ++i, grid += axes) {
      std::vector<Neighbours> around;  // The grid's last number belongs to the first axis.
      for (std::size_t axis = 0; axis < axes; ++axis) {
        const std::int64_t extent = x[2 + axis];
        around.push_back(
            neighbours(grid_position(grid[axes - 1 - axis], extent, sampling.align_corners), extent,
                       sampling));
      }
      for (std::int64_t c = 0; c < x[1]; ++c) {
        const std::int64_t plane = n * x[1] + c;
        const float* const from = inputs[0].values<float>().data() + plane * plane_size;
        output.values<float>()[static_cast<std::size_t>(plane * places + i)] =
            sample(from, x, around);
      }
    }
  }
  return {output};
}

}  // namespace

void register_grid_sample(Registry<Operator>& registry) {
  registry.add({.name = "GridSample",
                .doc = "the input sampled at the places of a grid",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_grid_sample,
                .macs = no_macs,
                .forward = forward_grid_sample});
}

}  // namespace offcut::ops
