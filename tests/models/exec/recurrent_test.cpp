// LSTM and GRU on the kernel of their own, against the reference operators: sizes around a block of
// 64 sums, short and long sequences, batches, directions, states that are given or missing.

#include <doctest/doctest.h>

#include "tests/models/exec/net.h"

namespace offcut::exec::recurrent_test {
namespace {

struct RecurrentCase {
  std::string op = "LSTM";
  std::int64_t steps = 7, batch = 1, inputs = 5, hidden = 6;
  std::string direction = "forward";
  bool bias = true;
  int states = 0;  // Given ones: 0, 1 (hidden) or 2 (and cell).
  bool linear = false;
  std::size_t outputs = 2;
};

struct RecurrentNet : Net {
  explicit RecurrentNet(const RecurrentCase& c) {
    const std::int64_t directions = c.direction == "bidirectional" ? 2 : 1;
    const std::int64_t width = (c.op == "LSTM" ? 4 : 3) * c.hidden;
    Attributes attributes;
    attributes.set("direction", c.direction);
    attributes.set("hidden_size", c.hidden);
    if (c.linear) {
      attributes.set("linear_before_reset", std::int64_t{1});
    }
    const TensorType x{DataType::float32, {c.steps, c.batch, c.inputs}};
    const TensorType state{DataType::float32, {directions, c.batch, c.hidden}};
    std::vector<TensorId> reads = {
        graph.add_input("x", x, DataType::float32),
        parameter("w", {directions, width, c.inputs}, -1, 1),
        parameter("r", {directions, width, c.hidden}, -0.5F, 0.5F),
        c.bias ? parameter("b", {directions, 2 * width}, -1, 1) : kAbsent};
    if (c.states > 0) {
      reads.push_back(kAbsent);
      reads.push_back(graph.add_input("h", state, DataType::float32));
    }
    if (c.states > 1) {
      reads.push_back(parameter("c", state.shape, -1, 1));
    }
    const std::vector<std::string> names = {"y", "last", "cell"};
    const LayerId id = ops::apply(
        graph, zoo.operators,
        {.name = "layer", .op_name = c.op, .opset = 14, .attributes = attributes, .inputs = reads},
        {names.begin(), names.begin() + static_cast<long>(c.outputs)});
    for (const TensorId output : graph.layer(id).outputs) {
      graph.add_output(output);
    }
  }
};

void check(const RecurrentCase& c, bool fast = true) {
  CAPTURE(c.op);
  CAPTURE(c.steps);
  CAPTURE(c.batch);
  CAPTURE(c.hidden);
  CAPTURE(c.direction);
  CAPTURE(c.linear);
  const RecurrentNet net(c);
  CHECK(count_steps(prepare(net.graph, whole(net.graph)), "[recurrent]") == (fast ? 1 : 0));
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

}  // namespace

TEST_CASE("recurrent: LSTM of all sizes, directions and states") {
  for (const std::int64_t hidden : {1, 15, 16, 17, 40}) {
    for (const std::int64_t steps : {1, 2, 30}) {
      check({.steps = steps, .hidden = hidden, .outputs = 3});
      check({.steps = steps, .batch = 3, .hidden = hidden, .direction = "reverse", .states = 1});
      check({.steps = steps,
             .batch = 2,
             .hidden = hidden,
             .direction = "bidirectional",
             .bias = false,
             .states = 2,
             .outputs = 3});
    }
  }
  check({.hidden = 3, .outputs = 1});
}

TEST_CASE("recurrent: GRU with the reset before and after the product") {
  for (const bool linear : {false, true}) {
    for (const std::int64_t hidden : {1, 21, 22, 32, 50}) {
      for (const std::int64_t steps : {1, 30}) {
        check({.op = "GRU", .steps = steps, .hidden = hidden, .linear = linear});
        check({.op = "GRU",
               .steps = steps,
               .batch = 3,
               .hidden = hidden,
               .direction = "bidirectional",
               .states = 1,
               .linear = linear});
        check({.op = "GRU", .hidden = hidden, .bias = false, .linear = linear});
      }
    }
  }
}

TEST_CASE("recurrent: saturated gates give no infinities, and so no second run") {
  RecurrentCase wide{.steps = 3, .inputs = 1, .hidden = 8};
  const RecurrentNet net(wide);
  TensorMap inputs = random_inputs(net.graph, whole(net.graph));
  for (float& value : inputs.begin()->second.values<float>()) {
    value = -1e6F;
  }
  Prepared prepared = prepare(net.graph, whole(net.graph));
  const TensorMap expected = run(net.graph, whole(net.graph), inputs);
  CHECK(error_of(prepared.run(inputs), expected) <= kTolerance);
  CHECK(prepared.repeated_runs() == 0);
}

}  // namespace offcut::exec::recurrent_test
