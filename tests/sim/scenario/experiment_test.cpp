#include "sim/scenario/experiment.h"

#include <doctest/doctest.h>

#include "../../temporary_folder.h"
#include "../engine/recorded.h"
#include "messages.h"
#include "models/cost/roofline.h"

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
  const Outcome outcome =
      solve(*e.scenario.model.plan.algorithm, e.problem, e.scenario.model.plan.parameters);
  const Plan& plan = std::get<Plan>(outcome);
  REQUIRE(plan.tier_of == Assignment{0, 1, 2});
  const auto arrivals = make_arrivals(e.scenario);
  const Simulation simulation = simulation_of(e, {plan}, arrivals);

  CHECK(simulation.seed == 9);
  CHECK(simulation.stop.requests == 5);
  CHECK(!simulation.stop.after);
  CHECK(simulation.own_links);

  REQUIRE(simulation.tiers.size() == 3);
  CHECK(simulation.tiers[0].name == "phone");
  CHECK(simulation.tiers[0].servers == 3);
  CHECK(simulation.tiers[0].noise.kind == Noise::Kind::lognormal);
  CHECK(simulation.tiers[0].noise.cv == 0.25);
  CHECK(simulation.tiers[1].servers == 2);
  CHECK(simulation.tiers[1].noise.kind == Noise::Kind::none);
  CHECK(simulation.tiers[2].servers == 1);
  CHECK(simulation.tiers[2].noise.kind == Noise::Kind::exponential);

  REQUIRE(simulation.hops.size() == 2);
  CHECK(simulation.hops[0].name == "phone-edge");
  CHECK(simulation.hops[0].shared);
  CHECK(simulation.hops[0].hop.down == BytesPerSecond(50));
  CHECK(simulation.hops[1].name == "edge-cloud");
  CHECK(simulation.hops[1].shared);
  CHECK(simulation.hops[1].hop.latency == Seconds(0.25));

  REQUIRE(simulation.classes.size() == 1);
  const RequestClass& all = simulation.classes.front();
  CHECK(all.name == "all");
  CHECK(all.closed_loop);
  CHECK(all.arrivals == arrivals.front().get());
  const Itinerary& planned = simulation.itinerary_of(0);
  const Itinerary& alone = simulation.itineraries.at(all.fallback.value());
  CHECK(is_on_device_alone(alone));
  CHECK(alone.stages[0].service == std::vector{Seconds(7)});
  REQUIRE(planned.stages.size() == 3);
  CHECK(planned.stages[0].used);
  CHECK(planned.stages[0].service == std::vector{Seconds(1)});
  CHECK(planned.stages[1].service == std::vector{Seconds(0.25)});
  CHECK(planned.stages[2].service == std::vector{Seconds(0.125)});
  REQUIRE(planned.crossings.size() == 2);
  CHECK(planned.crossings[0].up_bytes == Bytes(400));
  CHECK(planned.crossings[0].down_bytes == Bytes(100));
  CHECK(planned.crossings[0].goes_up);
  CHECK(planned.crossings[0].comes_down);
  CHECK(planned.crossings[1].up_bytes == Bytes(200));
}

TEST_CASE("experiment: what a plan leaves out is not used") {
  const TemporaryFolder folder;
  const Experiment e = experiment(kScenario, folder);
  const Plan plan{
      .algorithm = "mine", .tier_of = {0, 0, 0}, .cost = evaluate(e.problem, {0, 0, 0})};
  const auto arrivals = make_arrivals(e.scenario);
  const Simulation simulation = simulation_of(e, {plan}, arrivals);
  const Itinerary& planned = simulation.itinerary_of(0);
  CHECK(planned.stages[0].service == std::vector{Seconds(7)});
  CHECK(!planned.stages[1].used);
  CHECK(!planned.stages[2].used);
  CHECK(!planned.crossings[0].goes_up);
  CHECK(!planned.crossings[0].comes_down);
}

namespace {

const std::string kFleet =
    "offcut: 1\n"
    "stop: {requests: 5}\n"
    "models: {small: {zoo: lenet5}, large: {zoo: alexnet}}\n"
    "tiers:\n"
    "  device: {is: raspberry-pi-4b, count: 4, cores: 3}\n"
    "  edge: {is: t4, count: 4, sites: 2, cores: 2, model-memory: 300 MB, model-load: 2 GB/s}\n"
    "network:\n"
    "  device-edge: {up: 100 Mbit/s, down: 80 Mbit/s, latency: 2 ms, site: {devices: 2, up: 50 "
    "Mbit/s, down: 90 Mbit/s}}\n"
    "scheduling: {edge: {queue: edf, batch: {policy: timeout, max: 4, delay: 2 ms}, dispatch: "
    "random}}\n"
    "failures: {edge: {up: 60 s, down: 5 s}, device-edge: {outages: [{link: 1, from: 1 s, until: 2 "
    "s}]}}\n"
    "plan: {algorithm: edge-only, compare: none}\n"
    "workload:\n"
    "  classes:\n"
    "    a: {model: large, arrivals: poisson, rate: 1 /s, deadline: 1 s, priority: 2}\n"
    "    b: {model: small, arrivals: periodic, period: 1 s, per: all}\n"
    "engine: {own-links: false}\n";

/// The plans of the scenario's own algorithm.
std::vector<Plan> plans_of(const Experiment& e) {
  std::vector<Plan> plans;
  for (std::size_t model = 0; model <= e.others.size(); ++model) {
    plans.push_back(
        std::get<Plan>(solve(*e.scenario.model.plan.algorithm, e.of_model(model).problem,
                             e.scenario.model.plan.parameters)));
  }
  return plans;
}

}  // namespace

