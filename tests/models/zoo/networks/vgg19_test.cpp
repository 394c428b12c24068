#include "tests/models/zoo/checks.h"

namespace offcut::zoo::vgg19_test {

TEST_CASE("vgg19: work and weights") {
  // timm: 19.63 G MAC, 143.67 M parameters.
  const Zoo zoo;
  check_work(zoo.build("vgg19"), 19630e6, 143.67e6);
}

TEST_CASE("vgg19: one convolution more than vgg16 in each of the last three stages") {
  const Zoo zoo;
  const Graph deep = zoo.build("vgg19");
  const Graph graph = zoo.build("vgg16");
  CHECK(deep.layer_count() == graph.layer_count() + 6);  // With their ReLUs.
  CHECK(type_of(deep, "relu3_4").shape == Shape{1, 256, 56, 56});
  CHECK(type_of(deep, "relu5_4").shape == Shape{1, 512, 14, 14});
  CHECK(type_of(deep, "pool5").shape == Shape{1, 512, 7, 7});
}

}  // namespace offcut::zoo::vgg19_test
