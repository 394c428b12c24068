#include "tests/models/zoo/checks.h"

namespace offcut::zoo::resnet152_test {

TEST_CASE("resnet152: work and weights") {
  // torchvision's documentation: 11.51 G MAC, 60192808 parameters.
  const Zoo zoo;
  check_work(zoo.build("resnet152"), 11514e6, 60192808);
}

TEST_CASE("resnet152: 36 blocks in the fourth stage") {
  const Zoo zoo;
  const Graph graph = zoo.build("resnet152");
  CHECK(type_of(graph, "res3b7_relu").shape == Shape{1, 512, 28, 28});
  CHECK(type_of(graph, "res4b35_relu").shape == Shape{1, 1024, 14, 14});
  CHECK_FALSE(graph.find_layer("res4b36").has_value());
}

TEST_CASE("resnet152: its answer is a distribution that no class owns, 50 sums deep") {
  const Zoo zoo;
  check_distribution(zoo.build("resnet152"), 1000);
}

}  // namespace offcut::zoo::resnet152_test
