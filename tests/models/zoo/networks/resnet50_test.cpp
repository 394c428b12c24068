#include "tests/models/zoo/checks.h"

namespace offcut::zoo::resnet50_test {

TEST_CASE("resnet50: work and weights") {
  // torchvision: 4.09 G MAC (timm's 4.11 includes batch normalisation), 25.56 M parameters, of
  // which 0.03 M go away with batch normalisation.
  const Zoo zoo;
  const Graph graph = zoo.build("resnet50");
  check_work(graph, 4090e6, 25.56e6);
  // With the stride in the 1x1 ("v1") it would be 3858 M.
  CHECK(graph.total_work().macs > 4050e6);
}

TEST_CASE("resnet50: the 3x3 has the stride") {
  const Zoo zoo;
  const Graph graph = zoo.build("resnet50");
  CHECK(type_of(graph, "res2c_relu").shape == Shape{1, 256, 56, 56});
  CHECK(type_of(graph, "res3a_branch2a").shape == Shape{1, 128, 56, 56});
  CHECK(type_of(graph, "res3a_branch2b").shape == Shape{1, 128, 28, 28});
  CHECK(type_of(graph, "res3a_branch1").shape == Shape{1, 512, 28, 28});
  CHECK(type_of(graph, "res4f").shape == Shape{1, 1024, 14, 14});
  CHECK(type_of(graph, "res5c_relu").shape == Shape{1, 2048, 7, 7});
}

TEST_CASE("resnet50: its answer is a distribution that no class owns") {
  const Zoo zoo;
  check_distribution(zoo.build("resnet50"), 1000);
}

}  // namespace offcut::zoo::resnet50_test
