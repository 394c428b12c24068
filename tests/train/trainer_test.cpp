// Runs over epochs: optima that are known, resumed runs, rules, exits, teachers, and errors.

#include "models/train/trainer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "models/base/error.h"
#include "models/dataset/open.h"
#include "models/graph/parameter_value.h"
#include "models/train/initial_weights.h"
#include "models/zoo/builder.h"
#include "tests/paths.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::train::trainer_test {
namespace {

using zoo::NetworkBuilder;

Libraries libraries() {
  return {all_operators(),  all_gradients(), all_losses(),
          all_optimizers(), all_schedules(), all_augmentations()};
}

dataset::Dataset data_of(const std::string& text) {
  return dataset::open_dataset(text, all_sets(), source_path("models/data"), "--dataset");
}

Graph made(const std::function<void(NetworkBuilder&, Graph&)>& build, std::uint64_t seed = 5) {
  Graph graph("made");
  NetworkBuilder net(graph, all_operators(), seed);
  build(net, graph);
  return graph;
}

/// A perceptron of two features.
Graph mlp(std::int64_t hidden, std::int64_t classes) {
  return made([&](NetworkBuilder& net, Graph& graph) {
    TensorId x = net.relu("relu1", net.dense("fc1", net.features(2), hidden));
    x = net.relu("relu2", net.dense("fc2", x, hidden));
    graph.add_output(net.softmax("prob", net.dense("fc3", x, classes)));
  });
}

TrainerOptions options_of(const std::string& loss, const std::string& optimizer, double rate,
                          std::int64_t epochs) {
  return {.epochs = epochs,
          .rate = rate,
          .loss = named_from(loss, "loss", all_losses()),
          .optimizer = named_from(optimizer, "optimiser", all_optimizers())};
}

/// Runs all epochs. Returns the last one's record.
EpochRecord run(Trainer& trainer, std::int64_t epochs) {
  EpochRecord record;
  while (trainer.epochs_done() < epochs) {
    record = *trainer.run_epoch();
  }
  return record;
}

Tensor weight(const Graph& graph, const std::string& name) {
  return parameter_value(graph.tensor(*graph.find_tensor(name)));
}

bool same(const Tensor& a, const Tensor& b) {
  return a.type() == b.type() &&
         std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
}

bool same_weights(const Graph& a, const Graph& b) {
  for (TensorId id = 0; id < a.tensor_count(); ++id) {
    if (a.tensor(id).is_parameter() &&
        !same(parameter_value(a.tensor(id)), parameter_value(b.tensor(id)))) {
      return false;
    }
  }
  return true;
}

/// Returns the least mean squared error that a dense layer can have: the normal equations, by the
/// elimination of Gauss and Jordan, in float64.
double least_squares(const dataset::Samples& samples) {
  const auto n = static_cast<std::size_t>(samples.count());
  const auto width = static_cast<std::size_t>(samples.inputs.shape()[1]) + 1;
  const auto x = [&](std::size_t i, std::size_t f) {
    return f + 1 == width
               ? 1.0
               : static_cast<double>(samples.inputs.values<float>()[i * (width - 1) + f]);
  };
  const auto y = [&](std::size_t i) {
    return static_cast<double>(samples.targets.values<float>()[i]);
  };
  std::vector<std::vector<double>> rows(width, std::vector<double>(width + 1));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t a = 0; a < width; ++a) {
      for (std::size_t b = 0; b < width; ++b) {
        rows[a][b] += x(i, a) * x(i, b);
      }
      rows[a][width] += x(i, a) * y(i);
    }
  }
  for (std::size_t pivot = 0; pivot < width; ++pivot) {
    for (std::size_t a = 0; a < width; ++a) {
      const double factor = rows[a][pivot] / rows[pivot][pivot];
      for (std::size_t b = pivot; a != pivot && b <= width; ++b) {
        rows[a][b] -= factor * rows[pivot][b];
      }
    }
  }
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double error = -y(i);
    for (std::size_t f = 0; f < width; ++f) {
      error += rows[f][width] / rows[f][f] * x(i, f);
    }
    sum += error * error;
  }
  return sum / static_cast<double>(n);
}

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("trainer: a linear teacher's optimum, which the normal equations give") {
  const dataset::Dataset data = data_of("linear-teacher:features=5,samples=400,noise=0.3");
  const Graph network = made([](NetworkBuilder& net, Graph& graph) {
    graph.add_output(net.dense("fc", net.features(5), 1));
  });
  TrainerOptions options = options_of("mse", "momentum", 0.02, 60);
  options.schedules = {named_from("cosine", "schedule", all_schedules())};
  Trainer trainer(network, data.training, libraries(), options);
  run(trainer, 60);
  const double best = least_squares(data.training);
  const double found = judge(trainer.network(), data.training, libraries(), options.loss).loss;
  CHECK(found >= best - 1e-6);
  CHECK(found == doctest::Approx(best).epsilon(1e-3));
}

