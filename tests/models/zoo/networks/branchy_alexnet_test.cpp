#include "tests/models/zoo/checks.h"

namespace offcut::zoo::branchy_alexnet_test {

TEST_CASE("branchy-alexnet: work and weights") {
  // MAC, trunk: 32*75*32^2 = 2457600, 64*800*16^2 = 13107200, 96*576*8^2 = 3538944,
  // 96*864*8^2 = 5308416, 64*864*8^2 = 3538944, dense 262144 + 32768 + 1280. Exits:
  // 32*576*8^2 + 32*288*8^2 + 10*512 = 1774592; 32*864*4^2 + 10*128 = 443648. Parameters likewise.
  const Zoo zoo;
  const LayerWork total = zoo.build("branchy-alexnet").total_work();
  CHECK(total.macs == 28247296 + 1774592 + 443648);
  CHECK(total.parameters == 605886);
}

TEST_CASE("branchy-alexnet: extents of the authors' code") {
  const Zoo zoo;
  const Graph graph = zoo.build("branchy-alexnet");
  CHECK(type_of(graph, "norm1").shape == Shape{1, 32, 16, 16});
  CHECK(type_of(graph, "norm2").shape == Shape{1, 64, 8, 8});
  CHECK(type_of(graph, "exit1_flatten").shape == Shape{1, 512});
  CHECK(type_of(graph, "exit2_flatten").shape == Shape{1, 128});
  CHECK(type_of(graph, "flatten").shape == Shape{1, 1024});
}

TEST_CASE("branchy-alexnet: all three exits answer with a distribution, the last one first") {
  const Zoo zoo;
  const Graph graph = zoo.build("branchy-alexnet");
  REQUIRE(graph.outputs().size() == 3);
  CHECK(graph.tensor(graph.outputs()[0]).name == "prob");
  for (const std::vector<float>& y : answers(graph)) {
    CHECK(y.size() == 10);
    REQUIRE(all_finite(y));
    CHECK(sum(y) == doctest::Approx(1).epsilon(1e-5));
  }
}

}  // namespace offcut::zoo::branchy_alexnet_test
