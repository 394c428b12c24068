// The work of single clients: beside the trainer of a single machine, and on several threads.

#include "sim/training/local_trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "models/base/error.h"
#include "tests/training/given.h"

namespace offcut::training::local_trainer_test {
namespace {

/// A network whose steps draw random numbers and change running statistics.
Graph random_network() {
  return made_network([](zoo::NetworkBuilder& net) {
    TensorId x = net.conv("conv", net.image(1, 28, 28),
                          {.filters = 4, .kernel = 5, .stride = 3, .bias = false});
    x = net.relu("relu", net.batch_norm("norm", x));
    x = net.layer("Dropout", "dropout", {net.flatten("flatten", x), net.number("ratio", 0.4F)});
    return net.softmax("prob", net.dense("fc", x, 10));
  });
}

TEST_CASE("local trainer: a client's epochs have the bits of the trainer of a single machine") {
  // With the same seed, the orders of the first round's epochs are the trainer's.
  const dataset::Samples samples = first_digits(48);
  const auto all = first_numbers(48);
  const Graph network = zoo_network("mlp-s3");
  for (const std::string optimizer :
       {"sgd", "sgd:decay=0.01", "momentum", "nesterov", "adam", "adamw"}) {
    for (const std::optional<double> clip : {std::optional<double>(), std::optional(0.05)}) {
      CAPTURE(optimizer);
      LocalSettings settings = given_settings("cross-entropy", optimizer);
      settings.clip = clip;
      LocalTrainer local(network, samples, given_libraries(), settings);
      train::Trainer single(network, samples, given_libraries(),
                            {.epochs = 4,
                             .batch = 8,
                             .rate = 0.01,
                             .loss = settings.loss,
                             .optimizer = settings.optimizer,
                             .clip = clip,
                             .allow_missing_classes = true});
      double loss = 0;
      for (int epoch = 0; epoch < 4; ++epoch) {
        loss += single.run_epoch()->loss / 4;
      }
      const LocalResult result =
          local.train(local.initial(), {.samples = all, .epochs = 4, .batch = 8, .rate = 0.01});
      const Graph trained = single.network();
      const train::Weights weights(trained, given_libraries().gradients);
      CHECK(result.state == local.layout().read(trained, weights));
      CHECK(result.steps == 24);
      CHECK(result.samples == 192);
      CHECK(result.loss == doctest::Approx(loss).epsilon(1e-12));
      const LocalResult first =
          local.train(local.initial(), {.samples = all, .batch = 8, .rate = 0.01, .most_steps = 1});
      CHECK(first.loss == result.first_loss);
      CHECK(first.first_loss == result.first_loss);
    }
  }
}

TEST_CASE("local trainer: a rehearsal has the bytes of states, but no numbers") {
  const dataset::Samples samples = first_digits(20);
  const auto all = first_numbers(20);
  const Graph network = random_network();
  LocalTrainer real(network, samples, given_libraries(), given_settings());
  LocalSettings settings = given_settings();
  settings.is_rehearsal = true;
  LocalTrainer rehearsed(network, samples, given_libraries(), settings);
  CHECK(rehearsed.initial().empty());
  CHECK(rehearsed.layout().bytes() == real.layout().bytes());
  CHECK(real.layout().bytes() == Bytes(4.0 * static_cast<double>(real.layout().size())));
  CHECK(rehearsed.layout().share_of_weights() == real.layout().share_of_weights());
  CHECK(real.layout().share_of_weights() ==
        static_cast<double>(real.layout().weights()) / static_cast<double>(real.layout().size()));
  CHECK(real.layout().share_of_weights() < 1);
  const LocalWork work{.samples = all, .epochs = 2, .batch = 8, .rate = 0.01};
  const LocalResult result = rehearsed.train(rehearsed.initial(), work);
  CHECK(result.steps == real.train(real.initial(), work).steps);
  CHECK(result.state.empty());
  CHECK(result.loss == kRehearsedLoss);
  double loss = 0;
  CHECK(rehearsed.gradient({}, all, 1, &loss).empty());
  CHECK(loss == kRehearsedLoss);
  CHECK(rehearsed.loss({}, all) == kRehearsedLoss);
  CHECK(rehearsed.clone()->initial().empty());
}

TEST_CASE("local trainer: clones give the same bits, on any thread and in any order") {
  const dataset::Samples samples = first_digits(200);
  const Graph network = random_network();
  LocalTrainer trainer(network, samples, given_libraries(), given_settings());
  const State start = trainer.initial();
  std::vector<std::vector<std::int64_t>> own;
  std::vector<LocalWork> works;
  for (std::int64_t client = 0; client < 8; ++client) {
    own.emplace_back();
    for (std::int64_t i = 0; i < 10 + 2 * client; ++i) {
      own.back().push_back(20 * client + i);
    }
  }
  for (std::size_t client = 0; client < own.size(); ++client) {
    works.push_back({.samples = own[client],
                     .epochs = 2,
                     .batch = 6,
                     .rate = 0.05,
                     .seed = client,
                     .round = 3});
  }
  std::vector<LocalResult> expected;
  for (const LocalWork& work : works) {
    expected.push_back(trainer.train(start, work));
  }
  std::vector<LocalResult> found(works.size());
  std::vector<std::thread> threads;
  for (std::size_t first = 0; first < 3; ++first) {
    threads.emplace_back([&, first] {
      const auto clone = trainer.clone();
      for (std::size_t i = works.size(); i-- > 0;) {
        if (i % 3 == first) {
          found[i] = clone->train(start, works[i]);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (std::size_t i = 0; i < works.size(); ++i) {
    CHECK(found[i].state == expected[i].state);
    CHECK(found[i].loss == expected[i].loss);
  }
  // Clients, rounds and seeds differ in their order and in Dropout.
  LocalWork other = works[0];
  other.seed = 99;
  CHECK(trainer.train(start, other).state != expected[0].state);
  other = works[0];
  other.round = 4;
  CHECK(trainer.train(start, other).state != expected[0].state);
}

TEST_CASE("local trainer: states carry running statistics") {
  const dataset::Samples samples = first_digits(40);
  const Graph network = random_network();
  LocalTrainer trainer(network, samples, given_libraries(), given_settings());
  const Layout& layout = trainer.layout();
  REQUIRE(layout.size() == layout.weights() + 8);
  const State start = trainer.initial();
  const auto all = first_numbers(40);
  const State once = trainer.train(start, {.samples = all, .batch = 20}).state;
  const State again = trainer.train(once, {.samples = all, .batch = 20, .round = 1}).state;
  for (std::size_t i = layout.weights(); i < layout.size(); ++i) {
    CHECK(once[i] != start[i]);
    CHECK(again[i] != once[i]);
  }
  // The next work begins from the state that it is given, not from the last statistics.
  CHECK(trainer.train(start, {.samples = all, .batch = 20}).state == once);
  const State gradient = trainer.gradient(start, all, 1);
  for (std::size_t i = layout.weights(); i < layout.size(); ++i) {
    CHECK(gradient[i] == 0);
  }
  const Graph applied = trainer.network(once);
  const train::Weights weights(applied, given_libraries().gradients);
  CHECK(layout.read(applied, weights) == once);
}

TEST_CASE("local trainer: the number of steps, and work that is cut short") {
  const auto all = first_numbers(25);
  LocalWork work{.samples = all, .epochs = 3, .batch = 10};
  CHECK(work.steps() == 9);
  work.batch = 0;
  CHECK(work.steps() == 3);
  work.batch = 100;
  CHECK(work.steps() == 3);
  work.batch = 10;
  work.most_steps = 4;
  CHECK(work.steps() == 4);
  const dataset::Samples samples = first_digits(25);
  const Graph network = zoo_network("softmax-regression");
  LocalTrainer trainer(network, samples, given_libraries(), given_settings());
  const LocalResult part = trainer.train(trainer.initial(), work);
  CHECK(part.steps == 4);
  CHECK(part.samples == 35);
  // The first steps are those of the whole work.
  work.most_steps = 0;
  const LocalResult none = trainer.train(trainer.initial(), work);
  CHECK(none.steps == 0);
  CHECK(none.state == trainer.initial());
  work.most_steps = 9;
  const State whole = trainer.train(trainer.initial(), work).state;
  work.most_steps.reset();
  CHECK(trainer.train(trainer.initial(), work).state == whole);
}

TEST_CASE("local trainer: an epoch reads each sample once") {
  // With inputs of one hot feature each and a rate so small that weights hardly change, the change
  // of a weight counts the steps that read its sample.
  constexpr std::int64_t kCount = 23;
  Tensor inputs(TensorType{DataType::float32, {kCount, kCount}});
  Tensor targets(TensorType{DataType::float32, {kCount, 1}});
  for (std::size_t i = 0; i < kCount; ++i) {
    inputs.values<float>()[i * kCount + i] = 1;
    targets.values<float>()[i] = 1000;
  }
  const dataset::Samples samples{.inputs = inputs, .labels = {}, .targets = targets};
  const Graph network = made_network(
      [](zoo::NetworkBuilder& net) { return net.dense("fc", net.features(kCount), 1); });
  LocalTrainer trainer(network, samples, given_libraries(), given_settings("mse"));
  const std::vector<std::int64_t> own = {1, 2, 3, 5, 8, 13, 21};
  const State start = trainer.initial();
  const LocalResult result =
      trainer.train(start, {.samples = own, .epochs = 3, .batch = 1, .rate = 1e-5, .seed = 5});
  CHECK(result.steps == 21);
  for (std::int64_t i = 0; i < kCount; ++i) {
    const auto place = static_cast<std::size_t>(i);
    const double change = static_cast<double>(result.state[place] - start[place]);
    const bool is_own = std::find(own.begin(), own.end(), i) != own.end();
    CHECK(change == doctest::Approx(is_own ? 3 * 2e-5 * 1000 : 0).epsilon(0.01));
  }
}

TEST_CASE("local trainer: frozen weights are no part of states") {
  const dataset::Samples samples = first_digits(30);
  const Graph network = zoo_network("mlp-s3");
  LocalSettings settings = given_settings();
  settings.weights.only = {"fc2.*"};
  LocalTrainer trainer(network, samples, given_libraries(), settings);
  CHECK(trainer.layout().size() == 1290);
  const auto all = first_numbers(30);
  const State changed = trainer.train(trainer.initial(), {.samples = all}).state;
  CHECK(changed != trainer.initial());
  const Graph applied = trainer.network(changed);
  const train::Weights before(network, given_libraries().gradients);
  const train::Weights after(applied, given_libraries().gradients);
  for (std::size_t i = 0; i < before.count(); ++i) {
    const auto x = before.value(i).values<float>();
    const auto y = after.value(i).values<float>();
    CHECK(std::equal(x.begin(), x.end(), y.begin()) == before.name(i).starts_with("fc1"));
  }
}

TEST_CASE("local trainer: losses and judgements are those of the network in inference") {
  const dataset::Samples samples = first_digits(150);
  const Graph network = random_network();
  LocalTrainer trainer(network, samples, given_libraries(), given_settings());
  const auto all = first_numbers(150);
  const State state = trainer.train(trainer.initial(), {.samples = all, .batch = 30}).state;
  for (const State& at : {trainer.initial(), state}) {
    const train::Judgement judged = trainer.judge(at, samples);
    CHECK(judged.samples == 150);
    CHECK(trainer.loss(at, all) == doctest::Approx(judged.loss).epsilon(1e-5));
    const train::Judgement direct =
        train::judge(trainer.network(at), samples, given_libraries(), given_settings().loss);
    CHECK(judged.loss == doctest::Approx(direct.loss).epsilon(1e-6));
    CHECK(judged.accuracy == direct.accuracy);
    const std::vector<std::int64_t> few = {7, 3, 140};
    const train::Judgement of_few = train::judge(trainer.network(at), samples.chosen(few),
                                                 given_libraries(), given_settings().loss);
    CHECK(trainer.loss(at, few) == doctest::Approx(of_few.loss).epsilon(1e-5));
  }
}

TEST_CASE("local trainer: gradients have the slopes of the loss") {
  const dataset::Samples samples = first_digits(20);
  const Graph network = zoo_network("softmax-regression");
  LocalTrainer trainer(network, samples, given_libraries(), given_settings());
  const auto all = first_numbers(20);
  const State start = trainer.initial();
  double loss = 0;
  const State gradient = trainer.gradient(start, all, 1, &loss);
  CHECK(loss == doctest::Approx(trainer.loss(start, all)).epsilon(1e-5));
  for (const std::size_t i : {300U, 1234U, 4567U, 7845U}) {
    State up = start;
    State down = start;
    up[i] += 0.01F;
    down[i] -= 0.01F;
    const double slope = (trainer.loss(up, all) - trainer.loss(down, all)) / 0.02;
    CHECK(std::abs(slope - static_cast<double>(gradient[i])) < 1e-4);
  }
}

TEST_CASE("local trainer: invalid settings and work are refused") {
  const dataset::Samples samples = first_digits(20);
  const Graph network = zoo_network("softmax-regression");
  const auto made = [&](const LocalSettings& settings) {
    return std::make_unique<LocalTrainer>(network, samples, given_libraries(), settings);
  };
  LocalSettings settings = given_settings();
  settings.loss.name = "cross-entrop";
  CHECK_THROWS_AS(made(settings), InputError);
  settings = given_settings();
  settings.optimizer.name = "sdg";
  CHECK_THROWS_AS(made(settings), InputError);
  settings = given_settings();
  settings.clip = 0;
  CHECK_THROWS_AS(made(settings), InputError);
  settings = given_settings();
  settings.weights.freeze = {"*"};
  CHECK_THROWS_AS(made(settings), InputError);
  const Graph other = zoo_network("lenet-s4");  // Its images are 3x32x32.
  CHECK_THROWS_AS(LocalTrainer(other, samples, given_libraries(), given_settings()), InputError);

  const auto trainer = made(given_settings());
  const std::vector<std::int64_t> wrong = {3, 20};
  CHECK_THROWS_AS(trainer->train(trainer->initial(), {.samples = wrong}), InputError);
  CHECK_THROWS_AS(trainer->train(trainer->initial(), {}), InputError);
  const auto all = first_numbers(20);
  CHECK_THROWS_AS(trainer->train(State(3), {.samples = all}), InputError);
  const double infinite = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(trainer->train(trainer->initial(), {.samples = all, .rate = infinite}),
                  InputError);
  State odd = trainer->initial();
  odd[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(trainer->train(odd, {.samples = all}), InputError);
}

}  // namespace
}  // namespace offcut::training::local_trainer_test