TEST_CASE("trainer: spirals, which no straight line separates") {
  const dataset::Dataset data = data_of("spirals:samples=600,tests=600");
  const Graph network = mlp(32, 2);
  TrainerOptions options = options_of("cross-entropy", "adam", 0.01, 60);
  Trainer trainer(network, data.training, libraries(), options);
  const EpochRecord record = run(trainer, 60);
  CHECK(record.epoch == 60);
  CHECK(record.steps == 60 * 19);  // The last batch of an epoch has 600 - 18 * 32 samples.
  const Judgement judged = judge(trainer.network(), data.test, libraries(), options.loss);
  CHECK(judged.accuracy > 0.97);
  CHECK(judged.samples == 600);
}

TEST_CASE("trainer: a run that goes on from a saved state has the bits of an undisturbed one") {
  const dataset::Dataset data = data_of("digits");
  const dataset::Samples few = data.training.part(0, 150);
  const Graph network = made([](NetworkBuilder& net, Graph& graph) {
    TensorId x = net.conv("conv", net.image(1, 28, 28),
                          {.filters = 4, .kernel = 5, .stride = 3, .bias = false});
    x = net.flatten("flatten", net.relu("relu", net.batch_norm("bn", x)));
    graph.add_output(net.softmax("prob", net.dense("fc", x, 10)));
  });
  TrainerOptions options = options_of("cross-entropy", "adamw", 0.01, 4);
  options.schedules = {named_from("cosine", "schedule", all_schedules())};
  options.augmentations = {named_from("affine", "augmentation", all_augmentations())};
  Trainer whole(network, few, libraries(), options);
  run(whole, 4);

  std::string state;
  {
    Trainer first(network, few, libraries(), options);
    run(first, 2);
    int steps = 0;  // An epoch that is given up leaves no trace, nor do its running statistics.
    CHECK_FALSE(first.run_epoch([&](double) { return ++steps < 3; }).has_value());
    CHECK(first.epochs_done() == 2);
    state = first.save();
  }
  Trainer second(network, few, libraries(), options);
  CHECK_FALSE(second.run_epoch([](double) { return false; }).has_value());
  CHECK(same_weights(second.network(), network));
  second.restore(state);
  run(second, 4);
  CHECK(same_weights(whole.network(), second.network()));
  CHECK(whole.save() == second.save());

  options.seed = 2;
  Trainer other(network, few, libraries(), options);
  CHECK_THROWS_AS(other.restore(state), std::invalid_argument);
  CHECK_THROWS_AS(second.restore(state.substr(0, state.size() / 2)), std::invalid_argument);
}

TEST_CASE("trainer: a rule holds in every step, and the master moves behind it") {
  const dataset::Dataset data = data_of("blobs:samples=300");
  const Graph network = mlp(16, 3);
  TrainerOptions options = options_of("cross-entropy", "sgd", 0.05, 5);
  const auto rounded = [](const Tensor& master) {  // A grid of quarters, and no small values.
    Tensor result(master.type());
    std::transform(master.values<float>().begin(), master.values<float>().end(),
                   result.values<float>().begin(), [](float x) { return std::round(x * 4) / 4; });
    return result;
  };
  options.rules = {{"fc1.weight", rounded}, {"fc2.weight", rounded}};
  Trainer trainer(network, data.training, libraries(), options);
  run(trainer, 5);
  const Graph result = trainer.network();
  CHECK(same(weight(result, "fc1.weight"), rounded(weight(result, "fc1.weight"))));
  CHECK_FALSE(same(weight(result, "fc1.weight"), rounded(weight(network, "fc1.weight"))));
  CHECK(judge(result, data.test, libraries(), options.loss).accuracy > 0.8);

  // Without rules, the masters come back: they differ from the grid.
  trainer.set_rules({});
  CHECK_FALSE(same(weight(trainer.network(), "fc1.weight"), weight(result, "fc1.weight")));
  CHECK(same(rounded(weight(trainer.network(), "fc1.weight")), weight(result, "fc1.weight")));
  CHECK(error_of([&] {
          trainer.set_rules({{"fc9.weight", rounded}});
        }) == "made: error: there is no parameter 'fc9.weight' for a rule");
}

