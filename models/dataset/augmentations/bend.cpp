// `bend`: moves each pixel by a random vector that changes smoothly over the image, as a hand's
// strokes do. Normally distributed vectors on a coarse grid are interpolated by cubic B-splines,
// whose weights are never negative and have the sum 1.

#include <algorithm>
#include <array>
#include <boost/random/normal_distribution.hpp>
#include <cmath>

#include "models/dataset/augmentation.h"

namespace offcut::dataset {
namespace {

/// The four weights of a cubic B-spline at a share t between two knots.
std::array<double, 4> spline_weights(double t) {
  const double u = 1 - t;
  return {u * u * u / 6, (3 * t * t * t - 6 * t * t + 4) / 6, (3 * u * u * u - 6 * u * u + 4) / 6,
          t * t * t / 6};
}

/// A smooth random function over an image.
class SmoothField {
 public:
  SmoothField(const Image& image, double cells, double deviation, RandomStream& stream)
      : knots_(static_cast<std::size_t>(cells) + 3),
        scale_y_(cells / static_cast<double>(std::max<std::int64_t>(1, image.height))),
        scale_x_(cells / static_cast<double>(std::max<std::int64_t>(1, image.width))) {
    boost::random::normal_distribution<double> normal(0, 1);
    for (std::size_t i = 0; i < knots_ * knots_; ++i) {
      values_.push_back(normal(stream) * deviation);
    }
  }

  double at(double y, double x) const {
    const double row = y * scale_y_, column = x * scale_x_;
    const auto first_row = static_cast<std::size_t>(row);
    const auto first_column = static_cast<std::size_t>(column);
    const auto down = spline_weights(row - std::floor(row));
    const auto right = spline_weights(column - std::floor(column));
    double sum = 0;
    for (std::size_t i = 0; i < down.size(); ++i) {
      for (std::size_t j = 0; j < right.size(); ++j) {
        sum += down[i] * right[j] * values_[(first_row + i) * knots_ + first_column + j];
      }
    }
    return sum;
  }

 private:
  std::size_t knots_;
  double scale_y_, scale_x_;
  std::vector<double> values_;
};

void apply_bend(const Parameters& parameters, const Image& image, RandomStream& stream) {
  const SmoothField down(image, parameters.at("cells"), parameters.at("pixels"), stream);
  const SmoothField right(image, parameters.at("cells"), parameters.at("pixels"), stream);
  warp(image, [&](double y, double x) { return std::pair(y + down.at(y, x), x + right.at(y, x)); });
}

}  // namespace

void register_bend(Registry<Augmentation>& registry) {
  registry.add({.name = "bend",
                .doc = "moved by a smooth random field (elastic)",
                .citation = "Simard, Steinkraus, Platt, ICDAR 2003, section 2",
                .parameters = {{.name = "cells",
                                .is_whole = true,
                                .fallback = 5,
                                .least = 1,
                                .most = 1000,
                                .doc = "cells of the field's grid in each direction"},
                               {.name = "pixels",
                                .fallback = 1,
                                .most = 1e4,
                                .doc = "deviation of the vectors at its knots"}},
                .apply = apply_bend});
}

}  // namespace offcut::dataset
