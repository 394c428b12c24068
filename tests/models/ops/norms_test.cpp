// Norms and running sums: operators of which ONNX has no cases, or few.

#include <doctest/doctest.h>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::norms_test {
namespace {

using Attributed = std::vector<std::pair<std::string, AttributeValue>>;

const std::pair<std::string, AttributeValue> kOne = {"p", std::int64_t{1}};

}  // namespace

TEST_CASE("lp normalization: each line gets length 1, zeros stay") {
  const Tensor x = floats({3, 2}, {3, 4, 0, 0, -1, 3});
  const auto y = values(OneLayer("LpNormalization").run({x}));
  CHECK(std::vector<float>(y.begin(), y.begin() + 4) == std::vector<float>{0.6F, 0.8F, 0, 0});
  CHECK(values(OneLayer("LpNormalization", {}, {kOne}).run({x})) ==
        std::vector<float>{3.0F / 7, 4.0F / 7, 0, 0, -0.25F, 0.75F});
  CHECK(values(OneLayer("LpNormalization", {}, {kOne, {"axis", std::int64_t{0}}}).run({x})) ==
        std::vector<float>{0.75F, 4.0F / 7, 0, 0, -0.25F, 3.0F / 7});
}

TEST_CASE("lp pool: the norm of each window; padding adds nothing") {
  const Tensor x = floats({1, 1, 4}, {3, 4, -6, 8});
  const std::pair<std::string, AttributeValue> two = {"kernel_shape", std::vector<std::int64_t>{2}};
  const std::pair<std::string, AttributeValue> apart = {"strides", std::vector<std::int64_t>{2}};
  const std::pair<std::string, AttributeValue> pads = {"pads", std::vector<std::int64_t>{1, 1}};
  CHECK(values(OneLayer("LpPool", {}, {two, apart}).run({x})) == std::vector<float>{5, 10});
  CHECK(values(OneLayer("LpPool", {}, {two, apart, pads, kOne}).run({x})) ==
        std::vector<float>{3, 10, 8});
  CHECK(values(OneLayer("GlobalLpPool", {}, {kOne}).run({x})) == std::vector<float>{21});
  CHECK_THROWS_WITH(OneLayer("LpPool", {}, {two, {"p", std::int64_t{0}}}).run({x}),
                    "layer 'it' (LpPool): attribute 'p' is 0, expected at least 1");
}

TEST_CASE("top k: equal elements in their order, and the older forms") {
  const Tensor x = floats({1, 5}, {2, 7, 7, 1, 2});
  const OneLayer top("TopK", {1});
  CHECK(values(top.run({x, integers({3})})) == std::vector<float>{7, 7, 2});
  CHECK(values(OneLayer("TopK", {1}, {{"largest", std::int64_t{0}}}).run({x, integers({2})})) ==
        std::vector<float>{1, 2});
  CHECK(values(OneLayer("TopK", {}, {{"k", std::int64_t{1}}}, 9).run({x})) ==
        std::vector<float>{7});
  CHECK_THROWS_WITH(top.run({x, integers({6})}), "layer 'it' (TopK): k is 6, expected 0 to 5");
  CHECK_THROWS_WITH(
      OneLayer("TopK").run({x, integers({2})}),
      "layer 'it' (TopK): input 1 must be a constant: shapes depend on it. If it is an input of "
      "the network, or follows from one, fix that with --fix NAME=VALUE");
}

TEST_CASE("mod: the sign of the divisor, or of the dividend") {
  const Tensor a = integers({-7, 7, -7, 7});
  const Tensor b = integers({3, -3, -3, 3});
  const auto run = [&](const Attributed& attributes) {
    const Tensor y = OneLayer("Mod", {}, attributes).run({a, b});
    return std::vector<std::int64_t>(y.values<std::int64_t>().begin(),
                                     y.values<std::int64_t>().end());
  };
  CHECK(run({}) == std::vector<std::int64_t>{2, -2, -1, 1});
  CHECK(run({{"fmod", std::int64_t{1}}}) == std::vector<std::int64_t>{-1, 1, -1, 1});
  CHECK_THROWS_WITH(OneLayer("Mod").run({a, integers({0})}),
                    "layer 'it' (Mod): integer division by zero");
}

TEST_CASE("einsum: attention's products, diagonals, and inputs that do not fit") {
  const auto einsum = [](const char* equation) {
    return OneLayer("Einsum", {}, {{"equation", std::string(equation)}});
  };
  const Tensor a = floats({2, 2}, {1, 2, 3, 4});
  const Tensor b = floats({2, 2}, {5, 6, 7, 8});
  CHECK(values(einsum("ij, jk -> ik").run({a, b})) == std::vector<float>{19, 22, 43, 50});
  CHECK(values(einsum("ij,kj->ki").run({a, b})) == std::vector<float>{17, 39, 23, 53});
  CHECK(values(einsum("ii->i").run({a})) == std::vector<float>{1, 4});
  CHECK(values(einsum("ij->").run({a})) == std::vector<float>{10});
  CHECK(values(einsum("...i,...i->...").run({a, floats({1, 2}, {1, 10})})) ==
        std::vector<float>{21, 43});
  CHECK(einsum("ij,jk->ik").work({a, b}).macs == 8);
  CHECK_THROWS_WITH(
      einsum("ij,jk->il").run({a, b}),
      "layer 'it' (Einsum): equation 'ij,jk->il': has a label that only its output contains");
  CHECK_THROWS_WITH(einsum("ij->ij").run({a, b}),
                    "layer 'it' (Einsum): equation 'ij->ij': has too few terms");
}

TEST_CASE("an input that a layer's output shape depends on must be a constant") {
  CHECK_THROWS_WITH(
      OneLayer("NonZero").run({floats({2}, {0, 1})}),
      "layer 'it' (NonZero): input 0 must be a constant: shapes depend on it. If it is an input of "
      "the network, or follows from one, fix that with --fix NAME=VALUE");
  const Tensor y = OneLayer("NonZero", {0}).run({floats({2, 2}, {0, 1, 1, 0})});
  CHECK(
      std::vector<std::int64_t>(y.values<std::int64_t>().begin(), y.values<std::int64_t>().end()) ==
      std::vector<std::int64_t>{0, 1, 1, 0});
}

}  // namespace offcut::ops::norms_test
