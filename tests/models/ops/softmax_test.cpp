#include <doctest/doctest.h>

#include <cmath>

#include "tests/models/ops/one_layer.h"

namespace offcut::ops::softmax_test {
namespace {

/// Returns the logarithms of the numbers: softmax gives back the numbers divided by their sum.
Tensor logs(Shape shape, std::vector<float> numbers) {
  for (float& number : numbers) {
    number = std::log(number);
  }
  return floats(std::move(shape), std::move(numbers));
}

void check_close(const Tensor& y, const std::vector<double>& expected) {
  REQUIRE(values(y).size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(values(y)[i] == doctest::Approx(expected[i]));
  }
}

}  // namespace

TEST_CASE("softmax: from opset 13 on along one axis, the last by default") {
  const Tensor x = logs({1, 2, 2}, {1, 2, 5, 8});
  check_close(OneLayer("Softmax").run({x}), {1.0 / 3, 2.0 / 3, 5.0 / 13, 8.0 / 13});
  const std::vector<double> columns = {1.0 / 6, 2.0 / 10, 5.0 / 6, 8.0 / 10};
  check_close(OneLayer("Softmax", {}, {{"axis", std::int64_t{1}}}).run({x}), columns);
  check_close(OneLayer("Softmax", {}, {{"axis", std::int64_t{-2}}}).run({x}), columns);
  check_close(OneLayer("Softmax", {}, {{"axis", std::int64_t{0}}}).run({x}), {1, 1, 1, 1});
}

TEST_CASE("softmax: up to opset 12 over all axes from `axis` on, 1 by default") {
  const Tensor x = logs({2, 2, 2}, {1, 2, 5, 8, 3, 3, 3, 3});
  check_close(OneLayer("Softmax", {}, {}, 12).run({x}),
              {1.0 / 16, 2.0 / 16, 5.0 / 16, 8.0 / 16, 0.25, 0.25, 0.25, 0.25});
  check_close(OneLayer("Softmax", {}, {{"axis", std::int64_t{2}}}, 12).run({x}),
              {1.0 / 3, 2.0 / 3, 5.0 / 13, 8.0 / 13, 0.5, 0.5, 0.5, 0.5});
}

TEST_CASE("softmax: only differences count, so large numbers do not overflow") {
  const OneLayer layer("Softmax");
  CHECK(values(layer.run({floats({2}, {1000, 1001})})) == values(layer.run({floats({2}, {0, 1})})));
  CHECK(values(layer.run({floats({2}, {0, 1})}))[1] == doctest::Approx(1 / (1 + std::exp(-1.0))));
}

TEST_CASE("softmax: axes and work") {
  CHECK_THROWS_WITH(OneLayer("Softmax", {}, {{"axis", std::int64_t{2}}}).run({floats({2, 2})}),
                    "layer 'it' (Softmax): axis 2 is out of range for 2 axes");
  CHECK_THROWS_WITH(OneLayer("Softmax", {}, {}, 11).run({floats({3})}),
                    "layer 'it' (Softmax): axis 1 is out of range for 1 axes");
  CHECK_THROWS_WITH(OneLayer("Softmax").run({floats({})}),
                    "layer 'it' (Softmax): axis -1 is out of range for 0 axes");
  CHECK(OneLayer("Softmax").work({floats({2})}).kind == LayerKind::normalization);
  CHECK(OneLayer("Softmax").run({floats({0, 3})}).shape() == Shape{0, 3});
}

}  // namespace offcut::ops::softmax_test
