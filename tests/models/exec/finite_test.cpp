// Values that are not finite pass through prepared segments as through the reference operators.

#include "models/exec/finite.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cfenv>
#include <limits>

#include "tests/models/exec/net.h"

namespace offcut::exec::finite_test {
namespace {

constexpr float kInfinite = std::numeric_limits<float>::infinity();
constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();

/// Adds layers of one kind, all of which read `x` (1 x 20 x 7 x 7).
using AddLayers = std::function<void(Net& net, TensorId x)>;

void add_activations(Net& net, TensorId x) {
  for (const char* op : {"Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish"}) {
    net.graph.add_output(net.layer(op, op, {x}));
    const TensorId sum = net.build.conv(fmt::format("conv{}", op), x, {.filters = 16, .kernel = 3});
    net.graph.add_output(net.layer(op, fmt::format("after{}", op), {sum}));
  }
  net.graph.add_output(
      net.layer("Clip", "clip", {x, net.build.number("low", -1), net.build.number("high", 1)}));
  net.graph.add_output(net.layer("Clip", "open", {x, kAbsent, net.build.number("top", kInfinite)}));
}

void add_merged(Net& net, TensorId x) {
  net.graph.add_output(net.build.mul("silu", x, net.layer("Sigmoid", "gate", {x})));
  net.graph.add_output(net.build.mul("swish", x, net.layer("HardSigmoid", "hard", {x}, [] {
    Attributes sixth;
    sixth.set("alpha", 1.0F / 6);
    return sixth;
  }())));
  TensorId norm = net.batch_norm("norm", net.build.conv("conv", x, {.filters = 8, .kernel = 3}));
  net.graph.add_output(net.build.relu("fused", norm));
  net.graph.add_output(net.build.relu("apart", net.batch_norm("norm2", x)));
}

void add_pools(Net& net, TensorId x) {
  Attributes window;
  window.set("kernel_shape", std::vector<std::int64_t>{3, 3});
  window.set("strides", std::vector<std::int64_t>{2, 2});
  net.graph.add_output(net.layer("MaxPool", "max", {x}, window));
  net.graph.add_output(net.layer("AveragePool", "mean", {x}, window));
  net.graph.add_output(net.build.global_average_pool("global", x));
  Attributes size;
  size.set("size", std::int64_t{5});
  net.graph.add_output(net.layer("LRN", "lrn", {x}, size));
}

void add_products(Net& net, TensorId x) {
  const TensorId flat = net.build.flatten("flat", x);
  const TensorId matrix = net.parameter("matrix", {980, 12}, -1, 1);
  net.graph.add_output(net.build.relu("gemm relu", net.layer("Gemm", "gemm", {flat, matrix})));
  const TensorId rows = net.layer("MatMul", "rows", {x, net.parameter("square", {7, 9}, -1, 1)});
  net.graph.add_output(net.build.relu("rows relu", rows));
  net.graph.add_output(net.build.softmax("soft", flat));
}

void add_attention(Net& net, TensorId x) {
  const TensorId k = net.build.transpose("k", x, {0, 1, 3, 2});
  const TensorId scores = net.layer("MatMul", "scores", {x, k});
  const TensorId mask =
      net.graph.add_parameter("mask", {DataType::float32, {7, 7}}, std::make_shared<Parameter>([] {
                                Tensor causal(TensorType{DataType::float32, {7, 7}});
                                for (std::size_t i = 0; i < 49; ++i) {
                                  causal.values<float>()[i] = i % 7 > i / 7 ? -kInfinite : 0;
                                }
                                return causal;
                              }));
  const TensorId prob = net.build.softmax("prob", net.build.add("masked", scores, mask));
  net.graph.add_output(net.layer("MatMul", "context", {prob, x}));
}

const std::vector<std::pair<std::string, AddLayers>> kKinds = {{"activations", add_activations},
                                                               {"merged", add_merged},
                                                               {"pools", add_pools},
                                                               {"products", add_products},
                                                               {"attention", add_attention}};

TensorMap inputs_with(const Graph& graph, float value) {
  TensorMap inputs = random_inputs(graph, whole(graph));
  const std::span<float> values = inputs.begin()->second.values<float>();
  for (const std::size_t place : {std::size_t{0}, values.size() / 3, values.size() - 1}) {
    values[place] = value;
  }
  return inputs;
}

Net net_of(const AddLayers& add) {
  Net net;
  add(net, net.build.image(20, 7, 7));
  return net;
}

/// y = relu(w * (w * x)), whose inner sums overflow for large x.
struct Overflowing : Net {
  Overflowing() {
    const TensorId x = build.image(16, 4, 4);
    TensorId y = layer("Conv", "first", {x, parameter("w1", {16, 16, 1, 1}, -1e30F, 1e30F)});
    y = layer("Conv", "second", {y, parameter("w2", {16, 16, 1, 1}, -1e30F, 1e30F)});
    graph.add_output(build.relu("relu", y));
  }
};

/// Returns y = relu(conv(x)), of which one channel overflows to -infinity, which Relu makes 0: no
/// result shows it. The kernel's threads share the 64 channels and the 64 places.
Net net_with_overflow_in(std::size_t channel) {
  const TensorType type{DataType::float32, {64, 16, 1, 1}};
  const auto make = [type, channel] {
    Tensor weights(type);
    const std::span<float> values = weights.values<float>();
    std::fill(values.begin(), values.end(), 0.01F);
    const std::span<float> row = values.subspan(channel * 16, 16);
    std::fill(row.begin(), row.end(), -3e38F);
    return weights;
  };
  Net net;
  const TensorId weights = net.graph.add_parameter("w", type, std::make_shared<Parameter>(make));
  const TensorId sums = net.layer("Conv", "conv", {net.build.image(16, 8, 8), weights});
  net.graph.add_output(net.build.relu("relu", sums));
  return net;
}

}  // namespace

TEST_CASE("finite: every kernel passes NaN and infinities on as the reference does") {
  for (const auto& [kind, add] : kKinds) {
    const Net net = net_of(add);
    Prepared prepared = prepare(net.graph, whole(net.graph));
    std::size_t repeated = 0;
    for (const float value : {kNotANumber, kInfinite, -kInfinite}) {
      CAPTURE(kind);
      CAPTURE(value);
      const TensorMap inputs = inputs_with(net.graph, value);
      CHECK(same_bits(prepared.run(inputs), run(net.graph, whole(net.graph), inputs)));
      CHECK(prepared.repeated_runs() == ++repeated);
    }
  }
}

TEST_CASE("finite: negative zeros, denormals and ordinary numbers stay with the fast kernels") {
  for (const auto& [kind, add] : kKinds) {
    const Net net = net_of(add);
    Prepared prepared = prepare(net.graph, whole(net.graph));
    for (const float value : {-0.0F, std::numeric_limits<float>::denorm_min(), -1e-40F, 0.5F}) {
      CAPTURE(kind);
      CAPTURE(value);
      const TensorMap inputs = inputs_with(net.graph, value);
      const TensorMap expected = run(net.graph, whole(net.graph), inputs);
      CHECK(error_of(prepared.run(inputs), expected) <= kTolerance);
    }
    CHECK(prepared.repeated_runs() == 0);
  }
}

TEST_CASE("finite: a sum that overflows inside, on one thread and on two") {
  const Overflowing net;
  const Segment all = whole(net.graph);
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    Prepared prepared = prepare(net.graph, all, {.threads = threads});
    const TensorMap large = inputs_with(net.graph, 1);
    const TensorMap expected = run(net.graph, all, large);
    CHECK(!all_finite(expected.begin()->second));
    CHECK(same_bits(prepared.run(large), expected));
    CHECK(prepared.repeated_runs() == 1);
    TensorMap small = large;
    small.begin()->second = Tensor(small.begin()->second.type());
    CHECK(error_of(prepared.run(small), run(net.graph, all, small)) <= kTolerance);
    CHECK(prepared.repeated_runs() == 1);
  }
}

