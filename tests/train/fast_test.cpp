#include <doctest/doctest.h>

#include <cmath>

#include "models/ops/batches.h"
#include "models/train/step.h"
#include "models/zoo/builder.h"
#include "tests/train/formula.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::train::fast_test {
namespace {

using zoo::NetworkBuilder;

constexpr std::int64_t kFew = 3;

StepResult run_step(const Graph& one, bool fast) {
  const Graph graph = ops::in_batches(one, kFew, all_operators());
  Weights weights(one, all_gradients());
  const Loss& loss = *all_losses().find("cross-entropy");
  TrainingStep step(graph, all_gradients(), weights, loss, {}, {.fast_kernels = fast});
  const TensorId input = graph.inputs().front();
  const Tensor labels = drawn_labels(0, kFew, 5);
  return step.run({{input, drawn_images(0, graph.tensor(input).type.shape, labels)}},
                  {.labels = labels}, 0);
}

/// Checks that each gradient is that of the reference kernels, up to 1e-4 of the largest element.
void check_fast(const Graph& graph) {
  const StepResult expected = run_step(graph, false);
  const StepResult found = run_step(graph, true);
  CHECK(found.loss == doctest::Approx(expected.loss).epsilon(1e-5));
  for (std::size_t w = 0; w < expected.gradients.size(); ++w) {
    CAPTURE(w);
    const auto a = expected.gradients[w].values<float>();
    const auto b = found.gradients[w].values<float>();
    float greatest = 0;
    float farthest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      greatest = std::max(greatest, std::abs(a[i]));
      farthest = std::max(farthest, std::abs(a[i] - b[i]));
    }
    CHECK(farthest <= 1e-4F * greatest + 1e-7F);
  }
}

/// A convolution, a pooling and a dense layer, with sizes that are no multiples of a block.
struct Case {
  NetworkBuilder::Convolution convolution;
  std::string pool;
  std::int64_t channels = 3;
  std::vector<std::pair<std::string, AttributeValue>> attributes = {};
};

Graph graph_of(const Case& c) {
  Graph graph("case");
  NetworkBuilder net(graph, all_operators(), 3);
  TensorId x = net.image(c.channels, 11, 9);
  x = net.tanh("tanh", net.batch_norm("bn", net.conv("conv", x, c.convolution)));
  Attributes attributes;
  attributes.set("kernel_shape", std::vector<std::int64_t>{2, 3});
  attributes.set("strides", std::vector<std::int64_t>{2, 1});
  attributes.set("pads", std::vector<std::int64_t>{1, 0, 0, 1});
  for (const auto& [name, value] : c.attributes) {
    attributes.set(name, value);
  }
  x = c.pool == "GlobalAveragePool" ? net.layer(c.pool, "pool", {x})
                                    : net.layer(c.pool, "pool", {x}, attributes);
  x = net.sigmoid("sigmoid", net.conv("conv2", x, {.filters = 6, .kernel = 1}));
  x = net.relu("relu", net.dense("fc1", net.flatten("flatten", x), 7));
  graph.add_output(net.softmax("prob", net.dense("fc2", x, 5)));
  return graph;
}

/// Two convolutions, of which the second makes at most four places of an image.
Graph small_graph(std::int64_t channels, const NetworkBuilder::Convolution& second) {
  Graph graph("small");
  NetworkBuilder net(graph, all_operators(), 3);
  TensorId x = net.image(3, 5, 4);
  x = net.tanh("tanh",
               net.conv("conv", x, {.filters = channels, .kernel = 3, .stride = 2, .pad = 1}));
  x = net.relu("relu", net.conv("conv2", x, second));
  graph.add_output(net.softmax("prob", net.dense("fc", net.flatten("flatten", x), 5)));
  return graph;
}

