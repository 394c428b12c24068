#include <doctest/doctest.h>

#include <algorithm>

#include "tests/models/zoo/built.h"

namespace offcut::zoo::mobilenet_v1_test {

TEST_CASE("mobilenet-v1: work and weights") {
  // Counted from the network in ncnn's benchmark, with batch normalisation folded into biases:
  // 568.7 M MAC, 4.221 M parameters.
  const Zoo zoo;
  const LayerWork total = zoo.build("mobilenet-v1").total_work();
  CHECK(total.macs == doctest::Approx(568.7e6).epsilon(0.005));
  CHECK(total.parameters == doctest::Approx(4.221e6).epsilon(0.005));
}

TEST_CASE("mobilenet-v1: 13 depthwise convolutions with few of the multiply-accumulates") {
  const Zoo zoo;
  const Graph graph = zoo.build("mobilenet-v1");
  int count = 0;
  double macs = 0;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const LayerWork& work = graph.layer(id).work;
    if (work.kind == LayerKind::depthwise_convolution) {
      ++count;
      macs += work.macs;
    }
  }
  CHECK(count == 13);
  // The paper's 3.1 %.
  CHECK(macs / graph.total_work().macs == doctest::Approx(0.031).epsilon(0.01));
  CHECK(type_of(graph, "conv6_sep").shape == Shape{1, 1024, 7, 7});
}

TEST_CASE("mobilenet-v1: its answer is a distribution that no class owns") {
  const Zoo zoo;
  const std::vector<float> classes = answer(zoo.build("mobilenet-v1"));
  REQUIRE(all_finite(classes));
  CHECK(sum(classes) == doctest::Approx(1).epsilon(1e-5));
  CHECK(*std::max_element(classes.begin(), classes.end()) < 0.5);
}

}  // namespace offcut::zoo::mobilenet_v1_test
