#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::transpose_test {
namespace {

OneLayer transpose(std::vector<std::int64_t> perm) {
  return OneLayer("Transpose", {}, {{"perm", std::move(perm)}});
}

/// Makes 0, 1, 2, ...
Tensor counting(Shape shape) {
  Tensor x = floats(std::move(shape));
  std::iota(x.values<float>().begin(), x.values<float>().end(), 0.0F);
  return x;
}

}  // namespace

TEST_CASE("transpose: reverses the axes by default") {
  const auto y = OneLayer("Transpose").run({counting({2, 3})});
  CHECK(y.shape() == Shape{3, 2});
  CHECK(values(y) == std::vector<float>{0, 3, 1, 4, 2, 5});
}

TEST_CASE("transpose: y[a, b, c, d] is x at the places that perm names") {
  // Element (i, j, k, l) of 2x3x4x5 is ((i * 3 + j) * 4 + k) * 5 + l.
  std::vector<std::int64_t> perm = {0, 1, 2, 3};
  const Shape extents = {2, 3, 4, 5};
  const std::vector<std::int64_t> steps = {60, 20, 5, 1};
  do {
    const auto y = transpose(perm).run({counting(extents)});
    const auto extent = [&](std::size_t i) { return extents[static_cast<std::size_t>(perm[i])]; };
    const auto step = [&](std::size_t i) { return steps[static_cast<std::size_t>(perm[i])]; };
    std::vector<float> expected;
    for (std::int64_t a = 0; a < extent(0); ++a) {
      for (std::int64_t b = 0; b < extent(1); ++b) {
        for (std::int64_t c = 0; c < extent(2); ++c) {
          for (std::int64_t d = 0; d < extent(3); ++d) {
            expected.push_back(
                static_cast<float>(a * step(0) + b * step(1) + c * step(2) + d * step(3)));
          }
        }
      }
    }
    CHECK(y.shape() == Shape{extent(0), extent(1), extent(2), extent(3)});
    CHECK(values(y) == expected);
  } while (std::next_permutation(perm.begin(), perm.end()));
}

TEST_CASE("transpose: any element type, and axes with one element or none") {
  const std::vector<std::uint8_t> bytes = {1, 2, 3, 4, 5, 6};
  const auto y =
      transpose({2, 1, 0}).run({Tensor({2, 1, 3}, std::span<const std::uint8_t>(bytes))});
  CHECK(y.shape() == Shape{3, 1, 2});
  CHECK(std::vector(y.values<std::uint8_t>().begin(), y.values<std::uint8_t>().end()) ==
        std::vector<std::uint8_t>{1, 4, 2, 5, 3, 6});
  const auto wide = transpose({1, 0}).run({integers({1, 2, 3, 4}).reshaped({2, 2})});
  CHECK(std::vector(wide.values<std::int64_t>().begin(), wide.values<std::int64_t>().end()) ==
        std::vector<std::int64_t>{1, 3, 2, 4});
  CHECK(transpose({1, 0}).run({floats({0, 3})}).shape() == Shape{3, 0});
  CHECK(values(transpose({}).run({floats({}, {7})})) == std::vector<float>{7});
}

TEST_CASE("transpose: perm must be a permutation of the axes") {
  CHECK_THROWS_WITH(transpose({0, 0}).run({floats({2, 2})}),
                    "layer 'it' (Transpose): perm [0, 0] is not a permutation of 2 axes");
  CHECK_THROWS_WITH(transpose({0, 1, 2}).run({floats({2, 2})}),
                    "layer 'it' (Transpose): perm [0, 1, 2] is not a permutation of 2 axes");
  CHECK_THROWS_WITH(transpose({0, -1}).run({floats({2, 2})}),
                    "layer 'it' (Transpose): perm [0, -1] is not a permutation of 2 axes");
  CHECK_THROWS_WITH(transpose({0}).run({floats({2, 2})}),
                    "layer 'it' (Transpose): perm [0] is not a permutation of 2 axes");
  CHECK(transpose({0}).work({floats({2})}).kind == LayerKind::data_movement);
}

}  // namespace offcut::ops::transpose_test
