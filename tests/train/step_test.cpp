#include "models/train/step.h"

#include <doctest/doctest.h>

#include <cmath>

#include "models/onnx/export.h"
#include "models/onnx/import.h"
#include "models/ops/batches.h"
#include "models/zoo/builder.h"
#include "tests/train/formula.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::train::step_test {
namespace {

using zoo::NetworkBuilder;

constexpr std::int64_t kSamples = 8;

struct Made {
  Graph one, batch;
  explicit Made(const std::function<void(NetworkBuilder&, Graph&)>& build)
      : one("made"), batch("made") {
    NetworkBuilder net(one, all_operators(), 5);
    build(net, one);
    batch = ops::in_batches(one, kSamples, all_operators());
  }
  TensorId input() const { return batch.inputs().front(); }
};

StepResult step_of(const Made& made, Weights& weights, const std::string& loss,
                   const Target& target, StepOptions options = {}, const Tensor& input = {}) {
  options.fast_kernels = false;
  const Loss& kind = *all_losses().find(loss);
  TrainingStep step(made.batch, all_gradients(), weights, kind, defaults(kind.parameters), options);
  const Tensor labels = drawn_labels(0, kSamples, 3);
  const Tensor x =
      input.absent() ? drawn_images(0, made.batch.tensor(made.input()).type.shape, labels) : input;
  return step.run({{made.input(), x}}, target, 0);
}

void build_mlp(NetworkBuilder& net, Graph& graph) {
  TensorId x = net.relu("relu", net.dense("fc1", net.features(6), 5));
  graph.add_output(net.softmax("prob", net.dense("fc2", x, 3)));
}

}  // namespace

TEST_CASE("a linear teacher is found: least squares have a known optimum") {
  const Made made([](NetworkBuilder& net, Graph& graph) {
    graph.add_output(net.dense("fc", net.features(3), 1));
  });
  Weights weights(made.one, all_gradients());
  const OptimizerKind& kind = *all_optimizers().find("momentum");
  Optimizer optimizer(kind, defaults(kind.parameters));
  double loss = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    Tensor x(TensorType{DataType::float32, {kSamples, 3}});
    Tensor y(TensorType{DataType::float32, {kSamples, 1}});
    for (std::uint32_t n = 0; n < kSamples; ++n) {
      float* const row = x.values<float>().data() + std::size_t{n} * 3;
      for (std::uint32_t k = 0; k < 3; ++k) {
        row[k] = static_cast<float>(2 * drawn_number("x" + std::to_string(i), n * 3 + k) - 1);
      }
      y.values<float>()[n] = 2 * row[0] - row[1] + 0.5F * row[2] + 0.25F;
    }
    StepResult result = step_of(made, weights, "mse", {.values = y}, {}, x);
    loss = result.loss;
    optimizer.step(weights.pointers(), result.gradients, 0.05);
  }
  CHECK(loss < 1e-8);
  const auto found = weights.value(*weights.find("fc.weight")).values<float>();
  CHECK(found[0] == doctest::Approx(2).epsilon(1e-3));
  CHECK(found[1] == doctest::Approx(-1).epsilon(1e-3));
  CHECK(found[2] == doctest::Approx(0.5).epsilon(1e-3));
  CHECK(weights.value(*weights.find("fc.bias")).values<float>()[0] ==
        doctest::Approx(0.25).epsilon(1e-3));
}

TEST_CASE("frozen weights have no gradient, and layers before them do not go back") {
  const Made made(build_mlp);
  Weights all(made.one, all_gradients());
  CHECK(all.count() == 4);
  Weights last(made.one, all_gradients(), {.only = {"fc2.*"}});
  CHECK(last.count() == 2);
  Weights none_of_first(made.one, all_gradients(), {.freeze = {"fc1*"}});
  CHECK(none_of_first.count() == 2);
  const Target target{.labels = drawn_labels(0, kSamples, 3)};
  const StepResult full = step_of(made, all, "cross-entropy", target);
  const StepResult part = step_of(made, last, "cross-entropy", target);
  CHECK(full.loss == part.loss);
  const Tensor& expected = full.gradients[*all.find("fc2.weight")];
  const Tensor& found = part.gradients[*last.find("fc2.weight")];
  CHECK(std::equal(expected.values<float>().begin(), expected.values<float>().end(),
                   found.values<float>().begin()));
  CHECK_THROWS_WITH_AS(Weights(made.one, all_gradients(), {.freeze = {"fc3.weight"}}),
                       doctest::Contains("did you mean 'fc1.weight'"), std::invalid_argument);
  CHECK_THROWS_WITH_AS(Weights(made.one, all_gradients(), {.freeze = {"*"}}),
                       "all 4 weights of 'made' are frozen", std::invalid_argument);
}

