#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::softmax_regression_test {

TEST_CASE("softmax-regression: work and weights") {
  // MAC: 784*10. Weights and biases: 785*10.
  const Zoo zoo;
  const LayerWork total = zoo.build("softmax-regression").total_work();
  CHECK(total.macs == 7840);
  CHECK(total.parameters == 7850);
}

TEST_CASE("softmax-regression: its answer is a distribution over 10 classes") {
  const Zoo zoo;
  const std::vector<float> y = answer(zoo.build("softmax-regression"));
  REQUIRE(all_finite(y));
  CHECK(y.size() == 10);
  CHECK(sum(y) == doctest::Approx(1).epsilon(1e-5));
}

}  // namespace offcut::zoo::softmax_regression_test
