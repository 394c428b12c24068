#include "sim/experiment/experiment.h"

#include <doctest/doctest.h>

#include "../scenario/messages.h"
#include "examples.h"
#include "tests/paths.h"

namespace offcut::experiment::experiment_test {

TEST_CASE("experiment: a scenario with a layer table becomes a problem") {
  const Experiment e = experiment_of(kThreeTiers);
  CHECK(e.scenario.name == "my");
  CHECK(e.models[0].problem.tiers == std::vector<std::string>{"phone", "edge", "cloud"});
  CHECK(e.models[0].problem.layers == std::vector<std::string>{"a", "b", "c"});
  CHECK(e.models[0].problem.seconds[0][2] == Seconds(4));
  CHECK(e.models[0].problem.seconds[1][0] == Seconds(0.5));
  CHECK(e.models[0].problem.seconds[2][0] == Seconds(0.5));
  CHECK(e.models[0].problem.hops[0].up == BytesPerSecond(100));
  CHECK(e.models[0].problem.hops[1].latency == Seconds(0.25));
  CHECK(e.models[0].problem.tensors[0].bytes == Bytes(800));
}

TEST_CASE("experiment: several models, each with its own problem and plan") {
  const Experiment e = experiment_of(kFleet);
  REQUIRE(e.models.size() == 2);
  CHECK(e.models[0].name == "small");
  CHECK(e.models[0].graph.name() == "lenet5");
  CHECK(e.models[1].name == "large");
  CHECK(e.models[1].graph.name() == "alexnet");
  CHECK(e.choice_of(e.models[1]).section == "models.large");
  for (const char* model : {"small", "large"}) {
    CHECK(e.scenario.resolved.find("models")->find(model)->find("input")->find("wire") != nullptr);
  }
  // A message has the bandwidth of the slower of the links that it passes.
  CHECK(e.models[0].problem.hops[0].up == parse<BytesPerSecond>("50 Mbit/s"));
  CHECK(e.models[0].problem.hops[0].down == parse<BytesPerSecond>("80 Mbit/s"));
}

TEST_CASE("experiment: links belong to one device unless the hop is shared") {
  std::string scenario = kThreeTiers;
  scenario.replace(scenario.find(", shared: true"), 14, "");
  const Experiment e = experiment_of(scenario);
  CHECK(!e.scenario.hops[0].shared);
  CHECK(e.scenario.hops[1].shared);
}

TEST_CASE("experiment: the math engine can be chosen, and resolved.yaml names it") {
  const scenario::Registries registries;
  const std::string path = source_path("scenarios/digits.yaml");
  const scenario::Scenario reference = scenario::read_scenario(path, {}, registries);
  CHECK(reference.models[0].engine == exec::MathEngine::reference);
  CHECK(scenario::to_yaml(reference.resolved).find("engine: reference\n") != std::string::npos);
  const scenario::Scenario fast =
      scenario::read_scenario(path, {{"model.engine", "fast"}}, registries);
  CHECK(fast.models[0].engine == exec::MathEngine::fast);
  CHECK(scenario::to_yaml(fast.resolved).find("engine: fast\n") != std::string::npos);
}

TEST_CASE("experiment: a layer table has no engine") {
  const scenario::Registries registries;
  const TemporaryFolder folder;
  folder.write("net.csv", kThreeLayers);
  const std::string path = folder.write("my.yaml", kThreeTiers);
  CHECK_THROWS_WITH_AS(scenario::read_scenario(path, {{"model.engine", "fast"}}, registries),
                       "--set model.engine=fast: error: model.engine: a layer table has no math "
                       "that an engine could run",
                       InputError);
}

TEST_CASE("experiment: options bind the dimensions of an ONNX model") {
  const scenario::Registries registries;
  const std::string path = source_path("scenarios/digits.yaml");
  const std::vector<scenario::Override> off = {{"model.math", "off"}, {"model.input", "{}"}};
  const auto with = [&](scenario::Override change) {
    std::vector<scenario::Override> all = off;
    all.push_back(std::move(change));
    return read_experiment(path, all, registries);
  };
  const Experiment three = with(scenario::bind_override("batch", 3));
  CHECK(three.models[0].graph.tensor(three.models[0].graph.inputs()[0]).type.shape ==
        Shape{3, 1, 28, 28});
  CHECK_THROWS_WITH_AS(with(scenario::bind_override("btach", 3)),
                       doctest::Contains("no input has a dimension 'btach' to bind; did you mean "
                                         "'batch'?"),
                       InputError);
  CHECK_THROWS_WITH_AS(with(scenario::bind_override("a.b", 0)),
                       doctest::Contains("--bind a.b=0: error: model.bind.a.b: must be between 1 "
                                         "and 1000000000, got '0'\n"),
                       InputError);
}

}  // namespace offcut::experiment::experiment_test