TEST_CASE("finite: an overflow in any thread is noticed, though Relu hides it") {
  for (const std::size_t channel : {0U, 21U, 42U, 63U}) {
    const Net net = net_with_overflow_in(channel);
    const Segment all = whole(net.graph);
    TensorMap ones = random_inputs(net.graph, all);
    const std::span<float> values = ones.begin()->second.values<float>();
    std::fill(values.begin(), values.end(), 1.0F);
    TensorMap zeros = ones;
    zeros.begin()->second = Tensor(zeros.begin()->second.type());
    const TensorMap expected = run(net.graph, all, ones);
    CHECK(all_finite(expected.begin()->second));
    for (const int threads : {1, 2, 3, 5}) {
      CAPTURE(channel);
      CAPTURE(threads);
      Prepared prepared = prepare(net.graph, all, {.threads = threads});
      for (std::size_t round = 1; round <= 3; ++round) {
        CHECK(same_bits(prepared.run(ones), expected));
        CHECK(prepared.repeated_runs() == round);
        prepared.run(zeros);  // The flags of the run before are forgotten.
        CHECK(prepared.repeated_runs() == round);
      }
    }
  }
}

TEST_CASE("finite: networks of the zoo are never repeated" * doctest::test_suite("slow")) {
  const zoo::Zoo zoo;
  const std::vector<std::pair<std::string, int>> networks = {{"squeezenet", 1},
                                                             {"squeezenet", 2},
                                                             {"mobilenet-v3-large", 1},
                                                             {"branchy-lenet5", 1},
                                                             {"googlenet", 1}};
  for (const auto& [name, threads] : networks) {
    CAPTURE(name);
    CAPTURE(threads);
    const Graph graph = zoo.build(name);
    Prepared prepared = prepare(graph, whole(graph), {.threads = threads});
    prepared.run(random_inputs(graph, whole(graph)));
    CHECK(prepared.repeated_runs() == 0);
  }
}

