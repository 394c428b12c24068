#include "sim/experiment/training_job.h"

#include <doctest/doctest.h>

#include "../scenario/messages.h"
#include "../scenario/read_text.h"
#include "models/train/step_cost.h"

namespace offcut::experiment::training_job_test {
namespace {

using scenario::Messages;
using scenario::messages_of;

const scenario::Registries& registries() {
  static const scenario::Registries all;
  return all;
}

/// A scenario that trains on digits, with a network between six devices and a cloud.
scenario::Scenario read(const std::string& network, const std::string& training,
                        const std::string& tiers = "cloud: {is: t4}") {
  return scenario::read_text("offcut: 1\ntiers: {device: {is: raspberry-pi-4b, count: 6}, " + tiers +
                             "}\nnetwork: " + network + "\ntraining: " + training + "\n");
}

constexpr const char* kOwnLinks =
    "{device-cloud: {up: 1 MB/s, down: 2 MB/s, latency: 10 ms, transport: none}}";
constexpr const char* kFedAvg = "{model: lenet5, dataset: digits, strategy: fedavg}";

double time_of(const TrainingSystem& system, bool up, std::size_t together, std::size_t hop = 0) {
  return system
      .idle_time({.device = 0, .hop = hop, .up = up, .bytes = Bytes(1e6)}, together)
      .si();
}

}  // namespace

TEST_CASE("training system: messages over own links do not meet") {
  const TrainingSystem system(read(kOwnLinks, kFedAvg));
  CHECK(system.devices() == 6);
  CHECK(system.levels(3) == 2);
  CHECK(system.site_of(4, 0) == 4);
  CHECK(system.site_of(4, 1) == 0);
  CHECK(time_of(system, true, 1) == doctest::Approx(1.01).epsilon(1e-12));
  CHECK(time_of(system, true, 6) == doctest::Approx(1.01).epsilon(1e-12));
  CHECK(time_of(system, false, 6) == doctest::Approx(0.51).epsilon(1e-12));
}

TEST_CASE("training system: messages over one link share it, and those at a site its uplink") {
  const TrainingSystem shared(read(
      "{device-cloud: {up: 1 MB/s, down: 2 MB/s, latency: 10 ms, transport: none, shared: true}}",
      kFedAvg));
  CHECK(time_of(shared, true, 3) == doctest::Approx(3.01).epsilon(1e-12));
  CHECK(time_of(shared, false, 3) == doctest::Approx(1.51).epsilon(1e-12));
  const TrainingSystem sites(read(
      "{device-cloud: {up: 1 MB/s, down: 2 MB/s, latency: 10 ms, transport: none, "
      "site: {devices: 3, up: 2 MB/s, down: 2 MB/s}}}",
      kFedAvg));
  CHECK(time_of(sites, true, 1) == doctest::Approx(1.01).epsilon(1e-12));
  CHECK(time_of(sites, true, 2) == doctest::Approx(1.01).epsilon(1e-12));
  CHECK(time_of(sites, true, 6) == doctest::Approx(1.51).epsilon(1e-12));  // Three at each uplink.
  CHECK(time_of(sites, false, 6) == doctest::Approx(1.51).epsilon(1e-12));
}

TEST_CASE("training job: steps have the times of the devices' rooflines") {
  const scenario::Scenario s = read(kOwnLinks, kFedAvg);
  const TrainingJob job(s, registries());
  const Graph& network = job.network();
  const train::Libraries libraries = registries().training();
  const std::vector<train::StepWork> work = train::step_work(
      network, libraries.gradients, train::Weights(network, libraries.gradients),
      *libraries.losses.find("cross-entropy"), *libraries.optimizers.find("sgd"));
  for (const std::size_t level : {0U, 1U}) {
    const auto& device = std::get<cost::Device>(s.tiers[level].is);
    const auto expected = train::step_times(device, network, work, 10);
    const training::StepParts all = job.job().times->of(0, level, 10);
    CHECK(all.all().si() == doctest::Approx(train::total(expected).all().si()).epsilon(1e-12));
    CHECK(all.backward > all.forward);
    Seconds sum;
    for (LayerId layer = 0; layer < network.layer_count(); ++layer) {
      const training::StepParts one = job.job().times->of(0, level, 10, {&layer, 1});
      CHECK(one.forward == expected[layer].forward);
      CHECK(one.backward == expected[layer].backward);
      CHECK(one.update == expected[layer].update);
      sum += one.all();
    }
    CHECK(sum.si() == doctest::Approx(all.all().si()).epsilon(1e-12));
    CHECK(job.job().times->forward(0, level, 10) == all.forward);
  }
  CHECK(job.notes().empty());
}

TEST_CASE("training job: unlike machines count with their slowest") {
  const scenario::Scenario s = read(
      kOwnLinks, kFedAvg, "cloud: {groups: {old: {is: k40}, new: {is: a100}}}");
  const scenario::Scenario old = read(kOwnLinks, kFedAvg, "cloud: {is: k40}");
  const TrainingJob both(s, registries()), one(old, registries());
  CHECK(both.job().times->of(0, 1, 10).all() == one.job().times->of(0, 1, 10).all());
}

TEST_CASE("training job: it holds what the section says") {
  const TrainingJob job(
      read(kOwnLinks,
           "{model: lenet5, dataset: digits, strategy: {name: fedavg, rounds: 7, batch: 5}, "
           "codec: int8, stop: {accuracy: 50 %}, judge-every: 2, data: {split: iid}}"),
      registries());
  const training::Job& all = job.job();
  CHECK(all.name == "lenet5");
  CHECK(all.settings.rounds == 7);
  CHECK(all.settings.batch == 5);
  CHECK(all.codec != nullptr);
  CHECK(all.stop.accuracy == 0.5);
  CHECK(all.judge_every == 2);
  CHECK(all.test->count() == 2000);
  CHECK(all.data->samples.size() == 6);
  CHECK(all.aggregator->name == "fedavg");
  CHECK(all.level_of.empty());
}

TEST_CASE("training job: fresh weights depend on `init` alone") {
  const auto weights = [](const std::string& more, const std::string& seed) {
    const TrainingJob job(
        scenario::read_text("offcut: 1\nseed: " + seed +
                            "\ntiers: {device: {is: raspberry-pi-4b, count: 2}, cloud: {is: t4}}\n"
                            "network: {device-cloud: {is: wifi}}\ntraining: {model: mlp-s3, "
                            "dataset: digits, strategy: fedavg" +
                            more + "}\n"),
        registries());
    return job.job().trainer->initial();
  };
  CHECK(weights(", init: 5", "1") == weights(", init: 5", "2"));
  CHECK(weights(", init: 5", "1") != weights(", init: 6", "1"));
  CHECK(weights("", "1") != weights("", "2"));
  CHECK(weights("", "5") == weights(", init: 5", "1"));
}

TEST_CASE("training job: vertical data has a joint network of what the devices hold") {
  const TrainingJob job(
      read(kOwnLinks,
           "{dataset: digits, strategy: vertical, joint: {hidden: [32], embedding: 8, head: 20}}"),
      registries());
  CHECK(job.shares().features.size() == 6);
  CHECK(job.job().trainer->layout().weights() > 6 * (100 * 32 + 32 * 8));
}

TEST_CASE("training job: what does not fit together is an error") {
  const auto wrong = [](const std::string& training) {
    return messages_of([&] { TrainingJob(read(kOwnLinks, training), registries()); });
  };
  CHECK(wrong("{model: lenet-s4, dataset: digits, strategy: fedavg}").size() == 1);
  CHECK(wrong("{model: lenet5, dataset: digits, strategy: fedavg, only: \"no*\"}").size() == 1);
  CHECK(wrong("{model: mlp-s1, dataset: linear-teacher, strategy: fedavg, data: {split: dirichlet}}")
            .size() == 1);
  CHECK(wrong("{model: lenet5, dataset: \"digits:pad=2\", strategy: fedavg}").size() == 1);
}

}  // namespace offcut::experiment::training_job_test
