// The extensions of docs/extending, which the guide and CONTRIBUTING.md quote, at work: registered
// beside the built-in ones, found by name, and used by a plan, a run and a graph.

#include <doctest/doctest.h>

#include <cmath>

#include "analysis/report.h"
#include "sim/experiment/plan_runs.h"
#include "sim/study/comparison.h"
#include "tests/temporary_folder.h"

namespace offcut::partition {
void register_device_share(Registry<Algorithm>& registry);
}  // namespace offcut::partition

namespace offcut::scheduling {
void register_sticky(Registry<DispatchKind>& registry);
}  // namespace offcut::scheduling

namespace offcut::ops {
void register_swish(Registry<Operator>& registry);
}  // namespace offcut::ops

namespace offcut {
namespace {

const scenario::Registries& extended() {
  static const scenario::Registries all = [] {
    scenario::Registries registries;
    partition::register_device_share(registries.algorithms);
    scheduling::register_sticky(registries.dispatch);
    ops::register_swish(registries.operators);
    return registries;
  }();
  return all;
}

/// Four devices that upload at once to two servers, one second a request.
const std::string kScenario =
    "offcut: 1\n"
    "stop: {requests: 20}\n"
    "model: {layers: net.csv}\n"
    "tiers: {phone: {is: column:phone, count: 4}, cloud: {is: column:server, count: 2}}\n"
    "network: {phone-cloud: {up: 1 kB/s, down: 1 kB/s, latency: 1 ms}}\n"
    "scheduling: {cloud: {dispatch: sticky}}\n"
    "plan: {algorithm: device-share, compare: none}\n"
    "workload: {arrivals: periodic, period: 10 s, spread: 0}\n";

const std::string kTable =
    "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n"
    "image,,1000,0,0,0,0\n"
    "a,image,100,0,0,1,1\n"
    "b,a,100,0,0,1,1\n"
    "c,b,100,0,0,1,1\n"
    "d,c,100,0,0,1,1\n";

experiment::Experiment experiment_with(const std::vector<scenario::Override>& overrides = {}) {
  const TemporaryFolder folder;
  folder.write("net.csv", kTable);
  return experiment::prepare(
      scenario::read_scenario(folder.write("my.yaml", kScenario), overrides, extended()),
      extended());
}

}  // namespace

TEST_CASE("extending: an algorithm plans, with its parameter, and declines") {
  const auto tiers_with = [](const std::vector<scenario::Override>& overrides) {
    const std::vector<experiment::PlannedRun> runs =
        experiment::plan_runs(experiment_with(overrides));
    return std::get<std::vector<partition::Plan>>(runs.front().outcome).front().tier_of;
  };
  CHECK(tiers_with({}) == partition::Assignment{0, 0, 1, 1});
  CHECK(tiers_with({{"plan.share", "0.3"}}) == partition::Assignment{0, 1, 1, 1});
  CHECK(tiers_with({{"plan.share", "1"}}) == partition::Assignment{0, 0, 0, 0});
  const partition::Algorithm& algorithm = *extended().algorithms.find("device-share");
  const partition::Outcome alone = partition::solve(
      algorithm, {{.tiers = {"device"}, .layers = {"a"}, .seconds = {{Seconds(1)}}}},
      defaults(algorithm.parameters));
  CHECK(std::get<partition::Declined>(alone).reason == "there is no tier beside the device");
}

TEST_CASE("extending: a dispatch rule sends each device to its own server, if that is up") {
  const auto policy = extended().dispatch.find("sticky")->make({});
  RandomStream stream = random_stream(1, "sticky");
  std::vector<scheduling::ServerState> servers(3);
  const auto server_of = [&](std::size_t device) {
    return policy->choose(servers, {.device = device}, Seconds(0), stream);
  };
  CHECK(server_of(1) == 1);
  CHECK(server_of(5) == 2);
  servers[2].is_up = false;
  CHECK(server_of(5) == 0);
  servers[0].is_up = false;
  CHECK(server_of(5) == 1);
}

TEST_CASE("extending: a run under the algorithm and the dispatch rule") {
  // 2 s on the phone, 100 B up, 2 s in the cloud, 100 B down. The second of a server's two devices
  // waits for the first one there.
  const TemporaryFolder folder;
  const OutputDirectory out = analysis::results_directory(folder.path() / "out");
  const std::vector<analysis::RunSummary> runs = study::run_experiment(experiment_with(), out);
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].algorithm == "device-share");
  CHECK(runs[0].record.completed == 20);
  CHECK(runs[0].latency->max == doctest::Approx(2 + 0.101 + 4 + 0.101));
}

TEST_CASE("extending: an operator infers its type and computes") {
  const std::vector<float> inputs = {-80, -2, -0.5F, 0, 0.5F, 2, 80};
  Graph graph("one layer");
  const TensorType type{DataType::float32, {7}};
  Layer layer{.name = "swish", .op_name = "Swish", .opset = 24};
  layer.inputs = {graph.add_input("x", type, type.type)};
  const LayerId id = ops::apply(graph, extended().operators, layer, {"y"});
  graph.add_output(*graph.find_tensor("y"));
  CHECK(graph.tensor(*graph.find_tensor("y")).type == type);
  CHECK(graph.layer(id).work.macs == 0);
  const std::vector<Tensor> inputs_of_layer = {Tensor({7}, std::span<const float>(inputs))};
  const std::vector<Tensor> outputs = ops::compute(graph, id, inputs_of_layer);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const double x = inputs[i];
    CHECK(outputs[0].values<float>()[i] == doctest::Approx(x / (1 + std::exp(-x))).epsilon(1e-6));
  }
}

}  // namespace offcut