TEST_CASE("trainer: a rule of a frozen weight is applied once") {
  const dataset::Dataset data = data_of("blobs:samples=60");
  const Graph network = mlp(4, 3);
  TrainerOptions options = options_of("cross-entropy", "sgd", 0.05, 1);
  options.weights.freeze = {"fc1.*"};
  options.rules = {{"fc1.weight", [](const Tensor& x) { return Tensor(x.type()); }}};
  Trainer trainer(network, data.training, libraries(), options);
  run(trainer, 1);
  CHECK(
      same(weight(trainer.network(), "fc1.weight"), Tensor(TensorType{DataType::float32, {4, 2}})));
  CHECK(same(weight(trainer.network(), "fc1.bias"), weight(network, "fc1.bias")));
}

TEST_CASE("trainer: each exit learns, and the final one is that with the most layers before it") {
  const dataset::Dataset data = data_of("blobs:samples=300");
  const Graph network = made([](NetworkBuilder& net, Graph& graph) {
    const TensorId x = net.relu("relu1", net.dense("fc1", net.features(2), 16));
    graph.add_output(net.softmax("early", net.dense("exit", x, 3)));
    graph.add_output(net.softmax("late", net.dense("fc2", net.tanh("tanh", x), 3)));
  });
  TrainerOptions options = options_of("cross-entropy", "adam", 0.01, 15);
  options.exits = {{"early", 0.25}, {"late", 1}};
  Trainer trainer(network, data.training, libraries(), options);
  const EpochRecord record = run(trainer, 15);
  REQUIRE(record.exit_losses.size() == 2);
  CHECK(record.loss ==
        doctest::Approx(0.25 * record.exit_losses[0] + record.exit_losses[1]).epsilon(1e-9));
  CHECK(record.exit_losses[0] != record.exit_losses[1]);
  const auto judged_at = [&](const std::vector<Exit>& exits) {
    return judge(trainer.network(), data.test, libraries(), options.loss, exits);
  };
  const Judgement judged = judged_at(options.exits);
  REQUIRE(judged.exit_losses.size() == 2);
  CHECK(judged.exit_losses[0] == judged_at({{"early", 1}}).loss);
  CHECK(judged.exit_losses[1] == judged_at({{"late", 1}}).loss);
  CHECK(judged.loss == doctest::Approx(0.25 * judged.exit_losses[0] + judged.exit_losses[1]));
  REQUIRE(judged.exit_accuracies.size() == 2);
  CHECK(judged.exit_accuracies[0] > 0.9);
  CHECK(judged.accuracy == judged.exit_accuracies[1]);
  CHECK(judged.accuracy > 0.9);

  options.exits = {{"early", 1}};  // The other exit's own layers stay as they are.
  Trainer early(network, data.training, libraries(), options);
  run(early, 1);
  CHECK(same(weight(early.network(), "fc2.weight"), weight(network, "fc2.weight")));
}

TEST_CASE("trainer: with the teacher's answers alone, a student becomes its teacher") {
  const dataset::Dataset data = data_of("blobs:samples=300");
  const Graph teacher = mlp(8, 3);
  const Graph student = made(
      [](NetworkBuilder& net, Graph& graph) {
        TensorId x = net.relu("relu", net.dense("first", net.features(2), 32));
        graph.add_output(net.softmax("answer", net.dense("last", x, 3)));
      },
      9);
  TrainerOptions options = options_of("distillation:share=1,temperature=2", "adam", 0.01, 60);
  options.teacher = &teacher;
  Trainer trainer(student, data.training, libraries(), options);
  run(trainer, 60);
  const auto answers = [&](const Graph& graph) {
    dataset::Samples samples = data.training.part(0, 300);  // A copy, whose labels may change.
    std::vector<double> rights;
    for (std::int64_t label = 0; label < 3; ++label) {  // The share of answers of each class.
      for (std::int64_t& value : samples.labels.values<std::int64_t>()) {
        value = label;
      }
      rights.push_back(judge(graph, samples, libraries(), options.loss).accuracy);
    }
    return rights;
  };
  const auto of_teacher = answers(teacher), of_student = answers(trainer.network());
  for (std::size_t i = 0; i < of_teacher.size(); ++i) {
    CHECK(of_student[i] == doctest::Approx(of_teacher[i]).epsilon(0.03));
  }
  options.teacher = nullptr;
  CHECK(error_of([&] { Trainer(student, data.training, libraries(), options); }) ==
        "made: error: the loss distillation needs a teacher");
}

TEST_CASE("trainer: a single logit tells two classes") {
  const dataset::Dataset data = data_of("blobs:features=10,classes=2");
  const Graph network =
      with_initial_weights(made([](NetworkBuilder& net, Graph& graph) {
                             TensorId x = net.tanh("tanh", net.dense("fc1", net.features(10), 10));
                             graph.add_output(net.sigmoid("sigmoid", net.dense("fc2", x, 1)));
                           }),
                           all_gradients(), 3);
  TrainerOptions options = options_of("binary-cross-entropy", "adam", 0.01, 10);
  Trainer trainer(network, data.training, libraries(), options);
  run(trainer, 10);
  CHECK(judge(trainer.network(), data.test, libraries(), options.loss).accuracy > 0.98);
}

