#include "tests/models/zoo/checks.h"

namespace offcut::zoo::inception_v3_test {

TEST_CASE("inception-v3: work and weights") {
  // timm: 5.73 G MAC (torchvision: 5.71), 23.83 M parameters.
  const Zoo zoo;
  check_work(zoo.build("inception-v3"), 5730e6, 23.83e6);
}

TEST_CASE("inception-v3: extents and channels from module to module") {
  const Zoo zoo;
  const Graph graph = zoo.build("inception-v3");
  CHECK(type_of(graph, "pool2").shape == Shape{1, 192, 35, 35});
  CHECK(type_of(graph, "mixed5b").shape == Shape{1, 256, 35, 35});
  CHECK(type_of(graph, "mixed5d").shape == Shape{1, 288, 35, 35});
  CHECK(type_of(graph, "mixed6a").shape == Shape{1, 768, 17, 17});
  CHECK(type_of(graph, "mixed6e").shape == Shape{1, 768, 17, 17});
  CHECK(type_of(graph, "mixed7a").shape == Shape{1, 1280, 8, 8});
  CHECK(type_of(graph, "mixed7c").shape == Shape{1, 2048, 8, 8});
}

TEST_CASE("inception-v3: its answer is a distribution that no class owns") {
  const Zoo zoo;
  check_distribution(zoo.build("inception-v3"), 1000);
}

}  // namespace offcut::zoo::inception_v3_test