TEST_CASE("every operator without a gradient is named with its layer") {
  const Made made([](NetworkBuilder& net, Graph& graph) {
    TensorId x = net.dense("fc1", net.features(6), 5);
    x = net.layer("Hardmax", "hard", {x});
    x = net.layer("Hardmax", "harder", {net.dense("fc2", x, 5)});
    graph.add_output(net.dense("fc3", x, 3));
  });
  Weights weights(made.one, all_gradients());
  const Target target{.labels = drawn_labels(0, kSamples, 3)};
  try {
    step_of(made, weights, "cross-entropy", target);
    FAIL("there is no error");
  } catch (const InputError& error) {
    REQUIRE(error.diagnostics().size() == 2);
    CHECK(error.diagnostics()[0].message.starts_with(
        "layer 'hard': the operator Hardmax has no gradient"));
    CHECK(error.diagnostics()[1].message.starts_with("layer 'harder'"));
  }
  Weights last(made.one, all_gradients(), {.only = {"fc3.*"}});
  CHECK(std::isfinite(step_of(made, last, "cross-entropy", target).loss));
}

TEST_CASE("exits are weighted") {
  const Made made([](NetworkBuilder& net, Graph& graph) {
    const TensorId x = net.tanh("tanh", net.dense("fc1", net.features(6), 5));
    graph.add_output(net.softmax("late", net.dense("fc2", x, 3)));
    graph.add_output(net.softmax("early", net.dense("fc3", x, 3)));
  });
  Weights weights(made.one, all_gradients());
  const Target target{.labels = drawn_labels(0, kSamples, 3)};
  const auto run = [&](std::vector<Exit> exits) {
    return step_of(made, weights, "cross-entropy", target, {.exits = std::move(exits)});
  };
  const StepResult late = run({{"late", 1}});
  const StepResult early = run({{"early", 1}});
  const StepResult both = run({{"late", 1}, {"early", 0.3}});
  CHECK(both.loss == doctest::Approx(late.loss + 0.3 * early.loss));
  CHECK(both.losses == std::vector<double>{late.loss, early.loss});
  CHECK(late.gradients[*weights.find("fc3.weight")].absent());
  const std::size_t shared = *weights.find("fc1.weight");
  for (std::size_t i = 0; i < both.gradients[shared].values<float>().size(); ++i) {
    CHECK(both.gradients[shared].values<float>()[i] ==
          doctest::Approx(late.gradients[shared].values<float>()[i] +
                          0.3 * early.gradients[shared].values<float>()[i])
              .epsilon(1e-4));
  }
  CHECK(run({}).loss == doctest::Approx(late.loss + early.loss));
  CHECK_THROWS_WITH_AS(run({{"lat", 1}}), doctest::Contains("did you mean 'late'"),
                       std::invalid_argument);
}

TEST_CASE("dropout depends on seed and step alone, and checkpoints repeat it") {
  const Made made([](NetworkBuilder& net, Graph& graph) {
    TensorId x = net.relu("relu", net.dense("fc1", net.features(6), 50));
    x = net.layer("Dropout", "drop", {x, net.number("ratio", 0.5F)});
    graph.add_output(net.softmax("prob", net.dense("fc2", x, 3)));
  });
  const Target target{.labels = drawn_labels(0, kSamples, 3)};
  const auto loss = [&](StepOptions options) {
    Weights weights(made.one, all_gradients());
    return step_of(made, weights, "cross-entropy", target, options).loss;
  };
  CHECK(loss({.seed = 1}) == loss({.seed = 1}));
  CHECK(loss({.seed = 1}) != loss({.seed = 2}));
  CHECK(loss({.seed = 1}) == loss({.seed = 1, .checkpoints = 3}));
}

