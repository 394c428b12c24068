// The models in a server's memory, and the cost of loading them.

#include "sim/engine/tiers/model_memory.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "../small_systems.h"

namespace offcut::engine::model_memory_test {
namespace {

using Models = std::vector<std::size_t>;

std::vector<Bytes> sizes(const std::vector<double>& bytes) { return {bytes.begin(), bytes.end()}; }

/// Two classes, computed in 2 s by models of 60 B each, of which one fits into memory and is loaded
/// in 6 s. The first one's model is in memory at the start.
Simulation two_models(const workload::Arrivals& a, const workload::Arrivals& b, Tier tier = {}) {
  tier.memory = Bytes(100);
  tier.load = BytesPerSecond(10);
  std::vector<PlannedClass> classes = {asks(a, {2}), asks(b, {2})};
  classes[0].stages[1].model = classes[1].stages[1].model = Bytes(60);
  return system_of(1, tier, classes);
}

}  // namespace

TEST_CASE("model memory: at the start it holds as many models as fit, from the first on") {
  const ModelMemory memory(sizes({60, 60, 40, 0}), Bytes(100));
  CHECK(memory.holds(0));
  CHECK(!memory.holds(1));
  CHECK(memory.holds(2));
  CHECK(memory.holds(3));
}

TEST_CASE("model memory: it evicts the least recently used models, as many as necessary") {
  ModelMemory memory(sizes({30, 30, 30, 70}), Bytes(90));
  for (const std::size_t model : {1U, 0U, 2U}) {
    memory.begin_use(model);
    memory.end_use(model);
  }
  CHECK(memory.load(3, 7) == Models{1, 0, 2});  // 20 B are left.
  CHECK(!memory.holds(2));
  CHECK(memory.load(0, 7) == Models{3});
  CHECK(memory.load(1, 7) == Models{});
}

TEST_CASE("model memory: it evicts models that were never used first") {
  ModelMemory memory(sizes({40, 40, 40}), Bytes(100));
  memory.begin_use(0);
  memory.end_use(0);
  CHECK(memory.load(2, 7) == Models{1});
}

TEST_CASE("model memory: it does not evict models in use") {
  ModelMemory memory(sizes({40, 40, 40}), Bytes(100));
  memory.begin_use(0);
  memory.begin_use(1);
  memory.begin_use(1);
  CHECK(!memory.can_hold(2));
  memory.end_use(1);
  CHECK(!memory.can_hold(2));  // The other request still uses it.
  memory.end_use(1);
  CHECK(memory.can_hold(2));
  CHECK(memory.load(2, 7) == Models{1});
  CHECK(memory.ready(2) == 7);
  CHECK(memory.ready(0) == 0);
  CHECK(memory.can_hold(0));
}

TEST_CASE("model memory: a model without bytes needs no room and is never evicted") {
  ModelMemory memory(sizes({0, 60, 100}), Bytes(100));
  CHECK(memory.load(2, 7) == Models{1});
  CHECK(memory.holds(0));
}

TEST_CASE("model memory: reset restores the start") {
  ModelMemory memory(sizes({60, 60}), Bytes(100));
  memory.load(1, 7);
  CHECK(!memory.holds(0));
  memory.reset();
  CHECK(memory.holds(0));
  CHECK(!memory.holds(1));
}

TEST_CASE("memory: a missing model is loaded before its request is computed") {
  // Class a is computed from 0 to 2, since its model is in memory. b's is loaded from 2 to 8, and b
  // is computed until 10; then a's again until 16, and a is computed until 18.
  const Times a{{0, 3}}, b{{1}};
  const Simulation simulation = two_models(a, b);
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "2 10 18");
  const TierUsage& tier = recorded.run.tiers[1];
  CHECK(tier.loads == 2);
  CHECK(tier.loading == Seconds(12));
  CHECK(tier.busy == Seconds(18));
  CHECK(tier.waited == Seconds(0 + 7 + 13));
  CHECK(recorded.requests[1].server_compute == Seconds(2));
  CHECK(events(simulation) ==
        "2 model_evicted 1.0 of 0\n"
        "2 model_loading 1.0 of 1\n"
        "10 model_evicted 1.0 of 1\n"
        "10 model_loading 1.0 of 0\n");
}

