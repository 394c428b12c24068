// Integer layers against sums of integers that are written out, the fast kernels against the
// reference, and files against the network in memory.

#include "models/compress/precision.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "models/compress/pack.h"
#include "models/compress/scales.h"
#include "models/exec/prepared.h"
#include "models/onnx/export.h"
#include "models/onnx/import.h"
#include "models/zoo/builder.h"
#include "tests/compress/networks.h"
#include "tests/train/networks.h"

namespace offcut::compress::precision_test {
namespace {

/// A residual block with BatchNormalization, pooling, a concatenation and a dense layer.
Graph small_block() {
  Graph graph("block");
  zoo::NetworkBuilder build(graph, train::all_operators(), 1);
  const TensorId image = build.image(3, 12, 12);
  const TensorId a = build.relu(
      "relu1",
      build.batch_norm(
          "bn1", build.conv("conv1", image, {.filters = 8, .kernel = 3, .pad = 1, .bias = false})));
  const TensorId b = build.conv("conv2", a, {.filters = 8, .kernel = 3, .pad = 1});
  const TensorId sum = build.relu("relu2", build.add("sum", a, b));
  const TensorId pooled = build.max_pool("pool", sum, {.kernel = 2, .stride = 2});
  const TensorId c = build.relu("relu3", build.conv("conv3", pooled, {.filters = 4, .kernel = 1}));
  const TensorId joined = build.concat("joined", {pooled, c});
  const TensorId mean = build.global_average_pool("mean", joined);
  graph.add_output(build.softmax("softmax", build.dense("fc", build.flatten("flat", mean), 5)));
  return graph;
}

std::set<LayerId> every_layer(const Graph& graph) {
  std::set<LayerId> layers;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    layers.insert(id);
  }
  return layers;
}

MixedPrecision in_integers(const Graph& graph, const PrecisionOptions& options,
                           const std::set<LayerId>& layers) {
  return with_integers(graph, layers, calibrate(graph, drawn_samples(graph, 8), {}), options,
                       train::all_operators());
}

exec::TensorMap sample_of(const Graph& graph) {
  const dataset::Samples samples = drawn_samples(graph, 1);
  return {{graph.inputs().front(), samples.inputs}};
}

/// Returns the largest difference of the only outputs.
double difference(const exec::TensorMap& a, const exec::TensorMap& b) {
  const Tensor x = a.begin()->second;
  const Tensor y = b.begin()->second;
  REQUIRE(x.type() == y.type());
  double most = 0;
  for (std::size_t i = 0; i < x.values<float>().size(); ++i) {
    most =
        std::max(most, static_cast<double>(std::abs(x.values<float>()[i] - y.values<float>()[i])));
  }
  return most;
}

bool has_call(const exec::Prepared& prepared, const std::string& text) {
  const auto steps = prepared.steps();
  return std::any_of(steps.begin(), steps.end(),
                     [&](const std::string& step) { return step.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("precision: scales and zero points of ranges") {
  const TensorScale positive = scale_for({0.5F, 2.55F}, 8, false);  // Becomes 0 to 2.55.
  CHECK(positive.scale == doctest::Approx(0.01));
  CHECK(positive.zero == 0);
  const TensorScale both = scale_for({-1, 3}, 8, false);
  CHECK(both.scale == doctest::Approx(4.0 / 255));
  CHECK(both.zero == 64);  // 63.75
  CHECK(both.range().low == doctest::Approx(-64 * 4.0 / 255));
  const TensorScale four = scale_for({-1, 2}, 4, false);
  CHECK(four.scale == doctest::Approx(0.2));
  CHECK(four.zero == 5);
  CHECK(four.high == 15);
  CHECK(four.is_narrow());
  const TensorScale with_sign = scale_for({-1, 3}, 8, true);
  CHECK(with_sign.scale == doctest::Approx(3.0 / 127));
  CHECK(with_sign.zero == 0);
  CHECK(scale_for({0, 0}, 8, false).scale == 1);
}

TEST_CASE("precision: a dense layer equals the sums of integers of Jacob et al.") {
  for (const bool with_sign : {false, true}) {
    CAPTURE(with_sign);
    Graph graph("dense");
    zoo::NetworkBuilder build(graph, train::all_operators(), 1);
    const TensorId x = graph.add_input("x", {DataType::float32, {1, 30}}, DataType::float32);
    graph.add_output(build.relu("y", build.dense("fc", x, 20)));
    const PrecisionOptions options{.signed_activations = with_sign};
    const Ranges ranges = calibrate(graph, drawn_samples(graph, 8), {});
    const MixedPrecision mixed =
        with_integers(graph, every_layer(graph), ranges, options, train::all_operators());
    const Graph& made = mixed.graph;
    const TensorScale from = scale_for(ranges.at("x"), 8, with_sign);
    const TensorScale to = scale_for(ranges.at("y"), 8, with_sign);
    const Grid& w = mixed.grids.at("fc.weight");
    const Grid& b = mixed.grids.at("fc.bias");
    CHECK(b.lowest < -128);
    const Tensor weights =
        integers_on(w, made.tensor(*made.find_tensor("fc.weight")).parameter->value());
    const Tensor bias =
        integers_on(b, made.tensor(*made.find_tensor("fc.bias")).parameter->value());
    CHECK(std::all_of(weights.values<std::int32_t>().begin(), weights.values<std::int32_t>().end(),
                      [](std::int32_t i) { return -63 <= i && i <= 63; }));
    const Tensor input = sample_of(graph).begin()->second;
    const exec::Segment all = exec::whole(made);
    const exec::TensorMap inputs = {{made.inputs().front(), input}};
    const Tensor reference = exec::run(made, all, inputs).begin()->second;
    const Tensor fast = exec::prepare(made, all).run(inputs).begin()->second;
    const auto quantised = [&](double value, const TensorScale& scale) {
      return std::clamp(std::nearbyint(value / scale.scale) + scale.zero, with_sign ? -128.0 : 0.0,
                        with_sign ? 127.0 : 255.0);
    };
    const bool rows = made.layer(*made.find_layer("fc")).attributes.integer("transB", 0) != 0;
    for (std::size_t filter = 0; filter < 20; ++filter) {
      std::int64_t sum = bias.values<std::int32_t>()[filter];
      for (std::size_t i = 0; i < 30; ++i) {
        const auto integer =
            static_cast<std::int64_t>(quantised(input.values<float>()[i], from)) - from.zero;
        sum += integer * weights.values<std::int32_t>()[rows ? filter * 30 + i : i * 20 + filter];
      }
      const double real = std::max(0.0, static_cast<double>(sum) * from.scale * w.scales[filter]);
      const double expected = (quantised(real, to) - to.zero) * to.scale;
      CHECK(std::abs(reference.values<float>()[filter] - expected) <= 1.001 * to.scale);
      CHECK(std::abs(fast.values<float>()[filter] - expected) <= 1.001 * to.scale);
      // Most are the same integer.
      CHECK(std::abs(reference.values<float>()[filter] - std::max(0.0, expected)) <=
            1.001 * to.scale);
    }
  }
}

TEST_CASE("precision: a residual block runs in integers, and as the reference to a step") {
  const Graph graph = small_block();
  for (const bool with_sign : {false, true}) {
    for (const int bits : {8, 4}) {
      CAPTURE(with_sign);
      CAPTURE(bits);
      const MixedPrecision mixed =
          in_integers(graph, {.bits = bits, .signed_activations = with_sign}, every_layer(graph));
      REQUIRE(mixed.origin.size() == mixed.graph.layer_count());
      exec::Prepared prepared = exec::prepare(mixed.graph, exec::whole(mixed.graph));
      const exec::TensorMap inputs = sample_of(mixed.graph);
      const exec::TensorMap expected = exec::run(mixed.graph, exec::whole(mixed.graph), inputs);
      CHECK(difference(prepared.run(inputs), expected) < 0.02);
      if (bits == 8) {
        CHECK(difference(exec::run(graph, exec::whole(graph), inputs), expected) < 0.02);
      }
      if (!with_sign && bits == 8) {
        for (const char* const merged : {"conv1+relu1", "conv2+", "sum+relu2+", "pool+pool",
                                         "conv3+relu3", "joined+joined", "mean+mean"}) {
          CAPTURE(merged);
          CHECK(has_call(prepared, merged));
        }
      }
    }
  }
}

TEST_CASE("precision: a file has bytes for weights, and the bits of the network in memory") {
  const Graph graph = lenet5();
  for (const bool per_channel : {true, false}) {
    const MixedPrecision mixed =
        in_integers(graph, {.per_channel = per_channel}, every_layer(graph));
    const Network network{mixed.graph, {}, mixed.grids};
    const std::string bytes = onnx::export_onnx_bytes(packed(network, train::all_operators()));
    CHECK(bytes.size() * 10 < onnx::export_onnx_bytes(graph).size() * 3);
    const Graph read = onnx::import_onnx_bytes(bytes, "small.onnx", train::all_operators());
    CHECK(read.layer_count() == mixed.graph.layer_count());
    const exec::TensorMap inputs = sample_of(graph);
    const Tensor from = exec::run(mixed.graph, exec::whole(mixed.graph), inputs).begin()->second;
    const Tensor to =
        exec::run(read, exec::whole(read), {{read.inputs().front(), inputs.begin()->second}})
            .begin()
            ->second;
    CHECK(
        std::equal(from.bytes().begin(), from.bytes().end(), to.bytes().begin(), to.bytes().end()));
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      CHECK(mixed.graph.find_layer(graph.layer(id).name));
    }
  }
}

TEST_CASE("precision: only the layers of a head run in integers, and it sends bytes if it shall") {
  const Graph graph = small_block();
  const LayerId last = *graph.find_layer("relu2");
  std::set<LayerId> head;
  for (LayerId id = 0; id <= last; ++id) {
    head.insert(id);
  }
  for (const bool crosses : {false, true}) {
    CAPTURE(crosses);
    const MixedPrecision mixed = in_integers(graph, {.integer_crossings = crosses}, head);
    std::vector<LayerId> placed;
    for (LayerId id = 0; id < mixed.graph.layer_count(); ++id) {
      if (mixed.origin[id] <= last) {
        placed.push_back(id);
      }
    }
    const exec::Segment on_device = exec::segment_of(mixed.graph, placed);
    REQUIRE(on_device.leaves.size() == 1);
    const TensorNode& crossing = mixed.graph.tensor(on_device.leaves.front());
    CHECK(crossing.type.type == (crosses ? DataType::uint8 : DataType::float32));
    CHECK(crossing.name == (crosses ? "relu2/integers" : "relu2"));
    for (LayerId id = last + 1; id < graph.layer_count(); ++id) {
      const auto same = mixed.graph.find_layer(graph.layer(id).name);
      REQUIRE(same);
      CHECK(mixed.origin[*same] == id);
      CHECK(mixed.graph.layer(*same).op_name == graph.layer(id).op_name);
    }
    const exec::TensorMap inputs = sample_of(graph);
    CHECK(difference(exec::run(graph, exec::whole(graph), inputs),
                     exec::run(mixed.graph, exec::whole(mixed.graph), inputs)) < 0.02);
  }
  const MixedPrecision none = in_integers(graph, {}, {});
  CHECK(none.graph.layer_count() == graph.layer_count());
  CHECK(none.grids.empty());
  const exec::TensorMap inputs = sample_of(graph);
  CHECK(difference(exec::run(graph, exec::whole(graph), inputs),
                   exec::run(none.graph, exec::whole(none.graph), inputs)) == 0);
}

TEST_CASE("precision: every cut of a network gives a mixed one that runs") {
  for (const SmallNetwork& small : small_networks()) {
    if (small.graph.tensor(small.graph.inputs().front()).type.type != DataType::float32) {
      continue;
    }
    CAPTURE(small.name);
    const Ranges ranges = calibrate(small.graph, drawn_samples(small.graph, 4), {});
    const exec::TensorMap inputs = sample_of(small.graph);
    const exec::TensorMap floats = exec::run(small.graph, exec::whole(small.graph), inputs);
    double largest = 0;
    for (const float value : floats.begin()->second.values<float>()) {
      largest = std::max(largest, static_cast<double>(std::abs(value)));
    }
    std::set<LayerId> head;
    for (LayerId id = 0; id < small.graph.layer_count(); ++id) {
      head.insert(id);
      const MixedPrecision mixed = with_integers(
          small.graph, head, ranges, {.integer_crossings = id % 2 == 0}, train::all_operators());
      CAPTURE(id);
      CHECK(mixed.origin.size() == mixed.graph.layer_count());
      CHECK(difference(floats, exec::run(mixed.graph, exec::whole(mixed.graph), inputs)) <
            0.2 * largest);
    }
  }
}

TEST_CASE("precision: what lacks a range or an operator set is refused") {
  const Graph graph = lenet5();
  CHECK_THROWS_WITH_AS(with_integers(graph, every_layer(graph), {}, {}, train::all_operators()),
                       doctest::Contains("has no range"), std::invalid_argument);
}

}  // namespace offcut::compress::precision_test
