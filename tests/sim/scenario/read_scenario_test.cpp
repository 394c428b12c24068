// Reads each section of a scenario. The files of scenarios/invalid test their errors, one each.

#include <doctest/doctest.h>

#include "../../temporary_folder.h"
#include "messages.h"
#include "sim/scenario/scenario.h"

namespace offcut::scenario::read_scenario_test {
namespace {

const std::string kScenario =
    "offcut: 1\n"
    "name: a title\n"
    "seed: 5\n"
    "stop: {after: 2 min}\n"
    "model: {zoo: lenet5, math: sampled, samples: 7, input: {random: 3, wire: float32}}\n"
    "tiers:\n"
    "  phone: {is: t4, count: 4, peak: 1 GFLOP/s, noise: {kind: lognormal, cv: 0.5}}\n"
    "  cloud: {is: t4}\n"
    "network:\n"
    "  phone-cloud: {is: wifi, latency: 30 ms}\n"
    "plan: {algorithm: fixed, after: pool1, compare: [cloud-only, none]}\n"
    "workload: {arrivals: poisson, rate: 2 /s}\n"
    "output: {requests: false}\n";

const Registries& registries() {
  static const Registries all;
  return all;
}

Scenario read(const std::string& text, const std::vector<Override>& overrides = {}) {
  const TemporaryFolder folder;
  return read_scenario(folder.write("my.yaml", text), overrides, registries());
}

Messages wrong(const std::string& text, const std::vector<Override>& overrides = {}) {
  return messages_of([&] { read(text, overrides); });
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = kScenario;
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("read scenario: section by section") {
  const Scenario s = read(kScenario);
  CHECK(s.name == "my");
  CHECK(s.title == "a title");
  CHECK(s.seed == 5);
  CHECK(s.stop.after == Seconds(120));
  CHECK(!s.stop.requests);
  CHECK(s.models[0].source == ModelChoice::Source::zoo);
  CHECK(s.models[0].source_name == "lenet5");
  CHECK(s.models[0].math == ModelChoice::Math::sampled);
  CHECK(s.models[0].samples == 7);
  CHECK(s.models[0].random == 3);
  CHECK(s.models[0].wire == DataType::float32);
  CHECK(s.models[0].engine == exec::MathEngine::reference);
  REQUIRE(s.tiers.size() == 2);
  CHECK(s.tiers[0].name == "phone");
  CHECK(s.tiers[0].servers == 4);
  CHECK(std::get<cost::Device>(s.tiers[0].is).peak == FlopsPerSecond(1e9));
  CHECK(std::get<cost::Device>(s.tiers[0].is).memory ==
        std::get<cost::Device>(s.tiers[1].is).memory);
  CHECK(s.tiers[0].noise.kind == engine::Noise::Kind::lognormal);
  CHECK(s.tiers[0].noise.cv == 0.5);
  CHECK(s.tiers[1].noise.kind == engine::Noise::Kind::none);
  REQUIRE(s.hops.size() == 1);
  CHECK(s.hops[0].name == "phone-cloud");
  CHECK(s.hops[0].hop.latency == Seconds(0.03));
  CHECK(s.models[0].plan.algorithm->name == "fixed");
  CHECK(s.models[0].plan.parameters.text("after") == "pool1");
  REQUIRE(s.compare.size() == 1);
  CHECK(s.compare[0]->name == "cloud-only");
  REQUIRE(s.classes.size() == 1);
  CHECK(s.classes[0].arrival_kind->name == "poisson");
  CHECK(s.classes[0].parameters.at("rate") == 2);
  CHECK(s.write_requests == WrittenRequests::none);
}

TEST_CASE("read scenario: the resolved scenario is the same, with every default") {
  const Scenario s = read(kScenario);
  const std::string resolved = to_yaml(s.resolved);
  CHECK(to_yaml(read(resolved).resolved) == resolved);
  for (const char* text : {"engine: reference", "count: 1", "shared: false", "kind: none"}) {
    CHECK_MESSAGE(resolved.find(text) != std::string::npos, text);
  }
}

TEST_CASE("read scenario: tiers with cores, sites and a memory for models") {
  const Scenario s = read(with("  cloud: {is: t4}",
                               "  cloud: {is: t4, count: 6, cores: 2, sites: 3, model-memory: 4 GB,"
                               " model-load: 2 GB/s}"));
  CHECK(s.tiers[1].servers == 6);
  CHECK(s.tiers[1].cores == 2);
  CHECK(s.tiers[1].sites == 3);
  CHECK(s.tiers[1].memory == Bytes(4e9));
  CHECK(s.tiers[1].load == BytesPerSecond(2e9));
  CHECK(s.tiers[0].cores == 1);
  CHECK(s.tiers[0].sites == 1);
  CHECK(!s.tiers[0].memory);
}

TEST_CASE("read scenario: an uplink of a site, and links that SimGrid serves") {
  const Scenario s =
      read(with("latency: 30 ms}", "site: {devices: 2, up: 80 Mbit/s, down: 40 Mbit/s}}"));
  REQUIRE(s.hops[0].site);
  CHECK(s.hops[0].site->devices == 2);
  CHECK(s.hops[0].site->up == BytesPerSecond(1e7));
  CHECK(s.hops[0].site->down == BytesPerSecond(5e6));
  CHECK(s.own_links);
  CHECK(!read(kScenario + "engine: {own-links: false}\n").own_links);
}

TEST_CASE("read scenario: the rule for plans that need too much memory") {
  CHECK(!read(kScenario).enforces_memory);
  CHECK(!read(kScenario + "memory: note\n").enforces_memory);
  CHECK(read(kScenario + "memory: enforce\n").enforces_memory);
}

TEST_CASE("read scenario: several models") {
  const std::string one =
      "model: {zoo: lenet5, math: sampled, samples: 7, input: {random: 3, wire: float32}}";
  const std::string models = "models: {small: {zoo: lenet5, math: every}, large: {zoo: alexnet}}";
  const std::string text = with(one, models);
  const auto with_classes = [&](const std::string& classes) {
    std::string all = text;
    return all.replace(all.find("arrivals: poisson, rate: 2 /s"), 29, classes);
  };
  const Scenario s =
      read(with_classes("classes: {a: {model: large, arrivals: poisson, rate: 1 /s}, "
                        "b: {model: small, arrivals: poisson, rate: 1 /s}}"));
  CHECK(s.models[0].source_name == "lenet5");
  CHECK(s.models[0].section == "models.small");
  CHECK(s.models[0].name == "small");
  CHECK(s.models[0].math == ModelChoice::Math::every);
  REQUIRE(s.models.size() == 2);
  CHECK(s.models[1].source_name == "alexnet");
  CHECK(s.models[1].section == "models.large");
  CHECK(s.models[1].name == "large");
  REQUIRE(s.classes.size() == 2);
  CHECK(s.classes[0].name == "a");
  CHECK(s.classes[0].model == 1);
  CHECK(s.classes[1].model == 0);
  const std::string resolved = to_yaml(s.resolved);
  CHECK(to_yaml(read(resolved).resolved) == resolved);

  CHECK(wrong(with_classes("model: small, arrivals: poisson, rate: 1 /s")) ==
        Messages{"5:9 models: no class of the workload runs 'large'"});
  CHECK(wrong(with(one, "models: {small: {zoo: lenet5}}")).empty());  // The only model.
  CHECK(wrong(with(one, "models: {small: {zoo: lenet5}}"), {bind_override("n", 1)}) ==
        Messages{"0:0 the scenario has 'models': expected --set models.NAME.bind.n=1"});
}

TEST_CASE("read scenario: models with plans of their own, and one for all others") {
  const std::string classes =
      "workload: {classes: {a: {model: small, arrivals: poisson, rate: 2 /s}, b: {model: large, "
      "arrivals: poisson, rate: 2 /s}}}\n";
  std::string text = with("workload: {arrivals: poisson, rate: 2 /s}\n", classes);
  const std::string one =
      "model: {zoo: lenet5, math: sampled, samples: 7, input: {random: 3, "
      "wire: float32}}";
  text.replace(text.find(one), one.size(),
               "models: {small: {zoo: lenet5, plan: {algorithm: edgent, deadline: 1 s, objective: "
               "energy, limits: {pin-first: 2}}}, large: {zoo: alexnet}}");
  const Scenario s = read(text);
  const PlanChoice& small = s.models[0].plan;
  CHECK(small.section == "models.small.plan");
  CHECK(small.algorithm->name == "edgent");
  CHECK(small.parameters.at("deadline") == 1);
  CHECK(small.objective == partition::Objective{0, 1, 0, 0});
  CHECK(small.limits.pin_first == 2);
  const PlanChoice& large = s.models[1].plan;
  CHECK(large.section == "plan");
  CHECK(large.algorithm->name == "fixed");
  CHECK(large.objective == partition::Objective{});
  CHECK(large.limits.pin_first == 0);
  const std::string resolved = to_yaml(s.resolved);
  CHECK(to_yaml(read(resolved).resolved) == resolved);

  // No model uses the scenario's plan then, which only compares.
  const Override own{"models.large.plan.algorithm", "min-cut"};
  const std::string unused = "all models have plans of their own: here, only 'compare' is valid";
  CHECK(wrong(text, {own}) ==
        Messages{"11:19 plan.algorithm: " + unused, "11:33 plan.after: " + unused});
  const std::string shared =
      "plan: {algorithm: fixed, after: pool1, compare: [cloud-only, none]}\n";
  for (const std::string plan : {"", "plan: {}\n", "plan: {compare: cloud-only}\n"}) {
    std::string less = text;
    less.replace(less.find(shared), shared.size(), plan);
    const Scenario none = read(less, {own});
    CHECK(none.models[1].plan.algorithm->name == "min-cut");
    CHECK(none.compare.size() == (plan.find("cloud") == std::string::npos ? 2 : 1));
    CHECK(to_yaml(read(to_yaml(none.resolved)).resolved) == to_yaml(none.resolved));
  }
}

TEST_CASE("read scenario: overrides are applied before anything is checked") {
  CHECK(read(kScenario, {{"seed", "9"}}).seed == 9);
  CHECK(read(with("seed: 5", "seed: x"), {{"seed", "9"}}).seed == 9);
  CHECK(wrong(kScenario, {{"seed", "x"}}) ==
        Messages{"0:0 seed: expected a whole number, got 'x'"});
}

TEST_CASE("read scenario: all errors at once, by place") {
  std::string text = with("seed: 5", "sede: 5");
  text.replace(text.find("zoo: lenet5"), 11, "zoo: lenet6");
  text.replace(text.find("is: wifi"), 8, "is: wify");
  text.replace(text.find("rate: 2 /s"), 10, "rate: 2 s");
  const Messages found = wrong(text);
  REQUIRE(found.size() == 4);
  CHECK(found[0] == "3:1 unknown key 'sede'; did you mean 'seed'?");
  CHECK(found[1] == "5:14 model.zoo: unknown network 'lenet6'; did you mean 'lenet5'?");
  CHECK(found[2] == "10:21 network.phone-cloud.is: unknown link 'wify'; did you mean 'wifi'?");
  CHECK(found[3].starts_with("12:37 workload.rate: "));
}

TEST_CASE("read scenario: the engine and the dimensions of a model") {
  CHECK(read(with("math: sampled", "engine: fast, math: sampled")).models[0].engine ==
        exec::MathEngine::fast);
  CHECK(wrong(with("math: sampled", "engine: fsat, math: sampled")) ==
        Messages{"5:30 model.engine: unknown engine 'fsat'; did you mean 'fast'?"});
  CHECK(wrong(kScenario, {bind_override("batch", 2)}) ==
        Messages{"0:0 model.bind: the network 'lenet5' has no dimensions to bind"});
}

TEST_CASE("read scenario: another choice leaves the parameters of the former one out") {
  const std::string text =
      "offcut: 1\ntiers: {device: {is: raspberry-pi-4b, count: 4}, cloud: {is: t4}}\n"
      "network: {device-cloud: {is: wifi}}\n"
      "training:\n  model: softmax-regression\n  dataset: digits\n"
      "  strategy: {name: rounds, rounds: 7, aggregator: {name: fedprox, mu: 0.5}}\n"
      "  data: {split: dirichlet, alpha: 0.25}\n";
  const auto of = [&](const std::vector<Override>& overrides) {
    return *read(text, overrides).training;
  };
  CHECK(of({}).split.parameters.at("alpha") == 0.25);
  CHECK(of({{"training.data.split", "iid"}}).split.kind->name == "iid");
  CHECK(of({{"training.data.split", "dirichlet"}}).split.parameters.at("alpha") == 0.25);
  CHECK(of({{"training.data.split", "iid"}, {"training.data.split", "dirichlet"}})
            .split.parameters.at("alpha") != 0.25);  // Its default.
  CHECK(of({{"training.data.split", "drawn"}, {"training.data.samples", "9"}})
            .split.parameters.at("samples") == 9);

  const TrainingChoice fedavg = of({{"training.strategy.name", "fedavg"}});
  CHECK(fedavg.method() == "fedavg");
  CHECK(fedavg.settings.rounds == 7);  // All strategies have it.
  CHECK(of({{"training.strategy.name", "pipeline"}}).strategy->name == "pipeline");
  CHECK(of({{"training.strategy.aggregator.name", "fedadam"}}).aggregator.kind->name == "fedadam");

  // A parameter that an option gives, or that belongs to no choice, is an error.
  CHECK(wrong(text, {{"training.data.alpha", "1"}, {"training.data.split", "iid"}}) ==
        Messages{"8:28 unknown key 'training.data.alpha'; valid: split"});
  std::string misspelt = text;
  misspelt.replace(misspelt.find("alpha"), 5, "alhpa");
  CHECK(wrong(misspelt, {{"training.data.split", "iid"}}).size() == 1);
}

TEST_CASE("read scenario: another arrival process keeps the parameters that it has, too") {
  const std::string text =
      with("arrivals: poisson, rate: 2 /s", "arrivals: gamma, rate: 2 /s, cv: 2");
  const Scenario poisson = read(text, {{"workload.arrivals", "poisson"}});
  CHECK(to_yaml(poisson.resolved) == to_yaml(read(kScenario).resolved));
  CHECK(read(text, {{"plan.algorithm", "exact"}}).models[0].plan.algorithm->name == "exact");
}

}  // namespace offcut::scenario::read_scenario_test
