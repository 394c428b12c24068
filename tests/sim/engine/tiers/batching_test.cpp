// Batches: a tier computes n requests of a class together in Stage::service[n - 1] seconds.

#include <doctest/doctest.h>

#include "../small_systems.h"

namespace offcut::engine::batching_test {
namespace {

Tier batches(const std::string& policy, scheduling::Values values) {
  return {.scheduling = {.batching = choose(scheduling::batching(), policy, values)}};
}

}  // namespace

TEST_CASE("batching: fixed waits for its size, and each size of a batch has its own time") {
  // Batches of 2 take 6: (0, 1) from 1 to 7, then (2, 3) until 13.
  const Times arrivals{{0, 1, 2, 3}};
  const Recorded recorded =
      run(system_of(1, batches("fixed", {{"size", 2}}), {asks(arrivals, {4, 6})}));
  CHECK(ends(recorded) == "7 7 13 13");
  const TierUsage& tier = recorded.run.tiers[1];
  CHECK(tier.batches == 2);
  CHECK(tier.served == 4);
  CHECK(tier.busy == Seconds(12));
  CHECK(tier.waited == Seconds(1 + 0 + 5 + 4));
  CHECK(recorded.requests[0].server_wait == Seconds(1));
  CHECK(recorded.requests[0].server_compute == Seconds(6));
}

TEST_CASE("batching: several cores have a batch each") {
  const Times arrivals{{0, 1, 2, 3}};
  Tier tier = batches("fixed", {{"size", 2}});
  tier.cores = 2;
  CHECK(ends(system_of(1, tier, {asks(arrivals, {4, 6})})) == "7 7 9 9");
}

TEST_CASE("batching: timeout waits for a full batch, but no longer than its delay") {
  // At most 4, 3 s. Requests 0 and 1 come at 0 and 1 and start at 3: 5 s for two. Four more have
  // come when the server is free at 8: 7 s. The one of 20 starts alone at 23: 4 s.
  const Times arrivals{{0, 1, 4, 5, 6, 7, 20}};
  const Recorded recorded = run(
      system_of(1, batches("timeout", {{"max", 4}, {"delay", 3}}), {asks(arrivals, {4, 5, 6, 7})}));
  CHECK(ends(recorded) == "8 8 15 15 15 15 27");
  CHECK(recorded.run.tiers[1].batches == 3);
}

TEST_CASE("batching: timeout starts a full batch at once") {
  const Times arrivals{{0, 1, 2, 4}};
  CHECK(ends(system_of(1, batches("timeout", {{"max", 2}, {"delay", 3}}),
                       {asks(arrivals, {4, 5})})) == "6 6 11 11");
}

TEST_CASE("batching: a batch that can no longer fill up starts with the requests it has") {
  // Of five requests, two are left for a batch of three: at 10, when the first batch is done.
  const Times arrivals{{0, 1, 2, 3, 4}};
  const Tier threes = batches("fixed", {{"size", 3}});
  CHECK(ends(system_of(1, threes, {asks(arrivals, {4, 6, 8})})) == "10 10 10 16 16");
  // With fewer from the start, the batch starts when the last one has arrived.
  const Times two{{0, 1}};
  CHECK(ends(system_of(1, threes, {asks(two, {4, 6, 8})})) == "7 7");
}

TEST_CASE("batching: no batch waits for a lost message") {
  // A request waits for two others. The only message under way, 100 s long, is lost at 4.
  const Times zero{{0}, {}}, one{{}, {0}};
  Simulation simulation = system_of(2, batches("fixed", {{"size", 3}}),
                                    {asks(zero, {4, 6, 8}), asks(one, {4, 6, 8}, 100)});
  simulation.hops[0].faults.outages = {{1, Seconds(4), Seconds(6)}};
  simulation.classes[1].failures.then = network::FailurePolicy::Then::drop;
  CHECK(ends(simulation) == "8 x4");
}

TEST_CASE("batching: no batch waits for a delay that is over") {
  // 1 s on the first tier, where two requests are a batch and a third could have waited for 100 s;
  // the second tier wants four, and gets two.
  const Times arrivals{{0, 2}};
  Simulation simulation =
      system_of(1, batches("timeout", {{"max", 2}, {"delay", 100}}), {asks(arrivals, {1, 1})});
  simulation.tiers.push_back(batches("fixed", {{"size", 4}}));
  simulation.tiers.back().name = "cloud";
  simulation.hops.push_back(simulation.hops[0]);
  simulation.hops.back().name = "far";
  Itinerary& itinerary = simulation.itinerary_of(0);
  itinerary.stages.push_back({.used = true, .service = std::vector<Seconds>(4, Seconds(1))});
  itinerary.crossings.push_back({.goes_up = true});
  CHECK(ends(simulation) == "4 4");
}

TEST_CASE("batching: no batch waits after SimGrid's last execution") {
  // One request shares a processor until 10; the other waits on its device for a second one.
  const Times shared{{0}}, alone{{0}};
  Simulation simulation =
      system_of(1, {.scheduling = {.queue = choose(scheduling::queues(), "processor-sharing")}},
                {asks(shared, {10}), asks(alone, {0})});
  simulation.tiers[0].scheduling.batching = choose(scheduling::batching(), "fixed", {{"size", 2}});
  simulation.itinerary_of(1).stages[0] = {.used = true, .service = {Seconds(1), Seconds(1)}};
  simulation.itinerary_of(1).stages[1].used = false;
  simulation.itinerary_of(1).crossings[0].goes_up = false;
  for (const bool own : {true, false}) {
    simulation.own_links = own;
    CHECK(ends(simulation) == "10 11");
  }
}

TEST_CASE("batching: a closed loop of one device never fills a batch of two") {
  // It sends the next request at the answer: 4 s each, whether the run ends by number or by time.
  const auto arrivals = make_arrivals("closed-loop", {{"think", 0}});
  Simulation simulation = system_of(1, batches("fixed", {{"size", 2}}), {asks(*arrivals, {4, 6})});
  simulation.classes[0].closed_loop = true;
  simulation.stop = {.requests = 3};
  CHECK(ends(simulation) == "4 8 12");
  simulation.stop = {.after = Seconds(10)};
  CHECK(ends(simulation) == "4 8 -");
}

TEST_CASE("batching: a run that stops at a time lasts until then, though all requests end before") {
  const Times arrivals{{0, 1, 2}};
  Simulation simulation = system_of(1, batches("fixed", {{"size", 2}}), {asks(arrivals, {4, 6})});
  simulation.stop = {.after = Seconds(50)};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "7 7 11");
  CHECK(recorded.run.duration == Seconds(50));
}

