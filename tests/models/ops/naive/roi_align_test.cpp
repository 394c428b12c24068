// RoiAlign against a naive loop, with regions that are smaller than an element, empty, turned
// around, partly and wholly outside.

#include <doctest/doctest.h>

#include <cmath>
#include <optional>

#include "tests/models/ops/naive/places.h"

namespace offcut::ops::roi_align_test {
namespace {

struct RegionSettings {
  std::int64_t height, width, ratio;
  double scale;
  bool half_pixel, mean;
};

/// Returns the neighbours' values times their weights at a place, or zeros if it lies more than one
/// element outside.
std::vector<double> weighted_neighbours(const Tensor& image, std::int64_t n, std::int64_t c,
                                        double y, double x) {
  const std::int64_t rows = image.shape()[2];
  const std::int64_t columns = image.shape()[3];
  if (y < -1 || y > double(rows) || x < -1 || x > double(columns)) {
    return {0, 0, 0, 0};
  }
  y = std::min(std::max(y, 0.0), double(rows - 1));
  x = std::min(std::max(x, 0.0), double(columns - 1));
  std::vector<double> parts;
  for (const int down : {0, 1}) {
    for (const int right : {0, 1}) {
      const double row = std::floor(y) + down;
      const double column = std::floor(x) + right;
      const double weight = (1 - std::abs(y - row)) * (1 - std::abs(x - column));
      parts.push_back(weight * element_at(image, {n, c, std::min(std::int64_t(row), rows - 1),
                                                  std::min(std::int64_t(column), columns - 1)}));
    }
  }
  return parts;
}

/// Returns the places of the samples of cell `cell` of `cells` between two ends.
std::vector<double> sample_places(double from, double to, std::int64_t cell, std::int64_t cells,
                                  const RegionSettings& s) {
  const double shift = s.half_pixel ? 0.5 : 0;
  const double start = from * s.scale - shift;
  double length = to * s.scale - shift - start;
  if (!s.half_pixel && length < 1) {
    length = 1;
  }
  const double step = length / double(cells);
  const auto samples = s.ratio > 0 ? s.ratio : static_cast<std::int64_t>(std::ceil(step));
  std::vector<double> places;
  for (std::int64_t i = 0; i < samples; ++i) {
    places.push_back(start + step * (double(cell) + (double(i) + 0.5) / double(samples)));
  }
  return places;
}

double naive_cell(const Tensor& image, std::int64_t n, std::int64_t c,
                  const std::vector<double>& rows, const std::vector<double>& columns, bool mean) {
  double sum = 0;
  std::optional<double> greatest;
  for (const double y : rows) {
    for (const double x : columns) {
      for (const double part : weighted_neighbours(image, n, c, y, x)) {
        sum += part;
        greatest = std::max(part, greatest.value_or(part));
      }
    }
  }
  const auto samples = double(rows.size() * columns.size());
  return !greatest ? 0 : mean ? sum / samples : *greatest;
}

}  // namespace

TEST_CASE("roi align: every setting, with regions below one element and outside") {
  std::mt19937 random(2);
  const Tensor image = drawn_numbers({2, 3, 7, 6}, random);
  // x1, y1, x2, y2; binary fractions, so that the number of adaptive samples is exact.
  const std::vector<float> regions = {
      0,     0,     6,      7,     1.25F, 2.5F,  4.75F,  5.5F,    // Inside.
      2.25F, 3,     2.5F,   3.75F, 3,     3,     3.125F, 3.25F,   // Below one element.
      2,     2,     2,      5,     4.5F,  1.5F,  4.5F,   1.5F,    // Without an extent.
      4,     5,     2,      1,                                    // Turned around.
      -3.5F, -2,    2.25F,  3,     4,     5,     9.5F,   10.25F,  // Partly outside.
      -9,    -8.5F, -4.25F, -3,    12,    13,    15.5F,  14,      // Outside.
      -1.5F, 6.25F, 8,      8.5F,  -0.5F, -0.5F, 0.25F,  0.5F};   // Across the border.
  const auto count = static_cast<std::int64_t>(regions.size()) / 4;
  std::vector<std::int64_t> images;
  for (std::int64_t i = 0; i < count; ++i) {
    images.push_back(i % 2);
  }
  for (int choice = 0; choice < 2 * 2 * 4 * 3 * 2; ++choice) {
    const RegionSettings s{.height = choice % 3 + 1,
                           .width = 4 - choice % 3,
                           .ratio = choice / 3 % 4,
                           .scale = choice / 12 % 2 == 0 ? 1 : 0.5,
                           .half_pixel = choice / 24 % 2 == 0,
                           .mean = choice / 48 % 2 == 0};
    const AttributePairs attributes = {
        {"output_height", s.height},
        {"output_width", s.width},
        {"sampling_ratio", s.ratio},
        {"spatial_scale", float(s.scale)},
        {"mode", std::string(s.mean ? "avg" : "max")},
        {"coordinate_transformation_mode",
         std::string(s.half_pixel ? "half_pixel" : "output_half_pixel")}};
    std::vector<double> expected;
    for_each_place({count, 3, s.height, s.width}, [&](const Place& p) {
      const float* const region = regions.data() + p[0] * 4;
      expected.push_back(naive_cell(image, images[static_cast<std::size_t>(p[0])], p[1],
                                    sample_places(region[1], region[3], p[2], s.height, s),
                                    sample_places(region[0], region[2], p[3], s.width, s), s.mean));
    });
    CAPTURE(choice);
    const Tensor got = OneLayer("RoiAlign", {}, attributes, 16)
                           .run({image, floats({count, 4}, regions), integers(images)});
    CHECK(difference_of(got, expected) < 1e-5);
  }
}

}  // namespace offcut::ops::roi_align_test