/// A convolution that reads an image, and a maximum over windows that tile its planes.
Graph image_graph(std::int64_t channels, const NetworkBuilder::Convolution& first,
                  std::int64_t window) {
  Graph graph("image");
  NetworkBuilder net(graph, all_operators(), 3);
  TensorId x = net.image(channels, 13, 11);
  x = net.tanh("tanh", net.conv("conv", x, first));
  x = net.max_pool("pool", x, {.kernel = window, .stride = window});
  graph.add_output(net.softmax("prob", net.dense("fc", net.flatten("flatten", x), 5)));
  return graph;
}

}  // namespace

TEST_CASE("convolutions of images and maxima over tiles have the reference's gradients") {
  const std::vector<NetworkBuilder::Convolution> firsts = {
      {.filters = 8, .kernel = 5, .pad = 2},
      {.filters = 24, .kernel = 3},
      {.filters = 16, .kernel = 7, .stride = 2, .pad = 3},
      {.filters = 32, .kernel = {2, 4}, .pad = {1, 0}, .bias = false},
      {.filters = 40, .kernel = {1, 6}, .stride = 2, .pad = {0, 3}}};
  for (const std::int64_t channels : {1, 3, 4}) {
    for (const auto& first : firsts) {
      for (const std::int64_t window : {2, 3}) {
        CAPTURE(channels);
        CAPTURE(first.filters);
        CAPTURE(window);
        check_fast(image_graph(channels, first, window));
      }
    }
  }
}

TEST_CASE("convolutions with few places, of all sizes, have the reference's gradients") {
  const std::vector<NetworkBuilder::Convolution> seconds = {
      {.filters = 9, .kernel = 2},
      {.filters = 16, .kernel = 3, .stride = 2, .pad = 1},
      {.filters = 5, .kernel = {3, 2}, .stride = 2, .bias = false},
      {.filters = 12, .kernel = {2, 3}, .pad = {0, 1}},
      {.filters = 33, .kernel = 1, .stride = 2},
      {.filters = 8, .kernel = {3, 1}, .groups = 4}};
  for (const std::int64_t channels : {4, 20, 300}) {
    for (const auto& second : seconds) {
      CAPTURE(channels);
      CAPTURE(second.filters);
      check_fast(small_graph(channels, second));
    }
  }
}

TEST_CASE("oneDNN's kernels give the gradients of the reference kernels") {
  const std::int64_t yes = 1;
  const std::vector<Case> cases = {
      {{.filters = 5, .kernel = 3, .pad = 1}, "MaxPool"},
      {{.filters = 16, .kernel = 3}, "AveragePool"},
      {{.filters = 20, .kernel = {3, 2}, .stride = 2, .pad = {1, 0}}, "GlobalAveragePool"},
      {{.filters = 6, .kernel = 3, .groups = 3}, "AveragePool", 3, {{"count_include_pad", yes}}},
      {{.filters = 16, .kernel = 3, .pad = 1, .groups = 16}, "MaxPool", 16},
      {{.filters = 8, .kernel = 1, .bias = false}, "MaxPool", 1},
      {{.filters = 7, .kernel = 5, .pad = 2}, "MaxPool", 4, {{"ceil_mode", yes}}},
      {{.filters = 7, .kernel = 3}, "AveragePool", 4, {{"ceil_mode", yes}}},
      {{.filters = 7, .kernel = 3},
       "AveragePool",
       4,
       {{"ceil_mode", yes}, {"count_include_pad", yes}}}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    check_fast(graph_of(cases[i]));
  }
}

TEST_CASE("the same step gives the same bits again") {
  const Graph graph = graph_of({{.filters = 20, .kernel = 3, .pad = 1}, "MaxPool"});
  const StepResult first = run_step(graph, true);
  const StepResult second = run_step(graph, true);
  CHECK(first.loss == second.loss);
  for (std::size_t w = 0; w < first.gradients.size(); ++w) {
    const auto a = first.gradients[w].values<float>();
    CHECK(std::equal(a.begin(), a.end(), second.gradients[w].values<float>().begin()));
  }
}

}  // namespace offcut::train::fast_test
