#include <doctest/doctest.h>

#include <limits>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::gemm_test {
namespace {

// A * B: 1*1 + 2*2 + 3*0 = 5, 1*0 + 2*1 + 3*3 = 11; 4*1 + 5*2 + 6*0 = 14, 4*0 + 5*1 + 6*3 = 23.
const Tensor kA = floats({2, 3}, {1, 2, 3, 4, 5, 6});
const Tensor kAtransposed = floats({3, 2}, {1, 4, 2, 5, 3, 6});
const Tensor kB = floats({3, 2}, {1, 0, 2, 1, 0, 3});
const Tensor kBtransposed = floats({2, 3}, {1, 2, 0, 0, 1, 3});

OneLayer gemm(std::int64_t trans_a, std::int64_t trans_b, float alpha = 1, float beta = 1) {
  return OneLayer("Gemm", {},
                  {{"transA", trans_a}, {"transB", trans_b}, {"alpha", alpha}, {"beta", beta}});
}

}  // namespace

TEST_CASE("gemm: each operand can be given transposed") {
  const std::vector<float> product = {5, 11, 14, 23};
  CHECK(values(gemm(0, 0).run({kA, kB})) == product);
  CHECK(values(gemm(1, 0).run({kAtransposed, kB})) == product);
  CHECK(values(gemm(0, 1).run({kA, kBtransposed})) == product);
  CHECK(values(gemm(1, 1).run({kAtransposed, kBtransposed})) == product);
}

TEST_CASE("gemm: alpha scales the product, beta a C that is broadcast") {
  const OneLayer layer = gemm(0, 0, 2, 0.5F);  // 10, 22, 28, 46 and half of C.
  CHECK(values(layer.run({kA, kB, floats({2, 2}, {2, 4, 6, 8})})) ==
        std::vector<float>{11, 24, 31, 50});
  CHECK(values(layer.run({kA, kB, floats({2}, {10, 20})})) == std::vector<float>{15, 32, 33, 56});
  CHECK(values(layer.run({kA, kB, floats({2, 1}, {10, 20})})) ==
        std::vector<float>{15, 27, 38, 56});
  CHECK(values(layer.run({kA, kB, floats({}, {2})})) == std::vector<float>{11, 23, 29, 47});
}

TEST_CASE("gemm: beta = 0 ignores C, whatever its values") {
  const Tensor c = floats({}, {std::numeric_limits<float>::quiet_NaN()});
  CHECK(values(gemm(0, 0, 1, 0).run({kA, kB, c})) == std::vector<float>{5, 11, 14, 23});
}

TEST_CASE("gemm: a product over no elements is C") {
  CHECK(values(gemm(0, 0).run({floats({2, 0}), floats({0, 2}), floats({2}, {7, 8})})) ==
        std::vector<float>{7, 8, 7, 8});
}

TEST_CASE("gemm: one row and many weights, the fully connected layer at batch 1") {
  // All numbers are small integers, so that the sums are exact in any order.
  constexpr std::int64_t kInner = 301;
  constexpr std::int64_t kColumns = 37;
  const auto x = [](std::int64_t k) { return static_cast<float>(k % 5 - 2); };
  const auto w = [](std::int64_t k, std::int64_t n) { return static_cast<float>(k * n % 7 - 3); };
  std::vector<float> row;
  std::vector<float> weights;
  std::vector<float> transposed;
  std::vector<float> expected(kColumns, 0);
  for (std::int64_t k = 0; k < kInner; ++k) {
    row.push_back(x(k));
    for (std::int64_t n = 0; n < kColumns; ++n) {
      weights.push_back(w(k, n));
      expected[static_cast<std::size_t>(n)] += x(k) * w(k, n);
    }
  }
  for (std::int64_t n = 0; n < kColumns; ++n) {
    for (std::int64_t k = 0; k < kInner; ++k) {
      transposed.push_back(w(k, n));
    }
  }
  const Tensor input = floats({1, kInner}, row);
  CHECK(values(gemm(0, 0).run({input, floats({kInner, kColumns}, weights)})) == expected);
  CHECK(values(gemm(0, 1).run({input, floats({kColumns, kInner}, transposed)})) == expected);
  const auto column =
      gemm(1, 0).run({floats({kInner, kColumns}, weights), floats({kInner, 1}, row)});
  CHECK(column.shape() == Shape{kColumns, 1});
  CHECK(values(column) == expected);
}

TEST_CASE("gemm: inputs that do not fit are refused") {
  CHECK_THROWS_WITH(gemm(0, 1).run({kA, kB}),
                    "layer 'it' (Gemm): A of 2x3 and B transposed of 3x2 do not fit");
  CHECK_THROWS_WITH(gemm(0, 0).run({kA, kB, floats({3})}),
                    "layer 'it' (Gemm): shapes 3 and 2x2 cannot be broadcast");
  CHECK_THROWS_WITH(gemm(0, 0).run({kA, kB, floats({5, 2, 2})}),
                    "layer 'it' (Gemm): C of 5x2x2 cannot be broadcast to 2x2");
  CHECK_THROWS_WITH(gemm(0, 0).run({kA, floats({3})}),
                    "layer 'it' (Gemm): A is 2x3 and B is 3, expected two matrices");
  CHECK_THROWS_WITH(gemm(0, 0).run({kA, integers({1})}),
                    "layer 'it' (Gemm): input 0 is float32 and input 1 is int64");
  CHECK_THROWS_WITH(OneLayer("Gemm", {}, {}, 9).run({kA, kB}),
                    "layer 'it' (Gemm): input 2 is missing");  // Optional from opset 11 on.
}

TEST_CASE("gemm: work is M * N * K") {
  const OneLayer layer("Gemm", {1, 2}, {{"transB", std::int64_t{1}}});
  const LayerWork work = layer.work({floats({5, 7}), floats({3, 7}), floats({3})});
  CHECK(work.macs == 5 * 3 * 7);
  CHECK(work.parameters == 3 * 7 + 3);
  CHECK(work.kind == LayerKind::dense);
}

}  // namespace offcut::ops::gemm_test
