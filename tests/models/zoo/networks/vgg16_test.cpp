#include <doctest/doctest.h>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::vgg16_test {

TEST_CASE("vgg16: work and weights") {
  // Counted from the network in ncnn's benchmark: 15470.3 M MAC, 138.358 M parameters (timm has
  // 15.47 G and 138.36 M).
  const Zoo zoo;
  const LayerWork total = zoo.build("vgg16").total_work();
  CHECK(total.macs == doctest::Approx(15470.3e6).epsilon(0.005));
  CHECK(total.parameters == doctest::Approx(138.358e6).epsilon(0.005));
}

TEST_CASE("vgg16: extents halve five times") {
  const Zoo zoo;
  const Graph graph = zoo.build("vgg16");
  CHECK(type_of(graph, "relu1_2").shape == Shape{1, 64, 224, 224});
  CHECK(type_of(graph, "pool5").shape == Shape{1, 512, 7, 7});
}

}  // namespace offcut::zoo::vgg16_test