TEST_CASE("memory: both models fit, and nothing is ever loaded") {
  const Times a{{0, 3}}, b{{1}};
  Simulation simulation = two_models(a, b);
  simulation.tiers[1].memory = Bytes(120);
  CHECK(ends(simulation) == "2 4 6");
  CHECK(events(simulation).empty());
}

TEST_CASE(
    "memory: a model in use is not evicted, and other requests pass the one that needs its place") {
  // Two cores. b needs the place of a's model, which is used until 2; the a of 1.5 has its model
  // there and takes the other core until 3.5. Then b's is loaded until 9.5.
  const Times a{{0, 1.5}}, b{{1}};
  const Simulation simulation = two_models(a, b, {.cores = 2});
  CHECK(ends(simulation) == "2 11.5 3.5");
  CHECK(events(simulation) == "3.5 model_evicted 1.0 of 0\n3.5 model_loading 1.0 of 1\n");
}

TEST_CASE("memory: requests wait for a model that is being loaded") {
  // Two cores: b's model is loaded from 0 to 6 for the first b; the second one, of 1, finds it
  // loading.
  const Times a{{}}, b{{0, 1}};
  const Recorded recorded = run(two_models(a, b, {.cores = 2}));
  CHECK(ends(recorded) == "8 8");
  CHECK(recorded.requests[1].server_wait == Seconds(5));
  CHECK(recorded.run.tiers[1].loads == 1);
}

TEST_CASE("memory: a server that has the model takes precedence") {
  // Class a goes to server 0, b to server 1, which loads its model until 7. From 9 on each has one
  // of the models.
  const Times a{{0, 10, 20}}, b{{1, 11, 20}};
  const Simulation simulation = two_models(a, b, {.servers = 2});
  CHECK(ends(simulation) == "2 9 12 13 22 22");
  CHECK(events(simulation) == "1 model_evicted 1.1 of 0\n1 model_loading 1.1 of 1\n");
}

TEST_CASE("memory: classes that use one model have it in memory once") {
  const Times a{{0, 4}}, b{{1, 5}};
  Simulation simulation = two_models(a, b);
  simulation.classes[0].model = simulation.classes[1].model = 7;
  CHECK(ends(simulation) == "2 4 6 8");
  CHECK(events(simulation).empty());
  // A third class uses another one, and evicts the one of both.
  const Times c{{9}};
  add_class(simulation, asks(c, {2}));
  simulation.itinerary_of(2).stages[1].model = Bytes(60);
  simulation.classes[2].model = 3;
  simulation.classes[2].name = "class 2";
  CHECK(ends(simulation) == "2 4 6 8 17");
  CHECK(events(simulation) == "9 model_evicted 1.0 of 0\n9 model_loading 1.0 of 2\n");
  // The second class brings it back: it is named by the first.
  const Times later{{20}};
  simulation.classes[1].arrivals = &later;
  CHECK(ends(simulation) == "2 6 17 28");
  CHECK(events(simulation) ==
        "9 model_evicted 1.0 of 0\n9 model_loading 1.0 of 2\n"
        "20 model_evicted 1.0 of 2\n20 model_loading 1.0 of 0\n");
}

TEST_CASE("memory: a machine that was down has the models that it had at the start") {
  // The model of b is in memory from 6 on, until the machine is down from 20 to 21.
  const Times a{{}}, b{{0, 10, 30}};
  Simulation simulation = two_models(a, b);
  simulation.tiers[1].faults.outages = {{0, Seconds(20), Seconds(21)}};
  CHECK(ends(simulation) == "8 12 38");
  CHECK(events(simulation) ==
        "0 model_evicted 1.0 of 0\n"
        "0 model_loading 1.0 of 1\n"
        "20 machine_down 1.0\n"
        "21 machine_up 1.0\n"
        "30 model_evicted 1.0 of 0\n"
        "30 model_loading 1.0 of 1\n");
}

TEST_CASE("memory: a machine that goes down while it loads was busy loading until then") {
  // From 0 to 4, and from 5 to 11 again; then 2 s of computing.
  const Times a{{}}, b{{0}};
  Simulation simulation = two_models(a, b);
  simulation.tiers[1].faults.outages = {{0, Seconds(4), Seconds(5)}};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "13");
  CHECK(recorded.run.tiers[1].busy == Seconds(4 + 8));
  CHECK(recorded.run.tiers[1].loading == Seconds(4 + 6));
  CHECK(recorded.run.tiers[1].loads == 2);
}

}  // namespace offcut::engine::model_memory_test
