#include "tests/models/zoo/checks.h"

namespace offcut::zoo::mobilenet_v3_large_test {

TEST_CASE("mobilenet-v3-large: work and weights") {
  // torchvision: 5483032 parameters. Batch normalisation of 12200 filters has 2 each of them, and 1
  // here; 0.22 GFLOP in torchvision's terms. The paper: 219 M MAC; from the layers' extents, with
  // 112^2 places after conv1 and so on, 216589760.
  const Zoo zoo;
  const LayerWork total = zoo.build("mobilenet-v3-large").total_work();
  CHECK(total.macs == 216589760);
  CHECK(total.parameters == 5483032 - 12200);
}

TEST_CASE("mobilenet-v3-large: rows of the paper's table") {
  const Zoo zoo;
  const Graph graph = zoo.build("mobilenet-v3-large");
  CHECK_FALSE(graph.find_layer("block1_expand").has_value());
  CHECK(type_of(graph, "block1_add").shape == Shape{1, 16, 112, 112});
  CHECK(type_of(graph, "block4_se_reduce").shape == Shape{1, 24, 1, 1});
  CHECK(type_of(graph, "block4_project").shape == Shape{1, 40, 28, 28});
  CHECK(type_of(graph, "block7_expand_hardswish").shape == Shape{1, 240, 28, 28});
  CHECK_FALSE(graph.find_layer("block7_se").has_value());
  CHECK(type_of(graph, "block11_se").shape == Shape{1, 480, 14, 14});
  CHECK(type_of(graph, "block15_add").shape == Shape{1, 160, 7, 7});
  CHECK(type_of(graph, "fc19_hardswish").shape == Shape{1, 1280});
}

TEST_CASE("mobilenet-v3-large: its answer is a distribution that no class owns") {
  const Zoo zoo;
  // The same as efficientnet-b0's.
  check_distribution(zoo.build("mobilenet-v3-large"), 1000, 1.05);
}

}  // namespace offcut::zoo::mobilenet_v3_large_test
