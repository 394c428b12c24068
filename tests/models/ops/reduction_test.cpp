#include <doctest/doctest.h>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::reduction_test {
namespace {

using Numbers = std::vector<std::int64_t>;

Tensor example() { return floats({2, 3}, {1, 2, 3, 4, 5, -6}); }

OneLayer over(const char* op, const Numbers& axes, std::int64_t keepdims = 1, int opset = 11) {
  return OneLayer(op, {}, {{"axes", axes}, {"keepdims", keepdims}}, opset);
}

}  // namespace

TEST_CASE("reductions: over rows, columns and everything") {
  CHECK(values(over("ReduceMean", {1}).run({example()})) == std::vector<float>{2, 1});
  CHECK(values(over("ReduceSum", {0}).run({example()})) == std::vector<float>{5, 7, -3});
  CHECK(values(over("ReduceMax", {-1}).run({example()})) == std::vector<float>{3, 5});
  CHECK(values(over("ReduceMin", {0}).run({example()})) == std::vector<float>{1, 2, -6});
  CHECK(values(over("ReduceProd", {1}).run({example()})) == std::vector<float>{6, -120});
  CHECK(values(over("ReduceL1", {1}).run({example()})) == std::vector<float>{6, 15});
  CHECK(values(over("ReduceL2", {1}).run({floats({1, 2}, {3, 4})})) == std::vector<float>{5});
  CHECK(values(over("ReduceSumSquare", {1}).run({example()})) == std::vector<float>{14, 77});
  CHECK(values(over("ReduceLogSum", {0}).run({floats({2}, {0.25F, 0.75F})})) ==
        std::vector<float>{0});
  CHECK(over("ReduceMean", {1}).run({example()}).shape() == Shape{2, 1});
  CHECK(over("ReduceMean", {1}, 0).run({example()}).shape() == Shape{2});
  CHECK(values(OneLayer("ReduceSum").run({example()})) == std::vector<float>{9});
  CHECK(over("ReduceMax", {0, 1}, 0).run({example()}).shape().empty());
}

TEST_CASE("reductions: inner and outer axes at once") {
  const Tensor x = floats({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(values(over("ReduceSum", {0, 2}).run({x})) == std::vector<float>{14, 22});
  CHECK(values(over("ReduceSum", {1}).run({x})) == std::vector<float>{4, 6, 12, 14});
}

TEST_CASE("reductions: axes as an input, and none") {
  const OneLayer sum("ReduceSum", {1});
  CHECK(values(sum.run({example(), integers({1})})) == std::vector<float>{6, 3});
  const OneLayer same("ReduceSum", {}, {{"noop_with_empty_axes", std::int64_t{1}}});
  CHECK(values(same.run({example()})) == values(example()));
  CHECK_THROWS_WITH(sum.run({example(), integers({2})}),
                    "layer 'it' (ReduceSum): axis 2 is out of range for 2 axes");
}

TEST_CASE("reductions: integers, and empty inputs") {
  const auto product = OneLayer("ReduceProd").run({integers({2, 3, 7})});
  CHECK(product.values<std::int64_t>().front() == 42);
  CHECK(OneLayer("ReduceMax").run({integers({-5, -3})}).values<std::int64_t>().front() == -3);
  CHECK(values(OneLayer("ReduceSum").run({floats({0})})) == std::vector<float>{0});
  CHECK_THROWS_WITH(OneLayer("ReduceMax").run({floats({2, 0})}),
                    "layer 'it' (ReduceMax): input 2x0 has no elements to reduce");
  CHECK_THROWS_WITH(OneLayer("ReduceMean").run({integers({1})}),
                    "layer 'it' (ReduceMean): input 0 is int64, only float32 is supported");
}

}  // namespace offcut::ops::reduction_test
