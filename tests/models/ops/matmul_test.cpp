#include <doctest/doctest.h>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::matmul_test {

TEST_CASE("matmul: a vector is a row on the left and a column on the right") {
  const OneLayer layer("MatMul");
  const Tensor v = floats({2}, {1, 10});
  const Tensor m = floats({2, 2}, {1, 2, 3, 4});
  const Tensor dot = layer.run({v, v});
  CHECK(dot.shape().empty());
  CHECK(values(dot) == std::vector<float>{101});
  CHECK(values(layer.run({v, m})) == std::vector<float>{31, 42});  // 1 + 10*3, 2 + 10*4
  CHECK(values(layer.run({m, v})) == std::vector<float>{21, 43});  // 1 + 2*10, 3 + 4*10
  CHECK(layer.run({m, v}).shape() == Shape{2});
}

TEST_CASE("matmul: batches are broadcast") {
  // Two rows (1 2), (3 4) meet three columns (1 0), (0 1), (1 1): each product is first, second,
  // sum.
  const OneLayer layer("MatMul");
  const auto y =
      layer.run({floats({2, 1, 1, 2}, {1, 2, 3, 4}), floats({3, 2, 1}, {1, 0, 0, 1, 1, 1})});
  CHECK(y.shape() == Shape{2, 3, 1, 1});
  CHECK(values(y) == std::vector<float>{1, 2, 3, 3, 4, 7});
}

TEST_CASE("matmul: one matrix of weights serves the whole batch") {
  // Rows (1 2), (3 4), (5 6) times (1 2 / 10 20): 1 + 20, 2 + 40; 3 + 40, 6 + 80; 5 + 60, 10 + 120.
  const OneLayer layer("MatMul");
  const auto y = layer.run({floats({3, 1, 2}, {1, 2, 3, 4, 5, 6}), floats({2, 2}, {1, 2, 10, 20})});
  CHECK(y.shape() == Shape{3, 1, 2});
  CHECK(values(y) == std::vector<float>{21, 42, 43, 86, 65, 130});
  // The one matrix may have a batch axis, too: (1 2), (3 4) times (1 10).
  const auto again = layer.run({floats({2, 1, 2}, {1, 2, 3, 4}), floats({1, 2, 1}, {1, 10})});
  CHECK(values(again) == std::vector<float>{21, 43});
  // The same with the batch on the right: row (1 10) times the three columns.
  const auto z = layer.run({floats({2}, {1, 10}), floats({3, 2, 1}, {1, 2, 3, 4, 5, 6})});
  CHECK(z.shape() == Shape{3, 1});
  CHECK(values(z) == std::vector<float>{21, 43, 65});
}

TEST_CASE("matmul: sums over no elements are 0, and no rows stay no rows") {
  const OneLayer layer("MatMul");
  CHECK(values(layer.run({floats({2, 0}), floats({0, 1})})) == std::vector<float>{0, 0});
  CHECK(layer.run({floats({0, 3}), floats({3, 2})}).shape() == Shape{0, 2});
}

TEST_CASE("matmul: inputs that do not fit are refused") {
  const OneLayer layer("MatMul");
  CHECK_THROWS_WITH(layer.run({floats({2, 3}), floats({2, 3})}),
                    "layer 'it' (MatMul): A of 2x3 and B of 2x3 do not fit");
  CHECK_THROWS_WITH(layer.run({floats({2, 1, 3}), floats({3, 3, 1})}),
                    "layer 'it' (MatMul): shapes 2 and 3 cannot be broadcast");
  CHECK_THROWS_WITH(layer.run({floats({}), floats({2})}),
                    "layer 'it' (MatMul): a scalar cannot be multiplied as a matrix");
  CHECK_THROWS_WITH(layer.run({floats({2})}), "layer 'it' (MatMul): input 1 is missing");
}

TEST_CASE("matmul: work counts each product of the batch") {
  const LayerWork work = OneLayer("MatMul").work({floats({4, 2, 3}), floats({4, 3, 5})});
  CHECK(work.macs == 4 * 2 * 3 * 5);
  CHECK(work.kind == LayerKind::dense);
  CHECK(OneLayer("MatMul").work({floats({7}), floats({7})}).macs == 7);
}

}  // namespace offcut::ops::matmul_test
