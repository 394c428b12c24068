// The prediction for whole systems, compared with simulations of them and with formulas.

#include "sim/study/under_load/load_model.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "sim/experiment/compile.h"
#include "sim/experiment/plan_runs.h"
#include "sim/study/under_load/verification.h"
#include "tests/temporary_folder.h"

namespace offcut::study::load_model_test {
namespace {

const scenario::Registries& registries() {
  static const scenario::Registries all;
  return all;
}

const std::string kBig =
    "layer,inputs,output_bytes,param_bytes,macs,phone_s,edge_s,cloud_s\n"
    "image,,60000,0,0,0,0,0\n"
    "conv,image,20000,0,1000,0.03,0.006,0.001\n"
    "dense,conv,40,0,1000,0.09,0.012,0.002\n";
const std::string kSmall =
    "layer,inputs,output_bytes,param_bytes,macs,phone_s,edge_s,cloud_s\n"
    "image,,30000,0,0,0,0,0\n"
    "conv,image,9000,0,1000,0.008,0.002,0.0005\n"
    "dense,conv,40,0,1000,0.012,0.003,0.0005\n";

/// Returns a system of two classes on three tiers; the rates are those of each device.
std::string system(double small_rate, double big_rate, const std::string& edge_policies,
                   const std::string& first_link = "up: 40 Mbit/s, down: 40 Mbit/s") {
  return fmt::format(
      "offcut: 1\nstop: {{requests: 60000}}\n"
      "models: {{big: {{layers: big.csv, plan: {{algorithm: fixed, after: [conv, conv]}}}},"
      " small: {{layers: small.csv, plan: {{algorithm: fixed, after: [input, input]}}}}}}\n"
      "tiers:\n"
      "  device: {{is: column:phone, count: 20, noise: {{kind: lognormal, cv: 0.3}}}}\n"
      "  edge: {{is: column:edge, count: 2, noise: {{kind: lognormal, cv: 0.5}}}}\n"
      "  cloud: {{is: column:cloud, count: 1}}\n"
      "network:\n"
      "  device-edge: {{{}, latency: 2 ms}}\n"
      "  edge-cloud: {{up: 200 Mbit/s, down: 200 Mbit/s, latency: 5 ms}}\n"
      "scheduling: {{edge: {}}}\n"
      "plan: {{compare: none}}\n"
      "workload:\n  classes:\n"
      "    urgent: {{model: small, arrivals: poisson, rate: {} /s}}\n"
      "    rest: {{model: big, arrivals: poisson, rate: {} /s, priority: 1}}\n",
      first_link, edge_policies, small_rate, big_rate);
}

/// An experiment, its cuts and its prediction.
struct Predicted {
  explicit Predicted(const std::string& scenario)
      : experiment(experiment::read_experiment(
            (folder.write("big.csv", kBig), folder.write("small.csv", kSmall),
             folder.write("system.yaml", scenario)),
            {}, registries())),
        model(experiment) {
    for (const partition::Plan& plan : experiment::own_plans(experiment)) {
      cuts.push_back(cut_of(experiment.models[cuts.size()], plan));
    }
    for (const scenario::TierChoice& tier : experiment.scenario.tiers) {
      scheduling.push_back(tier.scheduling);
    }
    for (const Cut& cut : cuts) {
      choice.cuts.push_back(&cut);
    }
    choice.scheduling = &scheduling;
  }

