#include <doctest/doctest.h>

#include <cmath>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::lrn_test {
namespace {

/// Makes x / sum of squares: alpha = size, beta = 1, bias = 0.
OneLayer over_squares(std::int64_t size) {
  return OneLayer(
      "LRN", {},
      {{"size", size}, {"alpha", static_cast<float>(size)}, {"beta", 1.0F}, {"bias", 0.0F}});
}

void check_close(const Tensor& y, const std::vector<double>& expected) {
  REQUIRE(values(y).size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(values(y)[i] == doctest::Approx(expected[i]).epsilon(1e-6));
  }
}

}  // namespace

TEST_CASE("lrn: the window lies around the channel, the longer side of an even one after it") {
  const Tensor x = floats({1, 4, 1, 1}, {1, 2, 3, 4});  // Squares: 1, 4, 9, 16.
  check_close(over_squares(1).run({x}), {1.0, 1.0 / 2, 1.0 / 3, 1.0 / 4});
  // 2: c and c + 1. 3: c - 1 to c + 1. 4: c - 1 to c + 2.
  check_close(over_squares(2).run({x}), {1.0 / 5, 2.0 / 13, 3.0 / 25, 4.0 / 16});
  check_close(over_squares(3).run({x}), {1.0 / 5, 2.0 / 14, 3.0 / 29, 4.0 / 25});
  check_close(over_squares(4).run({x}), {1.0 / 14, 2.0 / 30, 3.0 / 29, 4.0 / 25});
  // The largest size: all channels.
  check_close(over_squares(std::int64_t{1} << 40).run({x}),
              {1.0 / 30, 2.0 / 30, 3.0 / 30, 4.0 / 30});
}

TEST_CASE("lrn: positions and images do not mix") {
  // Two images of two channels with two positions; size 2 sums the channel with the next.
  const Tensor x = floats({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  check_close(over_squares(2).run({x}),
              {1.0 / 10, 2.0 / 20, 3.0 / 9, 4.0 / 16, 5.0 / 74, 6.0 / 100, 7.0 / 49, 8.0 / 64});
}

TEST_CASE("lrn: alpha is divided by size, and the defaults are 1e-4, 0.75 and 1") {
  const auto y = OneLayer("LRN", {}, {{"size", std::int64_t{5}}}).run({floats({1, 1, 1}, {100})});
  check_close(y, {100 / std::pow(1 + 1e-4 / 5 * 1e4, 0.75)});
}

TEST_CASE("lrn: powers by square roots agree with pow to 1e-6") {
  // bias + 0 is the base of the power, over the range of float; x = 1 needs alpha = 0.
  for (const float beta : {0.75F, 0.5F, 0.6F}) {
    for (const double base : {1e-30, 1e-9, 0.3, 0.999, 1.0, 1.7, 2.0, 123.4, 1e9, 1e30}) {
      CAPTURE(beta);
      CAPTURE(base);
      const auto bias = static_cast<float>(base);
      const OneLayer layer(
          "LRN", {}, {{"size", std::int64_t{1}}, {"alpha", 0.0F}, {"beta", beta}, {"bias", bias}});
      const double expected = 1 / std::pow(double{bias}, double{beta});
      // Nine places, so that both vectors and the rest of a loop are tested.
      const auto y = values(layer.run({floats({1, 1, 9}, std::vector<float>(9, 1))}));
      for (const float value : y) {
        CHECK(std::abs(value / expected - 1) < 1e-6);
      }
    }
  }
}

TEST_CASE("lrn: inputs that do not fit are refused") {
  CHECK_THROWS_WITH(OneLayer("LRN").run({floats({1, 2})}),
                    "layer 'it' (LRN): attribute 'size' is missing");
  CHECK_THROWS_WITH(OneLayer("LRN", {}, {{"size", std::int64_t{0}}}).run({floats({1, 2})}),
                    "layer 'it' (LRN): attribute 'size' is 0, expected at least 1");
  CHECK_THROWS_WITH(over_squares(3).run({floats({7})}),
                    "layer 'it' (LRN): input 7 has no channels");
  CHECK(over_squares(3).work({floats({1, 2})}).kind == LayerKind::normalization);
}

}  // namespace offcut::ops::lrn_test
