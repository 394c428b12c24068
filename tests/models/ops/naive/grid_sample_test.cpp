// GridSample against naive loops: each mode and padding, with places far outside, on the border and
// in the middle between elements.

#include <doctest/doctest.h>

#include <cmath>

#include "tests/models/ops/naive/places.h"

namespace offcut::ops::grid_sample_test {
namespace {

/// One plane, with the elements that a padding mode puts around it.
struct PaddedPlane {
  const Tensor& image;  // H x W are its last axes.
  std::int64_t n, c;
  std::string padding;
  bool corners;

  std::int64_t extent(std::size_t axis) const { return image.shape()[axis]; }

  /// Returns the index inside that an index along an axis stands for, or -1.
  std::int64_t inside(std::int64_t index, std::int64_t count) const {
    if (padding == "zeros") {
      return index < 0 || index >= count ? -1 : index;
    }
    if (padding == "border") {
      return index < 0 ? 0 : index >= count ? count - 1 : index;
    }
    while ((index < 0 || index >= count) && count > 1) {
      // The mirror is the first element, or the edge before it.
      index = index < 0 ? -index - (corners ? 0 : 1) : 2 * count - index - (corners ? 2 : 1);
    }
    return count == 1 ? 0 : index;
  }

  double operator()(std::int64_t row, std::int64_t column) const {
    const std::int64_t r = inside(row, extent(2));
    const std::int64_t k = inside(column, extent(3));
    return r < 0 || k < 0 ? 0 : element_at(image, {n, c, r, k});
  }
};

/// The convolution kernel of Keys with a = -0.75, as polynomials of the distance.
double keys(double distance) {
  const double d = std::abs(distance);
  return d < 1   ? 1.25 * d * d * d - 2.25 * d * d + 1
         : d < 2 ? -0.75 * d * d * d + 3.75 * d * d - 6 * d + 3
                 : 0;
}

double naive_sample(const PaddedPlane& plane, const std::string& mode, double y, double x) {
  if (mode == "nearest") {
    return plane(std::llrint(y), std::llrint(x));
  }
  const auto row = static_cast<std::int64_t>(std::floor(y));
  const auto column = static_cast<std::int64_t>(std::floor(x));
  const bool cubic = mode == "bicubic";
  double sum = 0;
  for (std::int64_t r = row - 1; r <= row + 2; ++r) {
    for (std::int64_t c = column - 1; c <= column + 2; ++c) {
      const double dy = std::abs(y - double(r));
      const double dx = std::abs(x - double(c));
      sum += plane(r, c) *
             (cubic ? keys(dy) * keys(dx) : std::max(0.0, 1 - dy) * std::max(0.0, 1 - dx));
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("grid sample: every mode, padding and alignment, at places inside and far outside") {
  // Powers of two make all places exact, so that places between two elements are ties.
  const std::vector<float> along = {-9.375F, -3,     -2.125F, -1.5F,  -1.25F, -1,    -0.875F,
                                    -0.5F,   -0.25F, 0,       0.125F, 0.5F,   0.75F, 1,
                                    1.25F,   1.625F, 2,       3.5F,   9.25F};
  const auto count = static_cast<std::int64_t>(along.size());
  std::mt19937 random(1);
  for (const Shape& shape : {Shape{2, 2, 4, 5}, Shape{1, 1, 3, 2}, Shape{1, 2, 1, 4}}) {
    const Tensor image = drawn_numbers(shape, random);
    std::vector<float> grid;
    for (std::int64_t i = 0; i < shape[0] * count * count; ++i) {
      grid.push_back(along[static_cast<std::size_t>(i % count)]);
      grid.push_back(along[static_cast<std::size_t>(i / count % count)]);
    }
    for (const std::string mode : {"bilinear", "nearest", "bicubic"}) {
      for (const std::string padding : {"zeros", "border", "reflection"}) {
        for (const bool corners : {false, true}) {
          CAPTURE(to_text(shape));
          CAPTURE(mode);
          CAPTURE(padding);
          CAPTURE(corners);
          const auto source = [&](float place, std::int64_t extent) {
            return corners ? (place + 1.0) / 2 * double(extent - 1)
                           : ((place + 1.0) * double(extent) - 1) / 2;
          };
          std::vector<double> expected;
          for_each_place({shape[0], shape[1], count, count}, [&](const Place& p) {
            const PaddedPlane plane{image, p[0], p[1], padding, corners};
            expected.push_back(
                naive_sample(plane, mode, source(along[static_cast<std::size_t>(p[2])], shape[2]),
                             source(along[static_cast<std::size_t>(p[3])], shape[3])));
          });
          const OneLayer layer("GridSample", {},
                               {{"mode", mode},
                                {"padding_mode", padding},
                                {"align_corners", std::int64_t{corners ? 1 : 0}}},
                               16);
          CHECK(difference_of(layer.run({image, floats({shape[0], count, count, 2}, grid)}),
                              expected) < 1e-5);
        }
      }
    }
  }
}

}  // namespace offcut::ops::grid_sample_test