  TemporaryFolder folder;
  experiment::Experiment experiment;
  LoadModel model;
  std::vector<Cut> cuts;
  std::vector<scheduling::Scheduling> scheduling;
  SystemChoice choice;
};

}  // namespace

TEST_CASE("load model: in an idle system, a request takes what its plan says") {
  const Predicted idle(system(1e-5, 1e-5, "fifo"));
  for (const StreamDelay& delay : idle.model.predict(idle.choice).streams) {
    CHECK(delay.wait.si() < 1e-5 * delay.idle.si());
  }
}

TEST_CASE("load model: predictions are near simulations" * doctest::test_suite("slow")) {
  constexpr double kNear = 0.1;  // Of the delay.
  for (const char* policies :
       {"fifo", "priority", "sjf", "lifo", "{queue: fifo, dispatch: shortest-queue}",
        "{queue: fifo, dispatch: random}", "{queue: processor-sharing, dispatch: random}"}) {
    for (const char* link :
         {"up: 40 Mbit/s, down: 40 Mbit/s", "up: 150 Mbit/s, down: 150 Mbit/s, shared: true",
          "up: 40 Mbit/s, down: 40 Mbit/s, site: {devices: 10, up: 100 Mbit/s, down: 100 "
          "Mbit/s}"}) {
      for (const double load : {0.4, 0.75}) {
        CAPTURE(policies);
        CAPTURE(link);
        CAPTURE(load);
        Predicted system(load_model_test::system(10 * load, 5 * load, policies, link));
        const SystemLoad load_now = system.model.predict(system.choice);
        const DelayGoal goal = delay_goal(system.experiment, system.model, system.choice.cuts);
        const SimulatedDelay simulated = simulate_all(
            system.experiment, {{{system.cuts[0].plan, system.cuts[1].plan}, system.scheduling}},
            goal, 60'000, PerSecond(300 * load), {})[0];
        const PredictedDelay predicted = predicted_delay(goal, system.model, load_now);
        CHECK(predicted.mean.si() == doctest::Approx(simulated.mean.si()).epsilon(kNear));
        CHECK(predicted.p95.si() == doctest::Approx(simulated.p95.si()).epsilon(2.5 * kNear));
      }
    }
  }
}

TEST_CASE("load model: groups of devices have links of their own and share the servers") {
  // All requests are computed on the edge, which sees the same load from one group as from two. The
  // cameras' links are faster.
  TemporaryFolder folder;
  folder.write("small.csv", kSmall);
  const auto prepared = [&](const std::string& device) {
    return experiment::read_experiment(
        folder.write("system.yaml",
                     "offcut: 1\nstop: {requests: 40000}\nmodel: {layers: small.csv}\n"
                     "tiers:\n  device: " +
                         device +
                         "\n  edge: {is: column:edge}\n"
                         "network: {device-edge: {up: 40 Mbit/s, down: 40 Mbit/s, latency: 1 ms}}\n"
                         "plan: {algorithm: fixed, after: input, compare: none}\n"
                         "workload: {arrivals: poisson, rate: 5 /s}\n"),
        {}, registries());
  };
  const auto delays = [](const experiment::Experiment& experiment) {
    std::vector<Cut> cuts;
    for (const partition::Plan& plan : experiment::own_plans(experiment)) {
      cuts.push_back(cut_of(experiment.models[cuts.size()], plan));
    }
    std::vector<scheduling::Scheduling> scheduling;
    for (const scenario::TierChoice& tier : experiment.scenario.tiers) {
      scheduling.push_back(tier.scheduling);
    }
    SystemChoice choice{.cuts = {}, .scheduling = &scheduling};
    for (const Cut& cut : cuts) {
      choice.cuts.push_back(&cut);
    }
    return LoadModel(experiment).predict(choice);
  };
  const SystemLoad one = delays(prepared("{is: column:phone, count: 24}"));
  const SystemLoad two = delays(prepared(
      "{groups: {phone: {is: column:phone, count: 16}, camera: {is: column:phone, count: 8,"
      " network: {up: 80 Mbit/s, down: 40 Mbit/s, latency: 1 ms}}}}"));
  REQUIRE(one.streams.size() == 1);
  REQUIRE(two.streams.size() == 2);
  CHECK(two.tier_load[2] == doctest::Approx(one.tier_load[1]));
  CHECK(two.tier_work[2] == doctest::Approx(24 * 5 * 0.005));
  CHECK(two.streams[0].wait.si() == doctest::Approx(one.streams[0].wait.si()).epsilon(0.02));
  CHECK(two.streams[1].up_wait[1] < two.streams[0].up_wait[0]);
  CHECK(two.streams[0].up_wait[1] == Seconds(0));
}

TEST_CASE("load model: prices are the derivative of all waits") {
  // The cloud serves `big` alone, at rho of M/D/1: all requests wait rho^2 / (1 - rho) / 2 seconds
  // per second, and gaps are nearly those of a Poisson process.
  const Predicted system(load_model_test::system(1e-7, 6, "fifo"));
  const LoadPrices prices = system.model.prices(system.choice);
  const double rho = system.model.predict(system.choice).tier_load[2];
  CHECK(rho == doctest::Approx(20 * 6 * 0.002).epsilon(1e-6));
  const double derivative = (2 * rho - rho * rho) / (1 - rho) / (1 - rho) / 2;
  CHECK(prices.tier[2] == doctest::Approx(derivative).epsilon(0.1));
}

}  // namespace offcut::study::load_model_test