TEST_CASE("only activations that the way back reads are kept, and checkpoints keep fewer") {
  const Made made([](NetworkBuilder& net, Graph& graph) {
    TensorId x = net.features(100);
    for (int i = 0; i < 12; ++i) {
      x = net.relu("relu" + std::to_string(i), net.dense("fc" + std::to_string(i), x, 100));
    }
    graph.add_output(net.softmax("prob", net.dense("last", x, 3)));
  });
  const auto memory = [&](int checkpoints) {
    Weights weights(made.one, all_gradients());
    const Loss& loss = *all_losses().find("cross-entropy");
    TrainingStep step(made.batch, all_gradients(), weights, loss, {},
                      {.checkpoints = checkpoints, .fast_kernels = false});
    const Tensor labels = drawn_labels(0, kSamples, 3);
    step.run({{made.input(), drawn_images(0, {kSamples, 100}, labels)}}, {.labels = labels}, 0);
    return step.memory();
  };
  // The input, and each Relu's output, which the next dense layer reads, too; the logits.
  CHECK(memory(1).kept == sizeof(float) * kSamples * (13 * 100 + 3));
  // With four parts of six layers: the input, the tensors between the parts, and the last part's.
  CHECK(memory(4).kept == sizeof(float) * kSamples * (7 * 100 + 3));
  CHECK(memory(4).peak < memory(1).peak);
}

TEST_CASE("running statistics follow the batch with the unbiased variance") {
  const Made made([](NetworkBuilder& net, Graph& graph) {
    const TensorId x = net.batch_norm("bn", net.image(1, 1, 1));
    graph.add_output(net.dense("fc", net.flatten("flatten", x), 3));
  });
  Weights weights(made.one, all_gradients());
  Tensor x(TensorType{DataType::float32, {kSamples, 1, 1, 1}});
  for (std::size_t i = 0; i < kSamples; ++i) {
    x.values<float>()[i] = static_cast<float>(i);
  }
  step_of(made, weights, "cross-entropy", {.labels = drawn_labels(0, kSamples, 3)}, {}, x);
  // 0 to 7: the mean is 3.5, the sum of squared distances 42, so the unbiased variance is 6.
  CHECK(weights.statistics().at("bn.mean").values<float>()[0] == doctest::Approx(0.1 * 3.5));
  CHECK(weights.statistics().at("bn.variance").values<float>()[0] ==
        doctest::Approx(0.9 * 1 + 0.1 * 6));
  const Graph trained = weights.applied_to(made.one);
  CHECK(trained.tensor(*trained.find_tensor("bn.mean")).parameter->value().values<float>()[0] ==
        doctest::Approx(0.35));
}

TEST_CASE("a trained graph is written and read again") {
  const Made made(build_mlp);
  Weights weights(made.one, all_gradients());
  weights.set("fc1.bias", drawn_weight("fc1.bias", {5}));
  const std::string bytes = onnx::export_onnx_bytes(weights.applied_to(made.one));
  const Graph read = onnx::import_onnx_bytes(bytes, "made.onnx", all_operators());
  const Tensor value = read.tensor(*read.find_tensor("fc1.bias")).parameter->value();
  CHECK(value.values<float>()[3] == drawn_weight("fc1.bias", {5}).values<float>()[3]);
}

TEST_CASE("initialisers that were merged behind Identity are untied on request") {
  // Two Add layers read one vector, the second one through an Identity, as PyTorch exports equal
  // weights.
  Graph graph("merged");
  NetworkBuilder net(graph, all_operators(), 1);
  const TensorId vector = net.numbers("vector", {1, 2, 3});
  const TensorId x = net.add("first", net.features(3), vector);
  graph.add_output(net.add("second", x, net.layer("Identity", "again", {vector})));
  const std::string bytes = onnx::export_onnx_bytes(graph);
  const Graph tied = onnx::import_onnx_bytes(bytes, "merged.onnx", all_operators());
  CHECK(Weights(tied, all_gradients()).count() == 1);
  const Graph untied =
      onnx::import_onnx_bytes(bytes, "merged.onnx", all_operators(), {.untie = true});
  CHECK(Weights(untied, all_gradients()).count() == 2);
}

}  // namespace offcut::train::step_test
