// Folding of batch normalisation: equal outputs, fewer layers.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "models/zoo/builder.h"
#include "tests/compress/masked.h"
#include "tests/compress/networks.h"
#include "tests/train/networks.h"

namespace offcut::compress::fold_batch_norm_test {
namespace {

TensorId norm(zoo::NetworkBuilder& net, const std::string& name, TensorId x, std::int64_t n) {
  return net.layer(
      "BatchNormalization", name,
      {x, net.drawn(name + ".scale", {n}, 1, 0.3), net.drawn(name + ".bias", {n}, 0, 1),
       net.drawn(name + ".mean", {n}, 0, 1), net.drawn(name + ".variance", {n}, 2, 0.2)});
}

/// Three normalisations that can be folded, and two that can't: one of a sum, and one of an output
/// that is read twice.
Graph draft() {
  Graph graph("draft");
  zoo::NetworkBuilder net(graph, train::all_operators(), 1);
  const TensorId image = net.image(3, 6, 6);
  TensorId x =
      norm(net, "norm1", net.conv("conv1", image, {.filters = 6, .kernel = 3, .pad = 1}), 6);
  const TensorId y = net.conv("conv2", net.relu("relu1", x),
                              {.filters = 6, .kernel = 3, .pad = 1, .groups = 2, .bias = false});
  x = norm(net, "norm2", net.add("sum", norm(net, "norm3", y, 6), x), 6);
  const TensorId z = net.conv("conv3", x, {.filters = 4, .kernel = 1});
  x = net.add("twice", norm(net, "norm4", z, 4), z);
  x = norm(net, "norm5", net.dense("fc", net.flatten("flatten", x), 5), 5);
  graph.add_output(x);
  return graph;
}

}  // namespace

TEST_CASE("folding keeps the results") {
  const Graph before = draft();
  const Graph after = applied("fold-batch-norm", {.graph = before}).graph;
  CHECK(after.layer_count() == before.layer_count() - 3);
  CHECK(after.find_layer("norm2"));
  CHECK(after.find_layer("norm4"));
  CHECK_FALSE(after.find_layer("norm5"));
  const Tensor expected = output_of(before);
  const Tensor actual = output_of(after);
  double most = 0;
  for (const float value : expected.values<float>()) {
    most = std::max(most, std::abs(double{value}));
  }
  for (std::size_t i = 0; i < expected.values<float>().size(); ++i) {
    CHECK(std::abs(double{actual.values<float>()[i]} - expected.values<float>()[i]) < 1e-5 * most);
  }
}

TEST_CASE("weights with a rule are not folded") {
  const Network masked = applied("n-m:layers=conv1", {.graph = draft()});
  CHECK_THROWS_WITH_AS(
      applied("fold-batch-norm", masked),
      doctest::Contains("an earlier pass or the file masks or rounds it: fold first"),
      std::invalid_argument);
}

}  // namespace offcut::compress::fold_batch_norm_test
