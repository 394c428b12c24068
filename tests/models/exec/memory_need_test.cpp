// The memory of a run, beside sums by hand and the largest number of bytes that a real run takes.

#include "models/exec/memory_need.h"

#include <doctest/doctest.h>

#include "models/base/memory_limit.h"
#include "tests/models/exec/net.h"

namespace offcut::exec::memory_need_test {
namespace {

/// Returns whether a run with so much memory on top of what is in use succeeds.
bool runs_with(const Graph& graph, const TensorMap& inputs, std::uint64_t more) {
  const std::uint64_t before = memory_limit();
  set_memory_limit(memory_in_use() + more);
  bool succeeded = true;
  try {
    run(graph, whole(graph), inputs);
  } catch (const MemoryError&) {
    succeeded = false;
  }
  set_memory_limit(before);
  return succeeded;
}

}  // namespace

TEST_CASE("memory need: a chain, a view and a residual, by hand") {
  Net net;
  const TensorId x = net.build.image(1, 10, 10);  // 400 bytes.
  const TensorId a = net.build.relu("a", x);
  const TensorId flat = net.build.flatten("flat", a);  // The same memory as a.
  const TensorId wide = net.layer("MatMul", "wide", {flat, net.parameter("w", {100, 300}, 0, 1)});
  const TensorId narrow =
      net.layer("MatMul", "narrow", {wide, net.parameter("v", {300, 100}, 0, 1)});
  net.graph.add_output(net.build.add("sum", narrow, flat));
  const MemoryNeed need = memory_need(net.graph, whole(net.graph));
  CHECK(need.weights == 2 * 4 * 30'000);
  // At "narrow": flat (for the sum), wide and narrow itself.
  CHECK(need.activations == 400 + 1200 + 400);
  CHECK(net.graph.layer(need.at).name == "narrow");
  CHECK(least_memory_need(net.graph, whole(net.graph)).activations == 1200);
}

TEST_CASE("memory need: a real run takes what was computed, and no less") {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  const TensorMap inputs = random_inputs(graph, whole(graph));
  run(graph, whole(graph), inputs);  // Makes the weights.
  const MemoryNeed need = memory_need(graph, whole(graph));
  CHECK(need.weights == 0);
  const auto inside =
      need.activations - static_cast<std::uint64_t>(inputs.begin()->second.type().bytes());
  CHECK(runs_with(graph, inputs, need.activations));
  CHECK(!runs_with(graph, inputs, inside / 2));
}

TEST_CASE("memory need: too little memory is an error with the layer's name") {
  Net net;
  net.graph.add_output(net.build.relu("wide", net.build.image(4, 100, 100)));
  const std::vector<Segment> segments = {whole(net.graph)};
  const std::uint64_t before = memory_limit();
  set_memory_limit(memory_in_use() + 319'999);
  CHECK_THROWS_WITH_AS(check_memory_need(net.graph, segments, MathEngine::reference),
                       doctest::Contains("layer 'wide' (Relu), with 0 MB of weights and 0.32 MB"),
                       MemoryError);
  check_memory_need(net.graph, segments, MathEngine::fast);  // Relu may write over its input.
  set_memory_limit(memory_in_use() + 320'000);
  check_memory_need(net.graph, segments, MathEngine::reference);
  set_memory_limit(before);
}

}  // namespace offcut::exec::memory_need_test
