#include "tests/models/zoo/checks.h"

namespace offcut::zoo::densenet121_test {

TEST_CASE("densenet121: work and weights") {
  // torchvision's documentation: 2.83 G MAC, 7978856 parameters, which exclude batch
  // normalisation's means and variances; Keras includes them: 8062504. Of its 41824 channels, 7488
  // are folded here and have a bias instead of four numbers each: 8062504 - 3 * 7488.
  const Zoo zoo;
  const Graph graph = zoo.build("densenet121");
  check_work(graph, 2834e6, 8062504);
  CHECK(graph.total_work().parameters == 8040040);
}

TEST_CASE("densenet121: channels grow by 32 from layer to layer and halve from block to block") {
  const Zoo zoo;
  const Graph graph = zoo.build("densenet121");
  CHECK(type_of(graph, "dense2_1_concat").shape == Shape{1, 96, 56, 56});
  CHECK(type_of(graph, "dense2_6_concat").shape == Shape{1, 256, 56, 56});
  CHECK(type_of(graph, "transition2_pool").shape == Shape{1, 128, 28, 28});
  CHECK(type_of(graph, "dense3_12_concat").shape == Shape{1, 512, 28, 28});
  CHECK(type_of(graph, "dense4_24_concat").shape == Shape{1, 1024, 14, 14});
  CHECK(type_of(graph, "dense5_16_concat").shape == Shape{1, 1024, 7, 7});
  CHECK(graph.layer(*graph.find_layer("dense2_1_norm")).op_name == "BatchNormalization");
}

TEST_CASE("densenet121: its answer is a distribution that no class owns") {
  const Zoo zoo;
  check_distribution(zoo.build("densenet121"), 1000);
}

}  // namespace offcut::zoo::densenet121_test