TEST_CASE("finite: a segment whose constants are not finite has the reference's bits") {
  for (const float value : {kNotANumber, kInfinite, 1.0F}) {
    CAPTURE(value);
    Net net;
    const TensorId x = net.build.image(3, 4, 4);
    const TensorId shifted = net.build.add("shift", x, net.build.number("number", value));
    net.graph.add_output(net.build.relu("relu", shifted));
    const Segment all = whole(net.graph);
    Prepared prepared = prepare(net.graph, all);
    const TensorMap inputs = random_inputs(net.graph, all);
    CHECK(same_bits(prepared.run(inputs), run(net.graph, all, inputs)));
    CHECK(prepared.repeated_runs() == 0);
    if (value != 1) {
      CHECK(count_steps(prepared, "[reference]") == prepared.steps().size());
    }
  }
}

TEST_CASE("finite: a watch finds what makes a value that is not finite, and restores the flags") {
  const auto flags_of = [](float a, float b) {
    const FiniteWatch watch(1);
    volatile float x = a;
    volatile float quotient = x / b;
    (void)quotient;
    return watch.all_finite();
  };
  std::feclearexcept(watched_flags());
  CHECK(flags_of(1, 3));
  CHECK(!flags_of(1, 0));
  CHECK(!flags_of(0, 0));
  CHECK(!flags_of(1e30F, 1e-30F));
  CHECK(flags_of(1e-30F, 1e30F));
  CHECK(std::fetestexcept(FE_DIVBYZERO) != 0);  // The flags that stay set do not hide new ones.
  CHECK(flags_of(1, 3));
  std::feclearexcept(watched_flags());
}

TEST_CASE("finite: tensors") {
  const auto with = [](auto value) {
    Tensor tensor(TensorType{kDataType<decltype(value)>, {40}});
    tensor.values<decltype(value)>()[33] = value;
    return tensor;
  };
  CHECK(all_finite(with(std::numeric_limits<float>::max())));
  CHECK(all_finite(with(std::numeric_limits<double>::max())));
  CHECK(all_finite(with(std::int64_t{-1})));
  CHECK(all_finite(Tensor()));
  CHECK(!all_finite(with(-kInfinite)));
  CHECK(!all_finite(with(kNotANumber)));
  CHECK(!all_finite(with(-std::numeric_limits<double>::infinity())));
}

TEST_CASE("finite: a number of threads is bounded") {
  const Net net = net_of(add_pools);
  for (const int threads : {0, kMostThreads + 1, 100'000}) {
    CHECK_THROWS_WITH_AS(prepare(net.graph, whole(net.graph), {.threads = threads}),
                         fmt::format("{} threads, expected 1 to 1024", threads).c_str(),
                         std::invalid_argument);
  }
}

TEST_CASE("finite: a layer that can't use its values is named, whatever the engine") {
  Net net;
  const TensorId x = net.build.image(3, 4, 4);
  const TensorId place = net.build.integers("place", {1}, {9});
  net.graph.add_output(net.layer("Gather", "pick", {net.build.relu("relu", x), place}));
  const Segment all = whole(net.graph);
  const TensorMap inputs = random_inputs(net.graph, all);
  const char* const text = "layer 'pick' (Gather): index 9 is out of range for 1 elements";
  CHECK_THROWS_WITH_AS(run(net.graph, all, inputs), text, std::invalid_argument);
  CHECK_THROWS_WITH_AS(prepare(net.graph, all).run(inputs), text, std::invalid_argument);
}

}  // namespace offcut::exec::finite_test
