#include "models/ops/batches.h"

#include <doctest/doctest.h>

#include "models/zoo/builder.h"
#include "tests/models/exec/compare.h"
#include "tests/models/zoo/built.h"

namespace offcut::ops::batches_test {

TEST_CASE("batches: work and activations grow, weights do not") {
  const zoo::Zoo zoo;
  for (const std::string name : {"lenet5", "resnet18", "squeezenet", "mobilenet-v2"}) {
    CAPTURE(name);
    const Graph one = zoo.build(name);
    const Graph four = in_batches(one, 4, zoo.operators);
    CHECK(four.name() == one.name());
    REQUIRE(four.layer_count() == one.layer_count());
    CHECK(four.total_work().macs == 4 * one.total_work().macs);
    CHECK(four.total_work().activation_bytes == 4 * one.total_work().activation_bytes);
    CHECK(four.total_work().parameter_bytes == one.total_work().parameter_bytes);
    CHECK(four.tensor(four.outputs().front()).type.shape[0] == 4);
    CHECK(four.wire_bytes(four.inputs().front()) == 4 * one.wire_bytes(one.inputs().front()));
  }
}

TEST_CASE("batches: each item gets the same result as alone") {
  const zoo::Zoo zoo;
  const Graph one = zoo.build("lenet5");
  const Graph two = in_batches(one, 2, zoo.operators);
  exec::TensorMap both = exec::random_inputs(two, exec::whole(two), 3);
  const Tensor& images = both.begin()->second;
  const Tensor answers = exec::run(two, exec::whole(two), both).begin()->second;
  for (std::size_t item = 0; item < 2; ++item) {
    const TensorId input = one.inputs().front();
    Tensor image(one.tensor(input).type);
    const std::size_t size = image.bytes().size();
    std::copy_n(images.bytes().data() + item * size, size, image.bytes().data());
    const Tensor answer = exec::run(one, exec::whole(one), {{input, image}}).begin()->second;
    const auto classes = static_cast<std::size_t>(answer.shape()[1]);
    for (std::size_t i = 0; i < classes; ++i) {
      CHECK(answers.values<float>()[item * classes + i] ==
            doctest::Approx(answer.values<float>()[i]).epsilon(1e-5));
    }
  }
}

TEST_CASE("batches: layers that lead from constants to weights stay as they are") {
  const zoo::Zoo zoo;
  Graph graph("restored");
  zoo::NetworkBuilder build(graph, zoo.operators, 1);
  // A chain: its second layer reads no parameter.
  const TensorId weights = build.relu("second", build.relu("first", build.numbers("w", {1, 2, 3})));
  graph.add_output(build.add("sum", build.features(3), weights));
  const Graph four = in_batches(graph, 4, zoo.operators);
  CHECK(four.tensor(*four.find_tensor("second")).type.shape == Shape{3});
  CHECK(four.tensor(four.outputs().front()).type.shape == Shape{4, 3});
}

TEST_CASE("batches: a network that is made for one batch size is refused, by layer") {
  const zoo::Zoo zoo;
  CHECK_THROWS_WITH_AS(in_batches(zoo.build("bert-base"), 2, zoo.operators),
                       doctest::Contains("layer1_attention_query_split"), std::invalid_argument);
  CHECK_NOTHROW(in_batches(zoo.build("bert-base"), 1, zoo.operators));
}

}  // namespace offcut::ops::batches_test
