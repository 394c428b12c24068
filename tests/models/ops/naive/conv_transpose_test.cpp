// ConvTranspose against a naive loop that scatters each element, for random attributes: groups,
// strides, dilations, pads, output_padding, output_shape and auto_pad.

#include <doctest/doctest.h>

#include <array>

#include "tests/models/ops/naive/places.h"

namespace offcut::ops::conv_transpose_test {
namespace {

using Numbers = std::vector<std::int64_t>;

struct SpreadAxis {
  std::int64_t in = 1, kernel = 1, stride = 1, dilation = 1;
  std::int64_t begin = 0, end = 0, more = 0;  // Padding, and output_padding.
  std::int64_t out = 0;

  std::int64_t uncropped() const { return (in - 1) * stride + (kernel - 1) * dilation + 1 + more; }
  /// Crops to the given extent: half of the padding at each end, the odd one by `upper` at the end.
  void crop_to(std::int64_t extent, bool upper) {
    const std::int64_t total = std::max<std::int64_t>(0, uncropped() - extent);
    begin = upper ? total / 2 : total - total / 2;
    out = extent;
  }
};

struct Spread {
  std::int64_t groups, in_channels, out_channels;  // Channels per group.
  std::array<SpreadAxis, 2> axes;
};

std::vector<double> spread_slowly(const Spread& s, const Tensor& x, const Tensor& w,
                                  const Tensor& bias) {
  const auto& [rows, columns] = s.axes;
  const Shape shape = {x.shape()[0], s.groups * s.out_channels, rows.out, columns.out};
  std::vector<double> y(static_cast<std::size_t>(elements(shape)));
  for_each_place(shape, [&](const Place& p) {
    y[offset_of(shape, p)] = bias.values<float>()[static_cast<std::size_t>(p[1])];
  });
  for_each_place(x.shape(), [&](const Place& p) {
    for_each_place({s.out_channels, rows.kernel, columns.kernel}, [&](const Place& tap) {
      const std::int64_t channel = p[1] / s.in_channels * s.out_channels + tap[0];
      const Place target = {p[0], channel, p[2] * rows.stride + tap[1] * rows.dilation - rows.begin,
                            p[3] * columns.stride + tap[2] * columns.dilation - columns.begin};
      if (target[2] >= 0 && target[2] < rows.out && target[3] >= 0 && target[3] < columns.out) {
        y[offset_of(shape, target)] +=
            double(element_at(x, p)) * element_at(w, {p[1], tap[0], tap[1], tap[2]});
      }
    });
  });
  return y;
}

}  // namespace

TEST_CASE("conv transpose: random attributes agree with scattering each element") {
  std::mt19937 random(13);
  const auto draw = [&](std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random() % unsigned(most - least + 1));
  };
  std::array<int, 4> compared{};
  for (int round = 0; round < 800; ++round) {
    Spread s{draw(1, 3), draw(1, 2), draw(1, 3), {}};
    const auto form = static_cast<std::size_t>(draw(0, 3));
    const bool upper = draw(0, 1) == 1;
    bool fits = true;
    for (SpreadAxis& axis : s.axes) {
      axis = {draw(1, 4), draw(1, 3), draw(1, 3), draw(1, 3)};
      axis.more = form < 3 ? draw(0, std::max(axis.stride, axis.dilation) - 1) : 0;
      if (form < 2) {
        axis.begin = draw(0, 2);
        axis.end = draw(0, 2);
        axis.out = axis.uncropped() - axis.begin - axis.end;
        fits = fits && axis.out > 0;
      } else if (form == 2) {
        axis.crop_to(draw(1, axis.uncropped() + 1), false);
      } else {
        axis.crop_to(axis.in * axis.stride, upper);
      }
    }
    const auto& [rows, columns] = s.axes;
    AttributePairs attributes = {{"group", s.groups},
                                 {"strides", Numbers{rows.stride, columns.stride}},
                                 {"dilations", Numbers{rows.dilation, columns.dilation}},
                                 {"output_padding", Numbers{rows.more, columns.more}}};
    if (form < 2) {
      attributes.emplace_back("pads", Numbers{rows.begin, columns.begin, rows.end, columns.end});
    } else if (form == 2) {
      attributes.emplace_back("output_shape", Numbers{rows.out, columns.out});
    } else {
      attributes.emplace_back("auto_pad", std::string(upper ? "SAME_UPPER" : "SAME_LOWER"));
    }
    CAPTURE(round);
    CAPTURE(form);
    const Tensor x = drawn_numbers({2, s.groups * s.in_channels, rows.in, columns.in}, random, 9);
    const Tensor w = drawn_numbers(
        {s.groups * s.in_channels, s.out_channels, rows.kernel, columns.kernel}, random, 9);
    const Tensor bias = drawn_numbers({s.groups * s.out_channels}, random, 9);
    const OneLayer layer("ConvTranspose", {}, attributes);
    if (!fits) {
      CHECK_THROWS_AS(layer.run({x, w, bias}), std::invalid_argument);
      continue;
    }
    ++compared.at(form);
    const Tensor y = layer.run({x, w, bias});
    CHECK(y.shape() == Shape{2, s.groups * s.out_channels, rows.out, columns.out});
    CHECK(difference_of(y, spread_slowly(s, x, w, bias)) == 0);
  }
  CHECK(compared[0] > 50);
  CHECK(compared[2] > 50);
  CHECK(compared[3] > 50);
}

}  // namespace offcut::ops::conv_transpose_test