TEST_CASE("batching: requests that wait for a batch when the run stops stay in flight") {
  // Seed 2718 of the chaos test: a stopped run used to compute them and went on for ever.
  const auto arrivals = make_arrivals("closed-loop", {{"think", 0}});
  Simulation simulation =
      system_of(1, batches("timeout", {{"max", 2}, {"delay", 3}}), {asks(*arrivals, {4, 6})});
  simulation.classes[0].closed_loop = true;
  simulation.stop = {.after = Seconds(2)};
  CHECK(ends(simulation) == "-");
}

TEST_CASE("batching: a batch has requests of one class") {
  // Two of each come in turn: (0, 2) from 2 to 7, (1, 3) from 7 to 10.
  const Times a{{0, 2}}, b{{1, 3}};
  CHECK(ends(system_of(1, batches("fixed", {{"size", 2}}), {asks(a, {4, 5}), asks(b, {2, 3})})) ==
        "7 10 7 10");
}

TEST_CASE("batching: the class whose next request comes first gets the turn") {
  // A server that never waits: request 0 alone until 4; then the first is request 1, with request 3
  // of its class, until 7; then request 2.
  const Times a{{0, 2}}, b{{1, 3}};
  CHECK(ends(system_of(1, batches("timeout", {{"max", 2}}), {asks(a, {4, 5}), asks(b, {2, 3})})) ==
        "4 7 11 7");
}

TEST_CASE("batching: adaptive grows until a batch takes too long, and then shrinks") {
  // Eight requests at once; n take 3 + n, and the objective is 5. One until 4 (may grow), two until
  // 9 (may grow), three take 6: too long, until 15; 0.9 x 3 is two again, until 20.
  const Schedule arrivals({0, 0, 0, 0, 0, 0, 0, 0});
  Simulation simulation =
      system_of(8, batches("adaptive", {{"objective", 5}, {"max", 8}, {"step", 1}}),
                {asks(arrivals, {4, 5, 6, 7, 8, 9, 10, 11})});
  simulation.stop.requests = 8;
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "4 9 9 15 15 15 20 20");
  CHECK(recorded.run.tiers[1].batches == 4);
}

TEST_CASE("batching: no batch is larger than the largest whose time is known") {
  // Up to 4 may be taken, but times are known for 2 at most: at 0, when all four are present, and
  // at 6, when the others have waited for longer than their delay.
  const Schedule arrivals({0, 0, 0, 0});
  Simulation simulation =
      system_of(4, batches("timeout", {{"max", 4}, {"delay", 1}}), {asks(arrivals, {4, 6})});
  simulation.stop.requests = 4;
  CHECK(ends(simulation) == "6 6 12 12");
}

}  // namespace offcut::engine::batching_test
