#include "sim/scenario/experiment.h"

#include <doctest/doctest.h>

#include "../../temporary_folder.h"
#include "../engine/recorded.h"

namespace offcut {
namespace {

const std::string kTable =
    "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n"
    "image,,800,0,0,0,0\n"
    "a,image,400,0,0,1,0.5\n"
    "b,a,200,0,0,2,0.25\n"
    "c,b,100,0,0,4,0.125\n";

const std::string kScenario =
    "offcut: 1\n"
    "seed: 9\n"
    "stop: {requests: 5}\n"
    "model: {layers: net.csv}\n"
    "tiers:\n"
    "  phone: {is: column:phone, count: 3, noise: {kind: lognormal, cv: 0.25}}\n"
    "  edge: {is: column:server, count: 2}\n"
    "  cloud: {is: column:server, noise: {kind: exponential}}\n"
    "network:\n"
    "  phone-edge: {up: 100 B/s, down: 50 B/s, latency: 0.5 s, shared: true}\n"
    "  edge-cloud: {up: 200 B/s, down: 400 B/s, latency: 0.25 s}\n"
    "plan: {algorithm: fixed, after: a b}\n"
    "workload: {arrivals: closed-loop, think: 1 s}\n";

Experiment experiment(const std::string& scenario, const TemporaryFolder& folder) {
  static const Registries registries;
  folder.write("net.csv", kTable);
  return prepare(read_scenario(folder.write("my.yaml", scenario), {}, registries), registries);
}

}  // namespace

TEST_CASE("experiment: a scenario with a layer table becomes a problem") {
  const TemporaryFolder folder;
  const Experiment e = experiment(kScenario, folder);
  CHECK(e.scenario.name == "my");
  CHECK(e.problem.tiers == std::vector<std::string>{"phone", "edge", "cloud"});
  CHECK(e.problem.layers == std::vector<std::string>{"a", "b", "c"});
  CHECK(e.problem.seconds[0][2] == Seconds(4));
  CHECK(e.problem.seconds[1][0] == Seconds(0.5));
  CHECK(e.problem.seconds[2][0] == Seconds(0.5));
  CHECK(e.problem.hops[0].up == BytesPerSecond(100));
  CHECK(e.problem.hops[1].latency == Seconds(0.25));
  CHECK(e.problem.tensors[0].bytes == Bytes(800));
}

TEST_CASE("experiment: a plan becomes a simulation, number by number") {
  const TemporaryFolder folder;
  const Experiment e = experiment(kScenario, folder);
  const Outcome outcome = solve(*e.scenario.algorithm, e.problem, e.scenario.algorithm_parameters);
  const Plan& plan = std::get<Plan>(outcome);
  REQUIRE(plan.tier_of == Assignment{0, 1, 2});
  const auto arrivals = e.scenario.arrivals->make(e.scenario.arrival_parameters);
  const Simulation simulation = simulation_of(e, plan, *arrivals);

  CHECK(simulation.seed == 9);
  CHECK(simulation.stop.requests == 5);
  CHECK(!simulation.stop.after);
  CHECK(simulation.closed_loop);
  CHECK(simulation.arrivals == arrivals.get());

  REQUIRE(simulation.tiers.size() == 3);
  CHECK(simulation.tiers[0].name == "phone");
  CHECK(simulation.tiers[0].servers == 3);
  CHECK(simulation.tiers[0].used);
  CHECK(simulation.tiers[0].service == Seconds(1));
  CHECK(simulation.tiers[0].noise.kind == Noise::Kind::lognormal);
  CHECK(simulation.tiers[0].noise.cv == 0.25);
  CHECK(simulation.tiers[1].servers == 2);
  CHECK(simulation.tiers[1].service == Seconds(0.25));
  CHECK(simulation.tiers[1].noise.kind == Noise::Kind::none);
  CHECK(simulation.tiers[2].servers == 1);
  CHECK(simulation.tiers[2].service == Seconds(0.125));
  CHECK(simulation.tiers[2].noise.kind == Noise::Kind::exponential);

  REQUIRE(simulation.hops.size() == 2);
  CHECK(simulation.hops[0].name == "phone-edge");
  CHECK(simulation.hops[0].shared);
  CHECK(simulation.hops[0].up_bytes == Bytes(400));
  CHECK(simulation.hops[0].down_bytes == Bytes(100));
  CHECK(simulation.hops[0].goes_up);
  CHECK(simulation.hops[0].comes_down);
  CHECK(simulation.hops[0].hop.down == BytesPerSecond(50));
  CHECK(simulation.hops[1].name == "edge-cloud");
  CHECK(simulation.hops[1].shared);
  CHECK(simulation.hops[1].up_bytes == Bytes(200));
  CHECK(simulation.hops[1].hop.latency == Seconds(0.25));
}

TEST_CASE("experiment: what a plan leaves out is not used") {
  const TemporaryFolder folder;
  const Experiment e = experiment(kScenario, folder);
  const Plan plan{
      .algorithm = "mine", .tier_of = {0, 0, 0}, .cost = evaluate(e.problem, {0, 0, 0})};
  const auto arrivals = e.scenario.arrivals->make(e.scenario.arrival_parameters);
  const Simulation simulation = simulation_of(e, plan, *arrivals);
  CHECK(simulation.tiers[0].service == Seconds(7));
  CHECK(!simulation.tiers[1].used);
  CHECK(!simulation.tiers[2].used);
  CHECK(!simulation.hops[0].goes_up);
  CHECK(!simulation.hops[0].comes_down);
}

TEST_CASE("experiment: links are private to a device unless it says shared") {
  const TemporaryFolder folder;
  std::string scenario = kScenario;
  scenario.replace(scenario.find(", shared: true"), 14, "");
  const Experiment e = experiment(scenario, folder);
  CHECK(!e.scenario.hops[0].shared);
  CHECK(e.scenario.hops[1].shared);
}

TEST_CASE("experiment: the engine is chosen, reference by default, and stands in resolved.yaml") {
  const Registries registries;
  const std::string path = OFFCUT_SOURCE "/scenarios/digits.yaml";
  const Scenario reference = read_scenario(path, {}, registries);
  CHECK(reference.model.engine == MathEngine::reference);
  CHECK(to_yaml(reference.resolved).find("engine: reference\n") != std::string::npos);
  const Scenario fast = read_scenario(path, {{"model.engine", "fast"}}, registries);
  CHECK(fast.model.engine == MathEngine::fast);
  CHECK(to_yaml(fast.resolved).find("engine: fast\n") != std::string::npos);
}

TEST_CASE("experiment: a layer table has no engine") {
  const Registries registries;
  const TemporaryFolder folder;
  folder.write("net.csv", kTable);
  const std::string path = folder.write("my.yaml", kScenario);
  CHECK_THROWS_WITH_AS(read_scenario(path, {{"model.engine", "fast"}}, registries),
                       "--set model.engine=fast: error: model.engine: a layer table has no math "
                       "that an engine could run",
                       InputError);
}

TEST_CASE("experiment: an ONNX model's dimensions are bound from outside") {
  const Registries registries;
  const std::string path = OFFCUT_SOURCE "/scenarios/digits.yaml";
  const std::vector<Override> off = {{"model.math", "off"}, {"model.input", "{}"}};
  const auto with = [&](Override change) {
    std::vector<Override> all = off;
    all.push_back(std::move(change));
    return read_experiment(path, all, registries);
  };
  const Experiment three = with(bind_override("batch", 3));
  CHECK(three.graph.tensor(three.graph.inputs()[0]).type.shape == Shape{3, 1, 28, 28});
  CHECK_THROWS_WITH_AS(with(bind_override("btach", 3)),
                       doctest::Contains("no input has a dimension 'btach' to bind; did you mean "
                                         "'batch'?"),
                       InputError);
  CHECK_THROWS_WITH_AS(with(bind_override("a.b", 0)),
                       doctest::Contains("--bind a.b=0: error: model.bind.a.b: must be between 1 "
                                         "and 1000000000, got '0'\n"),
                       InputError);
}

}  // namespace offcut
