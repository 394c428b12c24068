// Resize against a naive loop over the two last axes, for all combinations of its attributes.

#include <doctest/doctest.h>

#include <cmath>
#include <optional>

#include "tests/models/ops/naive/places.h"

namespace offcut::ops::resize_test {
namespace {

struct ResizeSettings {
  std::string mode, coordinates, nearest;
  double cubic_a = -0.75;
  bool exclude_outside = false;
};

/// One resized axis; begin and end are the region of tf_crop_and_resize.
struct ResizedAxis {
  std::int64_t in, out;
  double scale, begin, end;
};

double source_place(const ResizedAxis& axis, const std::string& coordinates, std::int64_t p) {
  const auto last = double(axis.in - 1);
  if (coordinates == "asymmetric") {
    return double(p) / axis.scale;
  }
  if (coordinates == "align_corners") {
    return axis.out == 1 ? 0 : double(p) * last / double(axis.out - 1);
  }
  if (coordinates == "tf_crop_and_resize") {
    return axis.out == 1 ? (axis.begin + axis.end) * last / 2
                         : axis.begin * last +
                               double(p) * (axis.end - axis.begin) * last / double(axis.out - 1);
  }
  return coordinates == "pytorch_half_pixel" && axis.out == 1
             ? 0
             : (double(p) + 0.5) / axis.scale - 0.5;
}

double keys_kernel(double distance, double a) {
  const double d = std::abs(distance);
  return d < 1   ? (a + 2) * std::pow(d, 3) - (a + 3) * d * d + 1
         : d < 2 ? a * std::pow(d, 3) - 5 * a * d * d + 8 * a * d - 4 * a
                 : 0;
}

std::int64_t nearest_index(double place, const std::string& rule) {
  const double below = std::floor(place);
  const double part = place - below;
  const bool up = rule == "ceil"                ? part > 0
                  : rule == "floor"             ? false
                  : rule == "round_prefer_ceil" ? part >= 0.5
                                                : part > 0.5;
  return static_cast<std::int64_t>(below) + (up ? 1 : 0);
}

/// Returns the weight of each element of the axis at a place.
std::vector<double> weights_of(double place, std::int64_t extent, const ResizeSettings& s) {
  std::vector<double> weights(static_cast<std::size_t>(extent), 0);
  double sum = 0;
  const auto add = [&](std::int64_t index, double weight) {
    const bool outside = index < 0 || index >= extent;
    if (outside && s.mode == "cubic" && s.exclude_outside) {
      return;
    }
    const std::int64_t inside = index < 0 ? 0 : index >= extent ? extent - 1 : index;
    weights[static_cast<std::size_t>(inside)] += weight;
    sum += weight;
  };
  const auto below = static_cast<std::int64_t>(std::floor(place));
  for (std::int64_t i = below - 1; i <= below + 2; ++i) {
    if (s.mode == "nearest") {
      add(i, i == nearest_index(place, s.nearest) ? 1 : 0);
    } else if (s.mode == "linear") {
      add(i, std::max(0.0, 1 - std::abs(place - double(i))));
    } else {
      add(i, keys_kernel(place - double(i), s.cubic_a));
    }
  }
  for (double& weight : weights) {
    weight /= sum;
  }
  return weights;
}

constexpr double kExtrapolation = -99;

double naive_resized(const Tensor& x, const Place& place, const std::array<ResizedAxis, 2>& axes,
                     const ResizeSettings& s) {
  const double row = source_place(axes[0], s.coordinates, place[1]);
  const double column = source_place(axes[1], s.coordinates, place[2]);
  const bool outside =
      row < 0 || row > double(axes[0].in - 1) || column < 0 || column > double(axes[1].in - 1);
  if (s.coordinates == "tf_crop_and_resize" && outside) {
    return kExtrapolation;
  }
  const auto rows = weights_of(row, axes[0].in, s);
  const auto columns = weights_of(column, axes[1].in, s);
  double sum = 0;
  for_each_place({axes[0].in, axes[1].in}, [&](const Place& p) {
    sum += rows[static_cast<std::size_t>(p[0])] * columns[static_cast<std::size_t>(p[1])] *
           element_at(x, {place[0], p[0], p[1]});
  });
  return sum;
}

void check_resize(const Tensor& x, std::array<ResizedAxis, 2> axes, bool by_sizes,
                  const ResizeSettings& s) {
  CAPTURE(s.mode);
  CAPTURE(s.coordinates);
  CAPTURE(s.nearest);
  CAPTURE(s.cubic_a);
  CAPTURE(s.exclude_outside);
  CAPTURE(by_sizes);
  CAPTURE(axes[0].scale);
  CAPTURE(axes[1].scale);
  for (ResizedAxis& axis : axes) {
    axis.out = static_cast<std::int64_t>(std::floor(double(axis.in) * axis.scale));
    axis.scale = by_sizes ? double(axis.out) / double(axis.in) : axis.scale;
  }
  const auto number = [](double value) { return static_cast<float>(value); };
  const OneLayer layer("Resize", {1, 2, 3},
                       {{"mode", s.mode},
                        {"coordinate_transformation_mode", s.coordinates},
                        {"nearest_mode", s.nearest},
                        {"cubic_coeff_a", number(s.cubic_a)},
                        {"exclude_outside", std::int64_t{s.exclude_outside ? 1 : 0}},
                        {"extrapolation_value", number(kExtrapolation)}});
  std::vector<Tensor> inputs = {x,
                                floats({6}, {0, number(axes[0].begin), number(axes[1].begin), 1,
                                             number(axes[0].end), number(axes[1].end)}),
                                floats({3}, {1, number(axes[0].scale), number(axes[1].scale)})};
  if (by_sizes) {
    inputs[2] = Tensor();
    inputs.push_back(integers({x.shape()[0], axes[0].out, axes[1].out}));
  }
  std::vector<double> expected;
  for_each_place({x.shape()[0], axes[0].out, axes[1].out},
                 [&](const Place& place) { expected.push_back(naive_resized(x, place, axes, s)); });
  CHECK(difference_of(layer.run(inputs), expected) < 1e-5);
}

}  // namespace

TEST_CASE("resize: every combination of its attributes") {
  std::mt19937 random(3);
  const Tensor x = drawn_numbers({2, 4, 8}, random);
  std::vector<ResizeSettings> all;
  for (const std::string coordinates :
       {"asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners", "tf_crop_and_resize"}) {
    for (const std::string nearest : {"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"}) {
      all.push_back({"nearest", coordinates, nearest});
    }
    all.push_back({"linear", coordinates, "floor"});
    for (const double a : {-0.75, -0.5}) {
      for (const bool exclude : {false, true}) {
        all.push_back({"cubic", coordinates, "floor", a, exclude});
      }
    }
  }
  // Extents of 4 and 8, scaled to 1, 2, 3, 4, 5, 8, 9 and more; crops inside and outside.
  const std::vector<std::pair<double, double>> scales = {{2, 0.5},      {0.5, 2},     {0.25, 1.125},
                                                         {1.25, 0.125}, {1, 1},       {0.75, 1},
                                                         {2.25, 0.625}, {4.25, 0.375}};
  const std::vector<std::pair<double, double>> crops = {
      {0, 1}, {0.25, 0.75}, {-0.25, 1.25}, {0.5, 1.5}, {1, 0}};
  for (const ResizeSettings& s : all) {
    for (const auto& [down, across] : scales) {
      for (const bool by_sizes : {false, true}) {
        for (std::size_t i = 0; i < crops.size(); ++i) {
          const auto& [begin, end] = crops[i];
          const auto& [left, right] = crops[(i + 1) % crops.size()];
          check_resize(x, {{{4, 0, down, begin, end}, {8, 0, across, left, right}}}, by_sizes, s);
          if (s.coordinates != "tf_crop_and_resize") {
            break;
          }
        }
      }
    }
  }
}

}  // namespace offcut::ops::resize_test