TEST_CASE("trainer: bad data is one clear error") {
  const Graph network = mlp(4, 3);
  const dataset::Samples good = data_of("blobs:samples=30").training;
  const auto error = [&](dataset::Samples samples, TrainerOptions options) {
    return error_of([&] {
      Trainer trainer(network, samples, libraries(), std::move(options));
      run(trainer, 3);
    });
  };
  const TrainerOptions options = options_of("cross-entropy", "sgd", 0.01, 3);
  CHECK(error(good, options).empty());
  dataset::Samples samples = good.part(0, 30);
  samples.labels.values<std::int64_t>()[17] = 3;
  CHECK(error(samples, options) ==
        "blobs: error: sample 17 (counted from 0) has the label 3, but the network has 3 classes, "
        "0 to 2");
  CHECK(error(data_of("blobs:features=3").training, options) ==
        "blobs: error: the samples are 3 numbers each, but the network's 'features' is 1x2");
  CHECK(error({}, options) == "data set: error: holds no samples");
  samples = good.part(0, 30);
  for (std::int64_t& label : samples.labels.values<std::int64_t>()) {
    label = label == 1 ? 0 : label;
  }
  CHECK(error(samples, options) ==
        "blobs: error: no sample of class 1, which the network can answer; classes are 0 to 2");
  TrainerOptions lenient = options;
  lenient.allow_missing_classes = true;
  CHECK(error(samples, lenient).empty());
  CHECK(error(data_of("linear-teacher:features=2").training, options) ==
        "linear-teacher: error: does not fit the loss cross-entropy of 'prob': the loss needs "
        "labels");
}

TEST_CASE("trainer: a run that diverges says at which step") {
  const dataset::Dataset data = data_of("linear-teacher:samples=64");
  const Graph network = made([](NetworkBuilder& net, Graph& graph) {
    graph.add_output(net.dense("fc", net.features(10), 1));
  });
  Trainer trainer(network, data.training, libraries(), options_of("mse", "sgd", 100, 50));
  const std::string error = error_of([&] { run(trainer, 50); });
  CHECK(error.starts_with("made: error: training diverged: the "));
  CHECK(error.find(" at step ") != std::string::npos);
  CHECK(error.find("nan") == std::string::npos);  // A NaN has no sign to show.
}

TEST_CASE("trainer: messages have names on one line") {
  const dataset::Dataset data = data_of("blobs:samples=30");
  const Graph network = made([](NetworkBuilder& net, Graph& graph) {
    graph.add_output(net.dense("fc\n\x1b[31m", net.features(2), 3));
  });
  TrainerOptions options = options_of("cross-entropy", "sgd", 0.05, 1);
  options.weights.only = {"no"};
  const std::string error =
      error_of([&] { Trainer(network, data.training, libraries(), options); });
  CHECK(error.find("no weight matches 'no'") != std::string::npos);
  CHECK(error.find('\n') == std::string::npos);
  options.weights.only = {};
  options.exits = {{"a\nb", 1}};
  CHECK(error_of([&] {
          Trainer(network, data.training, libraries(), options);
        }).starts_with("made: error: the network has no output 'a\\nb'"));
}

TEST_CASE("fresh weights: bounds of their fan-in, ones and zeros of normalisations") {
  const Graph network = made([](NetworkBuilder& net, Graph& graph) {
    TensorId x = net.conv("conv", net.image(2, 8, 8), {.filters = 50, .kernel = 3});
    x = net.flatten("flatten", net.batch_norm("bn", x));
    graph.add_output(net.dense("fc", x, 4));
  });
  const Graph fresh = with_initial_weights(network, all_gradients(), 1);
  CHECK(same_weights(fresh, with_initial_weights(fresh, all_gradients(), 1)));
  CHECK_FALSE(same_weights(fresh, with_initial_weights(network, all_gradients(), 2)));
  for (const auto& [name, inputs] : {std::pair("conv.weight", 18.0), {"fc.bias", 50.0 * 36}}) {
    const double bound = 1 / std::sqrt(inputs);
    double most = 0;
    for (const float x : weight(fresh, name).values<float>()) {
      most = std::max<double>(most, std::abs(x));
    }
    CHECK(most <= bound);
    CHECK(most > 0.3 * bound);
  }
}

}  // namespace offcut::train::trainer_test
