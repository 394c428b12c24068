#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::mcmahan_cnn_test {

TEST_CASE("mcmahan-cnn: work and weights") {
  // MAC: 32*28*28*25 = 627200, 64*14*14*32*25 = 10035200, 3136*512 + 512*10 = 1610752.
  // Weights and biases: 832 + 51264 + 1606144 + 5130, the paper's 1,663,370.
  const Zoo zoo;
  const LayerWork total = zoo.build("mcmahan-cnn").total_work();
  CHECK(total.macs == 12273152);
  CHECK(total.parameters == 1663370);
}

TEST_CASE("mcmahan-cnn: 64*7*7 values are flattened") {
  const Zoo zoo;
  const Graph graph = zoo.build("mcmahan-cnn");
  CHECK(type_of(graph, "conv2").shape == Shape{1, 64, 14, 14});
  CHECK(type_of(graph, "flatten").shape == Shape{1, 3136});
}

TEST_CASE("mcmahan-cnn: its answer is a distribution over 10 classes") {
  const Zoo zoo;
  const std::vector<float> y = answer(zoo.build("mcmahan-cnn"));
  REQUIRE(all_finite(y));
  CHECK(y.size() == 10);
  CHECK(sum(y) == doctest::Approx(1).epsilon(1e-5));
}

}  // namespace offcut::zoo::mcmahan_cnn_test
