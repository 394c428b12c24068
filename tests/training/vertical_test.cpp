#include <doctest/doctest.h>

#include "models/base/error.h"
#include "sim/training/vertical_network.h"
#include "sim/training/work_time.h"
#include "tests/train/networks.h"
#include "tests/training/given.h"
#include "tests/training/given_job.h"
#include "tests/training/layered_times.h"

namespace offcut::training::vertical_test {
namespace {

constexpr double kExact = 1e-9;

/// Three parties with two of the six features each.
class VerticalJob {
 public:
  explicit VerticalJob(std::int64_t samples)
      : given("vertical", {samples}),
        network(vertical_network({.features = {{0, 3}, {1, 4}, {2, 5}},
                                  .hidden = {4},
                                  .embedding = 3,
                                  .head = {5},
                                  .classes = 2},
                                 {6}, train::all_operators(), 3)),
        trainer(network, given.samples, given_libraries(), given_settings()) {
    data.samples = ClientSamples(std::vector(3, first_numbers(samples)));
    data.features = {{0, 3}, {1, 4}, {2, 5}};
    given.job.network = &network;
    given.job.trainer = &trainer;
    given.job.data = &data;
  }

  GivenJob given;
  Graph network;
  LocalTrainer trainer;
  ClientData data;
};

}  // namespace

TEST_CASE("the parts of a joint network") {
  const VerticalJob job(10);
  const VerticalParts parts = vertical_parts(job.network);
  CHECK(parts.features == std::vector<std::vector<std::int64_t>>{{0, 3}, {1, 4}, {2, 5}});
  for (const std::vector<LayerId>& bottom : parts.bottoms) {
    CHECK(bottom.size() == 5);  // Gather, two dense layers and two activations.
  }
  CHECK(job.network.layer(parts.head.front()).name == "joint");
  CHECK(parts.head.size() == 5);  // Joint, a hidden layer and its activation, classes, prob.
}

TEST_CASE("networks of images are joined as well, and others are refused") {
  const Graph image = vertical_network({.features = {{0, 1, 2}, {3, 4, 5, 6, 7, 8}}, .head = {}},
                                       {1, 3, 3}, train::all_operators(), 3);
  CHECK(vertical_parts(image).features.size() == 2);
  const Graph plain =
      made_network([](zoo::NetworkBuilder& net) { return net.dense("fc", net.features(4), 2); });
  CHECK_THROWS_WITH_AS(vertical_parts(plain), doctest::Contains("'fc' reads the network's input"),
                       InputError);
  const auto build = [](std::vector<std::vector<std::int64_t>> features) {
    return vertical_network({.features = std::move(features), .hidden = {}, .head = {}}, {4},
                            train::all_operators(), 3);
  };
  CHECK_THROWS_AS(build({{0, 1}, {1, 2}}), std::invalid_argument);
  CHECK_THROWS_AS(build({{0, 4}}), std::invalid_argument);
  CHECK_THROWS_AS(build({{0}, {}}), std::invalid_argument);
}

TEST_CASE("vertical training is that of the whole joint network") {
  VerticalJob job(30);
  job.given.job.settings.rounds = 20;
  const TrainingRecord record = job.given.run(two_tiers(3));
  LocalWork work = work_of(job.given.job, 0, 1);
  work.epochs = 20;
  work.most_steps = 20;
  const State expected = job.trainer.train(job.trainer.initial(), work).state;
  CHECK(largest_difference(record.state, expected) <= 1e-6);
  CHECK(largest_difference(record.state, job.trainer.initial()) > 1e-2);
}

TEST_CASE("a vertical step lasts as its closed form says, with its bytes") {
  VerticalJob job(30);
  std::vector<double> forward, update;
  for (LayerId id = 0; id < job.network.layer_count(); ++id) {
    forward.push_back(0.0625 * static_cast<double>(id % 4));
    update.push_back(0.125 * static_cast<double>(id % 3));
  }
  const LayeredTimes times(forward, update);
  job.given.job.times = &times;
  for (const bool shared : {false, true}) {
    VerticalJob& one = job;
    const FakeLayout layout = two_tiers(3, shared);
    const RoundForecast forecast = one.given.forecast(layout);
    const TrainingRecord record = one.given.run(layout);
    if (shared) {
      continue;  // Unlike parties do not share a link all the time.
    }
    for (const RoundRecord& round : record.rounds) {
      CHECK((round.end - round.start).si() == doctest::Approx(forecast.round.si()).epsilon(kExact));
      CHECK(round.bytes_up.si() == 3.0 * 10 * 3 * 4);  // Three embeddings of 3 floats.
      CHECK(round.bytes_down.si() == round.bytes_up.si());
      CHECK(forecast.bytes_up.si() == doctest::Approx(round.bytes_up.si()).epsilon(kExact));
      CHECK(round.participants == 3);
    }
    CHECK(record.level_of == forecast.level_of);
  }
}

TEST_CASE("alike parties share a link") {
  VerticalJob job(20);  // Its times do not tell layers apart.
  const FakeLayout layout = two_tiers(3, true);
  const RoundForecast forecast = job.given.forecast(layout);
  for (const RoundRecord& round : job.given.run(layout).rounds) {
    CHECK((round.end - round.start).si() == doctest::Approx(forecast.round.si()).epsilon(kExact));
  }
}

TEST_CASE("clients that hold other features than the parties are refused") {
  VerticalJob job(10);
  std::swap(job.data.features[0], job.data.features[1]);
  CHECK_THROWS_WITH_AS(job.given.forecast(two_tiers(3)),
                       doctest::Contains("party 0 of the network reads other features"),
                       InputError);
  job.data.features.pop_back();
  CHECK_THROWS_AS(job.given.forecast(two_tiers(3)), InputError);
}

}  // namespace offcut::training::vertical_test
