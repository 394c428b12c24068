#include "tests/models/zoo/checks.h"

namespace offcut::zoo::unet_test {

TEST_CASE("unet: work and weights") {
  // With f filters at an extent of e and c input channels, two 3x3 convolutions take 9 e^2 (c f +
  // f^2) MAC on the way down, and 9 e^2 (2 f f + f^2) on the way up, after a transposed one that
  // takes (e / 2)^2 (2 f) f 4. Over f, e = 64, 256 to 1024, 16 and back, and 2 classes:
  // 48171581440. Weights and biases likewise: 31031810.
  const Zoo zoo;
  const LayerWork total = zoo.build("unet").total_work();
  CHECK(total.macs == 48171581440);
  CHECK(total.parameters == 31031810);
}

TEST_CASE("unet: each resolution on the way up joins the same one on the way down") {
  const Zoo zoo;
  const Graph graph = zoo.build("unet");
  CHECK(type_of(graph, "down5_conv2_relu").shape == Shape{1, 1024, 16, 16});
  CHECK(type_of(graph, "up4").shape == Shape{1, 512, 32, 32});
  CHECK(type_of(graph, "up4_concat").shape == Shape{1, 1024, 32, 32});
  CHECK(type_of(graph, "up1_concat").shape == Shape{1, 128, 256, 256});
  CHECK(type_of(graph, "classes").shape == Shape{1, 2, 256, 256});
}

TEST_CASE("unet: activations neither explode nor die out" * doctest::test_suite("slow")) {
  const Zoo zoo;
  check_deviation(zoo.build("unet"), 0.1, 10);
}

}  // namespace offcut::zoo::unet_test
