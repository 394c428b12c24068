#include "sim/experiment/compile.h"

#include <doctest/doctest.h>

#include "examples.h"
#include "models/cost/roofline.h"

namespace offcut::experiment::compile_test {

TEST_CASE("compile: a plan becomes a simulation, number by number") {
  const Experiment e = experiment_of(kThreeTiers);
  const partition::Plan plan = own_plans_of(e).front();
  REQUIRE(plan.tier_of == partition::Assignment{0, 1, 2});
  const CompiledRun run = compile(e, {plan});
  const engine::Simulation& simulation = run.simulation;

  CHECK(simulation.seed == 9);
  CHECK(simulation.stop.requests == 5);
  CHECK(!simulation.stop.after);
  CHECK(simulation.own_links);

  REQUIRE(simulation.tiers.size() == 3);
  CHECK(simulation.tiers[0].name == "phone");
  CHECK(simulation.tiers[0].servers == 3);
  CHECK(simulation.tiers[0].noise.kind == engine::Noise::Kind::lognormal);
  CHECK(simulation.tiers[0].noise.cv == 0.25);
  CHECK(simulation.tiers[1].servers == 2);
  CHECK(simulation.tiers[1].noise.kind == engine::Noise::Kind::none);
  CHECK(simulation.tiers[2].servers == 1);
  CHECK(simulation.tiers[2].noise.kind == engine::Noise::Kind::exponential);

  REQUIRE(simulation.hops.size() == 2);
  CHECK(simulation.hops[0].name == "phone-edge");
  CHECK(simulation.hops[0].shared);
  CHECK(simulation.hops[0].hop.down == BytesPerSecond(50));
  CHECK(simulation.hops[1].name == "edge-cloud");
  CHECK(simulation.hops[1].shared);
  CHECK(simulation.hops[1].hop.latency == Seconds(0.25));

  REQUIRE(simulation.classes.size() == 1);
  const engine::RequestClass& all = simulation.classes.front();
  CHECK(all.name == "all");
  CHECK(all.closed_loop);
  CHECK(all.arrivals == run.arrivals.front().get());
  const engine::Itinerary& planned = simulation.itinerary_of(0);
  const engine::Itinerary& alone = simulation.itineraries.at(all.fallback.value());
  CHECK(engine::is_on_device_alone(alone));
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

TEST_CASE("compile: tiers and hops without layers are not used") {
  const Experiment e = experiment_of(kThreeTiers);
  const partition::Plan plan{.algorithm = "mine",
                             .tier_of = {0, 0, 0},
                             .cost = partition::evaluate(e.models[0].problem, {0, 0, 0})};
  std::vector<std::vector<std::size_t>> no_long_legs;
  const engine::Itinerary planned = itinerary_of(e.models[0], plan, no_long_legs);
  CHECK(planned.stages[0].service == std::vector{Seconds(7)});
  CHECK(!planned.stages[1].used);
  CHECK(!planned.stages[2].used);
  CHECK(!planned.crossings[0].goes_up);
  CHECK(!planned.crossings[0].comes_down);
}

TEST_CASE("compile: a tier that a request only passes takes its time per request") {
  Experiment e = experiment_of(kThreeTiers);
  e.models[0].problem.per_request = {Seconds(0.125), Seconds(0.25), Seconds(0.5)};
  const partition::Assignment tier_of = {0, 2, 2};
  const partition::Plan plan{.algorithm = "mine",
                             .tier_of = tier_of,
                             .cost = partition::evaluate(e.models[0].problem, tier_of)};
  std::vector<std::vector<std::size_t>> no_long_legs;
  const engine::Itinerary planned = itinerary_of(e.models[0], plan, no_long_legs);
  CHECK(planned.stages[0].service == std::vector{Seconds(1.125)});
  CHECK(planned.stages[0].has_layers);
  CHECK(planned.stages[1].used);
  CHECK(planned.stages[1].service == std::vector{Seconds(0.25)});
  CHECK(!planned.stages[1].has_layers);
  CHECK(planned.stages[2].service == std::vector{Seconds(0.875)});
  // A request that falls back takes the device's part of it, and no other.
  const CompiledRun run = compile(e, {plan});
  const engine::Itinerary& alone =
      run.simulation.itineraries.at(run.simulation.classes.front().fallback.value());
  CHECK(alone.stages[0].service == std::vector{Seconds(7.125)});
}

TEST_CASE("compile: several models, each with its own plan, and all settings of a scenario") {
  const Experiment e = experiment_of(kFleet);
  const std::vector<partition::Plan> plans = own_plans_of(e);
  const CompiledRun run = compile(e, plans);
  const engine::Simulation& simulation = run.simulation;
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
  const engine::RequestClass& large = simulation.classes[0];
  CHECK(large.name == "a");
  CHECK(large.deadline == Seconds(1));
  CHECK(large.priority == 2);
  CHECK(large.arrivals == run.arrivals[0].get());
  CHECK(simulation.itinerary_of(0).stages[1].service[0] == plans[1].cost.compute[1]);
  CHECK(simulation.itinerary_of(0).crossings[0].up_bytes == plans[1].cost.up_bytes[0]);
  // AlexNet has 61 million parameters of 4 bytes.
  CHECK(simulation.itinerary_of(0).stages[1].model.si() == doctest::Approx(244e6).epsilon(0.001));
  CHECK(simulation.itinerary_of(0).stages[0].model == Bytes(0));
  CHECK(simulation.classes[1].in_total);
  CHECK(simulation.itinerary_of(1).stages[1].service[0] == plans[0].cost.compute[1]);
}

TEST_CASE("compile: each device follows the plan of the model that was prepared for it") {
  Experiment e = experiment_of(kThreeTiers);  // Three phones.
  e.models.push_back(e.models.front());
  e.models[0].devices = {.first = 0, .end = 2};
  e.models[1].devices = {.first = 2};
  for (Seconds& layer : e.models[1].problem.seconds[0]) {
    layer = layer * 3.0;
  }
  const std::vector<partition::Plan> plans = {
      own_plans_of(e).front(),
      {.algorithm = "mine",
       .tier_of = {0, 0, 0},
       .cost = partition::evaluate(e.models[1].problem, {0, 0, 0})}};
  CHECK(e.model_of(0, 1) == 0);
  CHECK(e.model_of(0, 2) == 1);

  CompiledRun compiled = compile(e, plans);
  const CompiledRun run = std::move(compiled);
  CHECK(run.inferences.size() == 2);
  REQUIRE(run.simulation.classes.size() == 1);
  const auto planned = [&](std::size_t device) -> const engine::Itinerary& {
    return run.controller->itinerary_of(0, device, Seconds(0), 0);
  };
  CHECK(&planned(0) == &run.simulation.itinerary_of(0));
  CHECK(&planned(1) == &planned(0));
  CHECK(planned(1).stages[0].service == std::vector{Seconds(1)});
  CHECK(planned(1).stages[1].used);
  CHECK(planned(2).stages[0].service == std::vector{Seconds(21)});
  CHECK(!planned(2).stages[1].used);
  const auto alone = [&](std::size_t device) {
    const engine::Itinerary& fallback = run.controller->fallback_of(0, device, Seconds(0));
    CHECK(engine::is_on_device_alone(fallback));
    return fallback.stages[0].service.front();
  };
  CHECK(alone(1) == Seconds(7));
  CHECK(alone(2) == Seconds(21));

  e.models[1].devices.first = 3;
  CHECK_THROWS_AS(e.model_of(0, 2), std::logic_error);
}

TEST_CASE("compile: the time of a batch is that of its layers, and of coding for each request") {
  std::string text = kFleet;
  text.replace(text.find("plan: {algorithm: edge-only,"), 28,
               "plan: {algorithm: edge-only, codec: int8,");
  const Experiment e = experiment_of(text);
  const std::vector<partition::Plan> plans = own_plans_of(e);
  const CompiledRun run = compile(e, plans);
  const engine::Simulation& simulation = run.simulation;
  const std::vector<Seconds>& times = simulation.itinerary_of(1).stages[1].service;
  REQUIRE(times.size() == 4);
  const auto& device = std::get<cost::Device>(e.scenario.tiers[1].is);
  const auto layers = [&](double batch) {
    Seconds sum(0);
    for (const Seconds time : cost::times_from_wire(device, e.models[0].graph, batch)) {
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

TEST_CASE("compile: a model has its inference, unless the math is off") {
  std::string text = kFleet;
  text.replace(text.find("{zoo: lenet5}"), 13,
               "{zoo: lenet5, math: every, input: {random: 3, wire: float32}}");
  text.replace(text.find("plan: {algorithm: edge-only,"), 28,
               "plan: {algorithm: edge-only, codec: int8+zstd,");
  const Experiment e = experiment_of(text);
  const std::vector<partition::Plan> plans = own_plans_of(e);
  const CompiledRun run = compile(e, plans);
  REQUIRE(run.inferences.size() == 2);
  CHECK(e.model_of(1, 0) == 0);  // Class b asks for the small model.
  CHECK(run.inferences[0] != nullptr);
  CHECK(run.inferences[1] == nullptr);  // The large model has no math.
  CHECK(run.simulation.itinerary_of(0).crossings[0].up_bytes_of_input.empty());
  const engine::Crossing& crossing = run.simulation.itinerary_of(1).crossings[0];
  REQUIRE(crossing.up_bytes_of_input.size() == 3);
  for (std::int64_t input = 0; input < 3; ++input) {
    CHECK(crossing.up_bytes_of(input) == run.inferences[0]->up_bytes(input, 0));
  }

  const CompiledRun without = compile(e, plans, {.math = false});
  CHECK(without.inferences[0] == nullptr);
  CHECK(without.simulation.itinerary_of(1).crossings[0].up_bytes_of_input.empty());
  CHECK(without.simulation.itinerary_of(1).crossings[0].up_bytes == crossing.up_bytes);
}

}  // namespace offcut::experiment::compile_test
