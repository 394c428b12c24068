// Training through roundings: the straight-through gradient against its formula, and against the
// gradient without roundings.

#include <doctest/doctest.h>

#include <cmath>

#include "models/compress/pass.h"
#include "models/compress/precision.h"
#include "models/graph/parameter_value.h"
#include "models/ops/batches.h"
#include "models/zoo/builder.h"
#include "tests/compress/networks.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::compress::quantisation_aware_test {
namespace {

constexpr std::int64_t kBatch = 12;

/// Adds QuantizeLinear and DequantizeLinear of uint8 with zero point 100.
TensorId rounded(zoo::NetworkBuilder& build, Graph& graph, TensorId x, float scale) {
  const std::uint8_t zero = 100;
  const Tensor point({}, std::span<const std::uint8_t>(&zero, 1));
  const TensorId z = graph.add_parameter("zero", point.type(),
                                         std::make_shared<Parameter>([point] { return point; }));
  const TensorId s = build.number("scale", scale);
  return build.layer("DequantizeLinear", "y",
                     {build.layer("QuantizeLinear", "q", {x, s, z}), s, z});
}

train::StepResult gradients_of(const Graph& graph, const dataset::Samples& samples,
                               train::Weights& weights, const std::string& loss,
                               const train::Target& target) {
  const Graph batch = ops::in_batches(graph, samples.count(), train::all_operators());
  const train::Loss& kind = *train::all_losses().find(loss);
  train::TrainingStep step(batch, train::all_gradients(), weights, kind, defaults(kind.parameters));
  return step.run({{batch.inputs().front(), samples.inputs}}, target, 0);
}

/// Returns the norm of the difference over the norm of `b`.
double distance(const Tensor& a, const Tensor& b) {
  double difference = 0;
  double norm = 0;
  for (std::size_t i = 0; i < b.values<float>().size(); ++i) {
    difference += std::pow(a.values<float>()[i] - b.values<float>()[i], 2);
    norm += std::pow(b.values<float>()[i], 2);
  }
  return std::sqrt(difference / norm);
}

}  // namespace

TEST_CASE("quantisation-aware: a gradient passes the rounding where it does not saturate") {
  Graph graph("rounded");
  zoo::NetworkBuilder build(graph, train::all_operators(), 1);
  const TensorId sum = build.dense("fc", build.features(4), 3);
  graph.add_output(rounded(build, graph, sum, 0.01F));  // From -1 to 1.55.
  dataset::Samples samples;
  samples.inputs = Tensor({2, 4}, std::span<const float>(std::vector<float>{
                                      0.1F, -0.2F, 0.3F, 0.1F, -0.3F, 0.2F, 0.25F, 0.4F}));
  Tensor target(TensorType{DataType::float32, {2, 3}});
  train::Weights weights(graph, train::all_gradients());
  const auto w = weights.value(*weights.find("fc.weight"));
  weights.set("fc.bias", Tensor({3}, std::span<const float>(std::vector<float>{0.2F, 7, -7})));
  const train::StepResult result =
      gradients_of(graph, samples, weights, "mse", {.labels = {}, .values = target, .teacher = {}});
  const Tensor gradient = result.gradients[*weights.find("fc.weight")];
  const auto x = samples.inputs.values<float>();
  const bool rows = w.shape() == Shape{3, 4};
  for (std::size_t output = 0; output < 3; ++output) {
    for (std::size_t input = 0; input < 4; ++input) {
      double expected = 0;
      for (std::size_t n = 0; n < 2 && output == 0; ++n) {  // The others saturate.
        double real = 0.2;
        for (std::size_t i = 0; i < 4; ++i) {
          real += x[n * 4 + i] * w.values<float>()[rows ? i : i * 3];
        }
        expected += 2 * 0.01 * std::nearbyint(real / 0.01) / 6 * x[n * 4 + input];
      }
      CHECK(gradient.values<float>()[rows ? output * 4 + input : input * 3 + output] ==
            doctest::Approx(expected).epsilon(1e-3));
    }
  }
  CHECK(std::abs(gradient.values<float>()[0]) > 1e-4F);
}

TEST_CASE("quantisation-aware: with 8 bits, gradients are near those of float32") {
  const Graph graph = lenet5();
  const dataset::Samples samples = drawn_samples(graph, kBatch);
  std::set<LayerId> layers;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    layers.insert(id);
  }
  const MixedPrecision mixed =
      with_integers(graph, layers, calibrate(graph, samples, {}), {}, train::all_operators());
  train::Weights real(graph, train::all_gradients());
  train::Weights integer(mixed.graph, train::all_gradients());
  const train::Target target{.labels = samples.labels, .values = {}, .teacher = {}};
  const auto expected = gradients_of(graph, samples, real, "cross-entropy", target);
  const auto found = gradients_of(mixed.graph, samples, integer, "cross-entropy", target);
  CHECK(found.loss == doctest::Approx(expected.loss).epsilon(0.02));
  REQUIRE(real.count() == integer.count());
  for (std::size_t i = 0; i < real.count(); ++i) {
    CAPTURE(real.name(i));
    const auto same = integer.find(real.name(i));
    REQUIRE(same);
    CHECK(distance(found.gradients[*same], expected.gradients[i]) < 0.15);
  }
}

TEST_CASE("quantisation-aware: training keeps weights on their grids, and lowers the loss") {
  const Graph graph = lenet5();
  const dataset::Samples samples = drawn_samples(graph, 48);
  const Material material{.libraries = all_libraries(), .samples = &samples};
  for (const char* const bits : {"int8:bits=4", "int8:bits=2,edge-bits=2", "int8"}) {
    CAPTURE(bits);
    const ChosenPass pass = make_pass(bits, all_passes());
    const Network network = apply_pass(*pass.pass, pass.parameters,
                                       {.graph = graph, .rules = {}, .grids = {}}, material);
    train::TrainerOptions options;
    options.epochs = 12;
    options.batch = 16;
    options.rate = 0.002;
    options.loss = {"cross-entropy",
                    defaults(train::all_losses().find("cross-entropy")->parameters)};
    options.optimizer = {"adam", defaults(train::all_optimizers().find("adam")->parameters)};
    options.rules = network.rules;
    options.allow_missing_classes = true;
    train::Trainer trainer(network.graph, samples, all_libraries(), options);
    const double first = trainer.run_epoch()->loss;
    double last = first;
    for (int epoch = 1; epoch < 12; ++epoch) {
      last = trainer.run_epoch()->loss;
    }
    CHECK(last < first);
    const Graph trained = trainer.network();
    std::size_t moved = 0;
    for (const auto& [name, grid] : network.grids) {
      CAPTURE(name);
      const Tensor value = parameter_value(trained.tensor(*trained.find_tensor(name)));
      const Tensor restored = values_of(grid, integers_on(grid, value));
      CHECK(std::equal(value.bytes().begin(), value.bytes().end(), restored.bytes().begin()));
      const Tensor before = parameter_value(network.graph.tensor(*network.graph.find_tensor(name)));
      moved +=
          std::equal(value.bytes().begin(), value.bytes().end(), before.bytes().begin()) ? 0U : 1U;
    }
    CHECK(moved > 0);
  }
}

}  // namespace offcut::compress::quantisation_aware_test
