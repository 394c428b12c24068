#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::mlp_s3_test {

TEST_CASE("mlp-s3: work and weights") {
  // MAC: 784*128 + 128*10. Weights and biases: 785*128 + 129*10.
  const Zoo zoo;
  const LayerWork total = zoo.build("mlp-s3").total_work();
  CHECK(total.macs == 101632);
  CHECK(total.parameters == 101770);
}

TEST_CASE("mlp-s3: its answer is a distribution over 10 classes") {
  const Zoo zoo;
  const std::vector<float> y = answer(zoo.build("mlp-s3"));
  REQUIRE(all_finite(y));
  CHECK(y.size() == 10);
  CHECK(sum(y) == doctest::Approx(1).epsilon(1e-5));
}

}  // namespace offcut::zoo::mlp_s3_test
