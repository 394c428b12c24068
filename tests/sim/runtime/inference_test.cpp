#include "sim/runtime/inference.h"

#include <doctest/doctest.h>

#include <cstring>

#include "models/graph/random_input.h"
#include "models/zoo/builder.h"

namespace offcut::runtime::inference_test {
namespace {

struct Net {
  Registry<ops::Operator> operators;
  Graph graph{"test"};
  zoo::NetworkBuilder build{graph, operators, 1};

  Net() { ops::register_operators(operators); }

  /// Adds up the rows of two tables, which two inputs of ids select.
  void read_tokens() {
    const TensorId words = build.embedding("word", build.tokens("words", 6), 20, 4);
    const TensorId kinds = build.embedding("kind", build.tokens("kinds", 6), 3, 4);
    graph.add_output(build.add("sum", words, kinds));
  }
};

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.type() == b.type() &&
         std::memcmp(a.bytes().data(), b.bytes().data(), a.bytes().size()) == 0;
}

}  // namespace

TEST_CASE("inference: each input of ids gets valid ids of its own") {
  Net net;
  net.read_tokens();
  const Inference math(net.graph, partition::Assignment(3, 0), random_dataset(net.graph, 5, 7), 255,
                       1);
  for (std::int64_t i = 0; i < 5; ++i) {
    const exec::TensorMap inputs = math.inputs(i);
    REQUIRE(inputs.size() == 2);
    for (const auto& [id, tensor] : inputs) {
      const std::string name = "inputs/" + net.graph.tensor(id).name;
      const RandomStream stream = random_stream(7, name, static_cast<std::uint64_t>(i));
      CHECK(same_bits(tensor, random_input(net.graph, id, stream)));
      for (const std::int64_t value : tensor.values<std::int64_t>()) {
        CHECK(value >= 0);
        CHECK(value < rows_read_by(net.graph, id));
      }
    }
  }
}

TEST_CASE("inference: ids cross to another tier unchanged") {
  Net net;
  net.read_tokens();
  const Dataset data = random_dataset(net.graph, 3, 7);
  Inference whole(net.graph, {0, 0, 0}, data, 255, 1);
  Inference cut(net.graph, {1, 0, 1}, data, 255, 1);
  const TensorId sum = net.graph.outputs().front();
  for (std::int64_t i = 0; i < 3; ++i) {
    CHECK(
        same_bits(whole.run_split(whole.inputs(i)).at(sum), cut.run_split(cut.inputs(i)).at(sum)));
    CHECK(whole.prediction_of(i)->predicted == cut.prediction_of(i)->predicted);
  }
}

TEST_CASE("inference: one image is drawn as bytes and divided") {
  Net net;
  const TensorId image = net.build.image(1, 2, 2);
  net.graph.add_output(net.build.relu("relu", image));
  const Dataset data = random_dataset(net.graph, 2, 7);
  CHECK(data.item == Shape{1, 1, 2, 2});
  const Inference math(net.graph, {0}, data, 4, 1);
  const Tensor x = math.inputs(1).at(image);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(x.values<float>()[i] == static_cast<float>(data.images[1][i]) / 4);
  }
}

TEST_CASE("inference: a network that reads tokens refuses images") {
  Net net;
  net.read_tokens();
  CHECK_THROWS_WITH(check_fits(net.graph, {1, 6}, {"test"}),
                    "test: error: model.input: the network has 2 inputs, but images fill only one");
}

TEST_CASE("inference: an input of a type that cannot be drawn is refused") {
  Net net;
  const TensorId flag = net.graph.add_input("flag", {DataType::boolean, {1}}, DataType::boolean);
  net.graph.add_output(net.build.layer("Not", "not", {flag}));
  CHECK_THROWS_AS(random_dataset(net.graph, 1, 7), std::invalid_argument);
}

}  // namespace offcut::runtime::inference_test
