#include "tests/models/zoo/checks.h"

namespace offcut::zoo::mobilenet_v2_test {

TEST_CASE("mobilenet-v2: work and weights") {
  // timm and the paper's table 4: 300 M MAC, 3.50 M parameters, of which 0.02 M go away with batch
  // normalisation.
  const Zoo zoo;
  check_work(zoo.build("mobilenet-v2"), 300e6, 3.50e6);
}

TEST_CASE("mobilenet-v2: blocks that keep the shape add their input") {
  const Zoo zoo;
  const Graph graph = zoo.build("mobilenet-v2");
  CHECK(type_of(graph, "block1_1_project").shape == Shape{1, 16, 112, 112});
  CHECK(type_of(graph, "block2_1_expand").shape == Shape{1, 96, 112, 112});
  CHECK(type_of(graph, "block2_2_add").shape == Shape{1, 24, 56, 56});
  CHECK(type_of(graph, "block6_3_add").shape == Shape{1, 160, 7, 7});
  CHECK(type_of(graph, "block7_1_project").shape == Shape{1, 320, 7, 7});
  CHECK_FALSE(graph.find_layer("block5_1_add").has_value());  // 64 to 96 channels
  CHECK_FALSE(graph.find_layer("block1_1_expand").has_value());
}

TEST_CASE("mobilenet-v2: its answer is a distribution that no class owns") {
  const Zoo zoo;
  check_distribution(zoo.build("mobilenet-v2"), 1000);
}

}  // namespace offcut::zoo::mobilenet_v2_test
