// GridSample: the input sampled at the place that the grid gives for each output position, as (x,
// y) from -1 to 1 across the image: the nearest element, or a blend of the 4 or 16 around it.
// Places outside read zeros, the border, or the mirrored image.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

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
  const int blend = named<int>(call, "mode", {"bilinear", "nearest", "bicubic"});
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
  if (x.size() != 4 || grid.size() != 4 || grid[0] != x[0] || grid[3] != 2) {
    throw std::invalid_argument(
        fmt::format("grid {} does not fit input {}", to_text(grid), to_text(x)));
  }
  sampling_of(call);
  return {output_type(DataType::float32, {x[0], x[1], grid[1], grid[2]})};
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

float sample(const float* plane, std::int64_t width, const Neighbours& rows,
             const Neighbours& columns) {
  float sum = 0;
  for (std::size_t r = 0; r < rows.count; ++r) {
    for (std::size_t c = 0; c < columns.count; ++c) {
      if (rows.index.at(r) >= 0 && columns.index.at(c) >= 0) {
        sum += rows.weight.at(r) * columns.weight.at(c) *
               plane[rows.index.at(r) * width + columns.index.at(c)];
      }
    }
  }
  return sum;
}

std::vector<Tensor> forward_grid_sample(const Call& call, std::span<const Tensor> inputs) {
  const Sampling sampling = sampling_of(call);
  const Shape& x = call.shape(0);
  if (x[2] == 0 || x[3] == 0) {
    throw std::invalid_argument("an empty image cannot be sampled");
  }
  Tensor output(infer_grid_sample(call).front());
  const std::int64_t places = output.shape()[2] * output.shape()[3];
  const float* grid = inputs[1].values<float>().data();
  for (std::int64_t n = 0; n < x[0]; ++n) {
    for (std::int64_t i = 0; i < places; ++i, grid += 2) {
      const Neighbours columns =
          neighbours(grid_position(grid[0], x[3], sampling.align_corners), x[3], sampling);
      const Neighbours rows =
          neighbours(grid_position(grid[1], x[2], sampling.align_corners), x[2], sampling);
      for (std::int64_t c = 0; c < x[1]; ++c) {
        const std::int64_t plane = n * x[1] + c;
        const float* const from = inputs[0].values<float>().data() + plane * x[2] * x[3];
        output.values<float>()[static_cast<std::size_t>(plane * places + i)] =
            sample(from, x[3], rows, columns);
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
