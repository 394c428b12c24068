#include "models/exec/prepared.h"

#include <doctest/doctest.h>

#include "tests/models/exec/net.h"

namespace offcut::exec::prepared_test {
namespace {

using Winograd = PrepareOptions::Winograd;

}  // namespace

TEST_CASE("prepared: every network of the zoo gives the reference's results" *
          doctest::test_suite("slow")) {
  const zoo::Zoo zoo;
  for (const auto& [name, network] : zoo.networks) {
    CAPTURE(name);
    CHECK(error_of_prepared(network.build(zoo.operators, 1)) <= kTolerance);
  }
}

TEST_CASE("prepared: with every pass off, the bits are the reference's") {
  const zoo::Zoo zoo;
  for (const std::string name : {"lenet5", "lenet-s4", "mlp-s1", "seeds-cnn", "resnet18"}) {
    CAPTURE(name);
    const Graph graph = zoo.build(name);
    const Segment all = whole(graph);
    const TensorMap inputs = random_inputs(graph, all);
    CHECK(same_bits(prepare(graph, all, PrepareOptions::none()).run(inputs),
                    run(graph, all, inputs)));
  }
}

TEST_CASE("prepared: each pass by itself keeps the results") {
  Net net;
  TensorId x = net.build.image(3, 20, 20);
  x = net.build.conv("conv1", x, {.filters = 32, .kernel = 3, .pad = 1});
  x = net.build.relu("relu1", net.batch_norm("norm1", x));
  TensorId y = net.build.conv("conv2", x, {.filters = 32, .kernel = 3, .pad = 1});
  y = net.build.relu("relu2", net.build.add("sum", net.batch_norm("norm2", y), x));
  y = net.build.dense("fc", net.build.flatten("flatten", y), 10);
  net.graph.add_output(net.build.softmax("prob", y));

  const PrepareOptions none = PrepareOptions::none();
  std::vector<PrepareOptions> choices(6, none);
  choices[0].fold_batch_norm = true;
  choices[1].fuse = true;
  choices[2].fast_kernels = true;
  choices[3].fast_kernels = choices[3].arena = true;
  choices[4].fast_kernels = true;
  choices[4].winograd = Winograd::always;
  choices[5] = PrepareOptions{.winograd = Winograd::always};
  for (std::size_t i = 0; i < choices.size(); ++i) {
    CAPTURE(i);
    CHECK(error_of_prepared(net.graph, choices[i]) <= kTolerance);
  }
}

TEST_CASE("prepared: the steps name what was fused, and a cut splits the group") {
  Net net;
  const TensorId image = net.build.image(3, 12, 12);
  const TensorId x = net.build.relu(
      "relu1",
      net.batch_norm("norm1", net.build.conv("conv1", image, {.filters = 16, .kernel = 3})));
  TensorId y =
      net.batch_norm("norm2", net.build.conv("conv2", x, {.filters = 16, .kernel = 3, .pad = 1}));
  y = net.build.relu("relu2", net.build.add("sum", x, y));
  net.graph.add_output(y);

  const Prepared uncut = prepare(net.graph, whole(net.graph));
  CHECK(has_step(uncut, "conv1+norm1+relu1"));
  CHECK(has_step(uncut, "conv2+norm2+sum+relu2"));

  // Layers 0 to 4 are conv1, norm1, relu1, conv2, norm2; 5 and 6 are the sum and its activation.
  CHECK(has_step(prepare(net.graph, segment_of(net.graph, {0, 1, 2, 3})), "conv2"));
  CHECK(has_step(prepare(net.graph, segment_of(net.graph, {4, 5, 6})), "norm2"));
  CHECK(has_step(prepare(net.graph, segment_of(net.graph, {4, 5, 6})), "sum+relu2"));
  CHECK(has_step(prepare(net.graph, segment_of(net.graph, {0, 1, 2, 3, 4, 5})), "conv2+norm2+sum"));
  int cuts = 0;
  CHECK(worst_cut(
            net.graph, [](int) { return true; }, cuts) <= kTolerance);
  CHECK(cuts == 8);
}

TEST_CASE("prepared: every legal cut of lenet5, and one in eight of resnet18's" *
          doctest::test_suite("slow")) {
  const zoo::Zoo zoo;
  int cuts = 0;
  const Graph lenet5 = zoo.build("lenet5");
  CHECK(worst_cut(
            lenet5, [](int) { return true; }, cuts) <= kTolerance);
  CHECK(cuts == static_cast<int>(lenet5.layer_count()) + 1);
  CHECK(worst_cut(
            zoo.build("resnet18"), [](int number) { return number % 8 == 3; }, cuts) <= kTolerance);
}

TEST_CASE("prepared: a tensor that two layers read, or that is an output, is not merged away") {
  Net net;
  const TensorId image = net.build.image(3, 9, 9);
  const TensorId conv = net.build.conv("conv", image, {.filters = 16, .kernel = 3});
  const TensorId relu = net.build.relu("relu", conv);
  const TensorId sum = net.build.add("sum", conv, relu);  // Reads the convolution's output, too.
  const TensorId last = net.build.conv("last", sum, {.filters = 8, .kernel = 1});
  const TensorId end = net.build.relu("end", last);
  net.graph.add_output(last);
  net.graph.add_output(end);
  const Prepared prepared = prepare(net.graph, whole(net.graph));
  CHECK_FALSE(has_step(prepared, "conv+relu"));
  CHECK_FALSE(has_step(prepared, "last+end"));
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

TEST_CASE("prepared: outputs in the middle, of views and of buffers that are overwritten later") {
  Net net;
  TensorId x = net.build.image(16, 6, 6);
  x = net.build.conv("conv1", x, {.filters = 16, .kernel = 1});
  net.graph.add_output(x);
  x = net.build.relu("relu1", x);
  const TensorId y = net.build.conv("conv2", x, {.filters = 16, .kernel = 3, .pad = 1});
  x = net.build.add("sum", y, x);  // The residual is an output, so the sum must not overwrite it.
  net.graph.add_output(net.graph.layer(1).outputs.front());
  x = net.build.tanh("tanh", x);
  const TensorId flat = net.build.flatten("flatten", x);
  net.graph.add_output(x);
  net.graph.add_output(flat);
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

TEST_CASE("prepared: a convolution that adds its own input to its output") {
  Net net;
  TensorId x = net.build.image(16, 8, 8);
  x = net.build.relu("relu", net.build.conv("conv1", x, {.filters = 16, .kernel = 1}));
  const TensorId y = net.build.conv("conv2", x, {.filters = 16, .kernel = 3, .pad = 1});
  net.graph.add_output(net.build.add("sum", y, x));
  CHECK(error_of_prepared(net.graph) <= kTolerance);
  CHECK(error_of_prepared(net.graph, {.winograd = Winograd::always}) <= kTolerance);
}

TEST_CASE("prepared: channels that do not fill blocks of 16, groups, and a depthwise convolution") {
  Net net;
  TensorId x = net.build.image(5, 13, 11);
  x = net.build.sigmoid("act1", net.build.conv("conv1", x, {.filters = 21, .kernel = 3, .pad = 1}));
  x = net.build.tanh(
      "act2", net.build.conv("conv2", x, {.filters = 21, .kernel = 3, .pad = 1, .groups = 21}));
  TensorId y = net.build.conv("conv3", x, {.filters = 21, .kernel = 3, .pad = 1, .groups = 3});
  // Its value at 0 is not 0, but the padding of a block must stay 0.
  y = net.build.sigmoid("act3", y);
  x = net.build.add("sum", x, y);
  x = net.build.max_pool("pool", x, {.kernel = 3, .stride = 2, .pad = 1});
  x = net.build.lrn("norm", x, {.size = 5, .alpha = 1e-2F, .beta = 0.75F, .bias = 2});
  x = net.build.average_pool("mean", x, {.kernel = 2, .stride = 1});
  x = net.build.conv("conv4", x, {.filters = 3, .kernel = 1});
  net.graph.add_output(net.build.global_average_pool("all", x));
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

TEST_CASE("prepared: a network over one axis") {
  Net net;
  TensorId x = net.graph.add_input("signal", {DataType::float32, {1, 2, 64}}, DataType::float32);
  const auto conv = [&](const std::string& name, TensorId from, std::int64_t in, std::int64_t out) {
    Attributes attributes;
    attributes.set("pads", std::vector<std::int64_t>{1, 1});
    return net.layer("Conv", name,
                     {from, net.parameter(name + ".weight", {out, in, 3}, -1, 1),
                      net.parameter(name + ".bias", {out}, -1, 1)},
                     std::move(attributes));
  };
  x = net.build.relu("relu1", net.batch_norm("norm1", conv("conv1", x, 2, 16)));
  Attributes window;
  window.set("kernel_shape", std::vector<std::int64_t>{2});
  window.set("strides", std::vector<std::int64_t>{2});
  x = net.layer("MaxPool", "pool1", {x}, window);
  x = net.build.add("sum", conv("conv2", x, 16, 16), x);
  net.graph.add_output(net.layer("AveragePool", "pool2", {x}, window));
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

TEST_CASE("prepared: a batch of three, and matrices that are not transposed") {
  Net net;
  const TensorId x = net.graph.add_input("x", {DataType::float32, {3, 20}}, DataType::float32);
  const TensorId one = net.graph.add_input("one", {DataType::float32, {1, 20}}, DataType::float32);
  const TensorId w = net.parameter("w", {20, 7}, -1, 1);
  const TensorId c = net.parameter("c", {7}, -1, 1);
  net.graph.add_output(net.build.relu("many", net.layer("Gemm", "product", {x, w, c})));
  net.graph.add_output(net.build.relu("single", net.layer("Gemm", "vector", {one, w, c})));
  net.graph.add_output(net.layer("Gemm", "no bias", {one, w}));
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

TEST_CASE("prepared: a column that is added to a square product is no row") {
  Net net;
  const TensorId x = net.graph.add_input("x", {DataType::float32, {4, 5}}, DataType::float32);
  const TensorId w = net.parameter("w", {5, 4}, -1, 1);
  const TensorId c = net.parameter("c", {4, 1}, -1, 1);
  net.graph.add_output(net.layer("Gemm", "product", {x, w, c}));
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

TEST_CASE("prepared: branches are concatenated") {
  Net net;
  const TensorId image = net.build.image(3, 10, 10);
  for (const std::int64_t filters : {16, 5}) {
    const std::string name = std::to_string(filters);
    const TensorId a = net.build.conv("a" + name, image, {.filters = 32, .kernel = 1});
    const TensorId b =
        net.build.conv("b" + name, image, {.filters = filters, .kernel = 3, .pad = 1});
    Attributes attributes;
    attributes.set("axis", std::int64_t{1});
    const TensorId both = net.layer("Concat", "both" + name, {a, image, b, a}, attributes);
    const TensorId blocks = net.layer("Concat", "blocks" + name, {a, b, a}, attributes);
    net.graph.add_output(net.build.conv("c" + name, both, {.filters = 8, .kernel = 1}));
    net.graph.add_output(net.build.conv("d" + name, blocks, {.filters = 8, .kernel = 1}));
  }
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

TEST_CASE("prepared: the same input gives the same bits, whatever ran before" *
          doctest::test_suite("slow")) {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("resnet18");
  const Segment all = whole(graph);
  Prepared prepared = prepare(graph, all);
  const TensorMap first = prepared.run(random_inputs(graph, all, 1));
  CHECK_FALSE(same_bits(prepared.run(random_inputs(graph, all, 2)), first));
  CHECK(same_bits(prepared.run(random_inputs(graph, all, 1)), first));
}

TEST_CASE("prepared: the arena shares memory" * doctest::test_suite("slow")) {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("resnet18");
  const PreparedMemory memory = prepare(graph, whole(graph)).memory();
  CHECK(memory.arena_bytes <= memory.unshared_bytes);
  PrepareOptions apart;
  apart.arena = false;
  const PreparedMemory unshared = prepare(graph, whole(graph), apart).memory();
  CHECK(unshared.arena_bytes == unshared.unshared_bytes);
}

TEST_CASE("prepared: a missing input is refused by name") {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  CHECK_THROWS_WITH_AS(prepare(graph, whole(graph)).run({}), "tensor 'image' is missing",
                       std::invalid_argument);
}

}  // namespace offcut::exec::prepared_test
