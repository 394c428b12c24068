// Layers for which kernels are chosen with care: shapes for which oneDNN only has plain loops,
// three spatial axes, and softmax over channels.

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <thread>

#include "tests/models/exec/net.h"

namespace offcut::exec::kernels_test {
namespace {

using Integers = std::vector<std::int64_t>;

std::ptrdiff_t threads_of_process() {
  using Entries = std::filesystem::directory_iterator;
  return std::distance(Entries("/proc/self/task"), Entries());
}

}  // namespace

TEST_CASE("kernels: no plain loop of oneDNN is chosen for eight channels and a wide window") {
  Net net;
  const TensorId x =
      net.graph.add_input("x", {DataType::float32, {1, 8, 20, 60}}, DataType::float32);
  Attributes attributes;
  attributes.set("pads", Integers{1, 19, 1, 19});
  net.graph.add_output(
      net.layer("Conv", "conv", {x, net.parameter("w", {8, 8, 3, 39}, -1, 1)}, attributes));
  CHECK(count_steps(prepare(net.graph, whole(net.graph)), "[ref:") == 0);
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

TEST_CASE("kernels: no plain loop of oneDNN normalises or pools parts of a concatenation") {
  // Parts lie in blocks of 16 channels, for which oneDNN has few kernels on AVX2.
  for (const std::int64_t channels : {16, 48, 80}) {
    for (const std::string activation : {"none", "Relu", "relu6", "Sigmoid"}) {
      CAPTURE(channels);
      CAPTURE(activation);
      Net net;
      const TensorId image = net.build.image(16, 13, 9);
      const TensorId a = net.build.conv("a", image, {.filters = channels, .kernel = 1});
      const TensorId both = net.build.concat(
          "both", {a, net.build.conv("b", image, {.filters = 16, .kernel = 3, .pad = 1})});
      TensorId y = net.batch_norm("norm", both);
      y = activation == "none"    ? y
          : activation == "relu6" ? net.build.relu6("limit", y)
                                  : net.layer(activation, "function", {y});
      net.graph.add_output(y);
      net.graph.add_output(
          net.build.max_pool("max", both, {.kernel = 3, .stride = 2, .ceil = true}));
      net.graph.add_output(net.build.global_average_pool("mean", both));
      Attributes size;
      size.set("size", std::int64_t{5});
      net.graph.add_output(net.layer("LRN", "neighbours", {both}, size));
      const Segment all = whole(net.graph);
      const Prepared prepared = prepare(net.graph, all);
      CHECK(count_steps(prepared, "ref:") == 0);
      CHECK(error_of_prepared(net.graph) <= kTolerance);
      const auto results_on = [&](int threads) {
        return prepare(net.graph, all,
                       {.threads = threads,
                        .time_layouts = false,
                        .winograd = PrepareOptions::Winograd::never})
            .run(random_inputs(net.graph, all));
      };
      CHECK(same_bits(results_on(1), results_on(2)));
      CHECK(same_bits(results_on(1), results_on(3)));
    }
  }
}

TEST_CASE("kernels: batch normalisation of all sizes") {
  for (const Shape& shape : std::vector<Shape>{
           {1, 1, 1, 1}, {2, 3, 5, 7}, {1, 37, 4, 3}, {3, 16, 2, 2}, {2, 9, 3, 2, 5}, {2, 7, 6}}) {
    CAPTURE(to_text(shape));
    Net net;
    net.graph.add_output(net.build.relu("relu", net.batch_norm("norm", net.values("x", shape))));
    CHECK(count_steps(prepare(net.graph, whole(net.graph)), "ref:") == 0);
    CHECK(error_of_prepared(net.graph) <= kTolerance);
  }
}

TEST_CASE("kernels: a network for one thread starts no other one") {
  // A reference operator reads the convolution's blocks of channels row by row.
  std::ptrdiff_t before = 0;
  std::ptrdiff_t after = 0;
  std::thread([&] {
    Net net;
    const TensorId x =
        net.graph.add_input("x", {DataType::float32, {1, 32, 64, 64}}, DataType::float32);
    const TensorId y = net.layer("Conv", "conv", {x, net.parameter("w", {32, 32, 3, 3}, -1, 1)});
    net.graph.add_output(net.layer("Cos", "cosine", {y}));
    before = threads_of_process();
    Prepared prepared = prepare(net.graph, whole(net.graph));
    prepared.run(random_inputs(net.graph, whole(net.graph)));
    CHECK(count_steps(prepared, "[reference]") == 1);
    after = threads_of_process();
  }).join();
  CHECK(after == before);
}

TEST_CASE("kernels: convolutions and pooling with three spatial axes") {
  for (const std::int64_t channels : {3, 16, 21}) {
    CAPTURE(channels);
    Net net;
    const TensorId x =
        net.graph.add_input("x", {DataType::float32, {2, channels, 5, 8, 7}}, DataType::float32);
    Attributes attributes;
    attributes.set("pads", Integers{1, 1, 0, 1, 1, 1});
    attributes.set("strides", Integers{1, 2, 1});
    TensorId y =
        net.build.relu("relu", net.layer("Conv", "conv",
                                         {x, net.parameter("w", {21, channels, 3, 3, 3}, -1, 1),
                                          net.parameter("b", {21}, -1, 1)},
                                         attributes));
    Attributes window;
    window.set("kernel_shape", Integers{2, 2, 3});
    window.set("strides", Integers{1, 2, 2});
    window.set("pads", Integers{0, 1, 1, 1, 0, 0});
    y = net.layer("MaxPool", "max", {y}, window);
    net.graph.add_output(net.layer("AveragePool", "mean", {y}, window));
    CHECK(error_of_prepared(net.graph) <= kTolerance);
  }
}

TEST_CASE("kernels: softmax over any axis, and over several, sums to one") {
  for (const int opset : {11, 13}) {
    for (const std::int64_t axis : {0, 1, 2, 3}) {
      CAPTURE(opset);
      CAPTURE(axis);
      Net net;
      const TensorId x = net.values("x", {2, 7, 5, 300});
      Attributes attributes;
      attributes.set("axis", axis);
      net.graph.add_output(net.layer("Softmax", "softmax", {x}, attributes, opset));
      CHECK(error_of_prepared(net.graph) <= kTolerance);
      const Segment all = whole(net.graph);
      const Tensor y = prepare(net.graph, all).run(random_inputs(net.graph, all)).begin()->second;
      double sum = 0;
      for (const float value : y.values<float>()) {
        sum += value;
      }
      const std::vector<double> extents = {2, 7, 5, 300};
      double groups = 1;
      for (std::size_t i = 0; i < extents.size(); ++i) {
        const bool inside = opset < 13 ? static_cast<std::int64_t>(i) >= axis
                                       : static_cast<std::int64_t>(i) == axis;
        groups *= inside ? 1 : extents[i];
      }
      CHECK(sum == doctest::Approx(groups).epsilon(1e-5));
    }
  }
}

}  // namespace offcut::exec::kernels_test