TEST_CASE("experiment: several models, each with its own problem and plan") {
  const TemporaryFolder folder;
  const Experiment e = experiment(kFleet, folder);
  CHECK(e.graph.name() == "lenet5");
  REQUIRE(e.others.size() == 1);
  CHECK(e.others[0].graph.name() == "alexnet");
  CHECK(e.of_model(1).scenario.model.section == "models.large");
  for (const char* model : {"small", "large"}) {
    CHECK(e.scenario.resolved.find("models")->find(model)->find("input")->find("wire") != nullptr);
  }
  // A message is as fast as the slower of the links that it goes through.
  CHECK(e.problem.hops[0].up == parse<BytesPerSecond>("50 Mbit/s"));
  CHECK(e.problem.hops[0].down == parse<BytesPerSecond>("80 Mbit/s"));

  const std::vector<Plan> plans = plans_of(e);
  const auto arrivals = make_arrivals(e.scenario);
  const Simulation simulation = simulation_of(e, plans, arrivals);
  CHECK(!simulation.own_links);
  CHECK(simulation.tiers[0].cores == 3);
  CHECK(simulation.tiers[1].cores == 2);
  CHECK(simulation.tiers[1].sites == 2);
  CHECK(simulation.tiers[1].memory == Bytes(3e8));
  CHECK(simulation.tiers[1].load == BytesPerSecond(2e9));
  CHECK(simulation.tiers[1].scheduling.queue.kind->name == "edf");
  CHECK(simulation.tiers[1].faults.exponential);
  CHECK(simulation.hops[0].hop.up == parse<BytesPerSecond>("100 Mbit/s"));
  CHECK(simulation.hops[0].site->devices == 2);
  CHECK(simulation.hops[0].faults.outages.size() == 1);
  REQUIRE(simulation.classes.size() == 2);
  const RequestClass& large = simulation.classes[0];
  CHECK(large.name == "a");
  CHECK(large.deadline == Seconds(1));
  CHECK(large.priority == 2);
  CHECK(large.arrivals == arrivals[0].get());
  CHECK(simulation.itinerary_of(0).stages[1].service[0] == plans[1].cost.compute[1]);
  CHECK(simulation.itinerary_of(0).crossings[0].up_bytes == plans[1].cost.up_bytes[0]);
  // AlexNet has 61 million parameters of 4 bytes.
  CHECK(simulation.itinerary_of(0).stages[1].model.si() == doctest::Approx(244e6).epsilon(0.001));
  CHECK(simulation.itinerary_of(0).stages[0].model == Bytes(0));
  CHECK(simulation.classes[1].in_total);
  CHECK(simulation.itinerary_of(1).stages[1].service[0] == plans[0].cost.compute[1]);
}

TEST_CASE("experiment: a batch takes what its layers take on it, and coding for each request") {
  const TemporaryFolder folder;
  std::string text = kFleet;
  text.replace(text.find("plan: {algorithm: edge-only,"), 28,
               "plan: {algorithm: edge-only, codec: int8,");
  const Experiment e = experiment(text, folder);
  const std::vector<Plan> plans = plans_of(e);
  const Simulation simulation = simulation_of(e, plans, make_arrivals(e.scenario));
  const std::vector<Seconds>& times = simulation.itinerary_of(1).stages[1].service;
  REQUIRE(times.size() == 4);
  const auto& device = std::get<Device>(e.scenario.tiers[1].is);
  const auto layers = [&](double batch) {
    Seconds sum(0);
    for (const Seconds time : layer_times(device, e.graph, batch)) {
      sum += time;
    }
    return sum.si();
  };
  const double coding = plans[0].cost.compute[1].si() - layers(1);
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto batch = static_cast<double>(i + 1);
    CHECK(times[i].si() == doctest::Approx(layers(batch) + batch * coding).epsilon(1e-12));
  }
  CHECK(times[3] < times[0] * 4.0);
  // Nothing is batched on the devices.
  CHECK(simulation.itinerary_of(1).stages[0].service.size() == 1);
}

TEST_CASE("experiment: a model that alone does not fit into a tier's memory") {
  const TemporaryFolder folder;
  std::string text = kFleet;
  text.replace(text.find("300 MB"), 6, "200 MB");
  const Experiment e = experiment(text, folder);
  const std::vector<Plan> plans = plans_of(e);
  CHECK(!no_room(e, plans[0]));
  const auto mistake = no_room(e.of_model(1), plans[1]);
  REQUIRE(mistake);
  CHECK(messages({*mistake}) ==
        Messages{"6:62 tiers.edge.model-memory: large under 'edge-only' has 244 MB of weights "
                 "there, 200 MB are available"});
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
