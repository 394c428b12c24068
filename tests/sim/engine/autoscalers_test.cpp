// Machines that start and are taken away with the load. Times are in seconds; requests without
// bytes reach the machines when they arrive, and decisions are made every 4 s.

#include "sim/engine/autoscalers.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>

#include "random_simulation.h"
#include "sim/study/isolate.h"
#include "small_systems.h"

namespace offcut::engine::autoscalers_test {
namespace {

/// Returns up to that many machines, with an autoscaler by the number of requests.
Tier scaled_tier(std::size_t most, std::size_t at_start, double target, double start_up,
                 double scale_down_after) {
  Tier tier{.servers = most};
  tier.autoscaler =
      Autoscaler{.policy = choose(scheduling::autoscaling(), "queue", {{"target", target}}),
                 .at_start = at_start,
                 .start_up = Seconds(start_up),
                 .interval = Seconds(4),
                 .scale_down_after = Seconds(scale_down_after)};
  return tier;
}

Tier with_own_queues(Tier tier, const std::string& queue = "fifo") {
  tier.scheduling.dispatch = choose(scheduling::dispatch(), "round-robin");
  tier.scheduling.queue = choose(scheduling::queues(), queue);
  return tier;
}

bool same_requests(const Recorded& a, const Recorded& b) {
  return std::equal(a.requests.begin(), a.requests.end(), b.requests.begin(), b.requests.end(),
                    [](const RequestRecord& x, const RequestRecord& y) {
                      return x.request == y.request && x.ending == y.ending &&
                             x.completion == y.completion && x.server_wait == y.server_wait &&
                             x.server_compute == y.server_compute && x.lost == y.lost;
                    });
}

}  // namespace

TEST_CASE("autoscalers: machines start with the load and serve after their start-up") {
  // At 4, there were (4 + 3 + 2) / 4 = 2.25 requests, so that two more machines start. They serve
  // from 7 on.
  const Times arrivals{{0, 1, 2}};
  const Recorded recorded = run(system_of(1, scaled_tier(3, 1, 1, 3, 8), {asks(arrivals, {10})}));
  CHECK(ends(recorded) == "10 17 17");
  const TierUsage& tier = recorded.run.tiers[1];
  CHECK(tier.starts == 2);
  CHECK(tier.machines == 3);
  CHECK(tier.most_cores == 3);
  CHECK(tier.existing == Seconds(17 + 2 * 13));
  CHECK(tier.capacity == Seconds(2));  // Of one machine, until the last request arrived.
  CHECK(tier.busy == Seconds(30));
}

TEST_CASE("autoscalers: places that no machine takes change nothing") {
  // Three requests at a time call for three machines at most.
  const Times arrivals{{0, 1, 2, 40, 41, 42}};
  for (const bool own_queues : {false, true}) {
    const auto recorded_with = [&](std::size_t most) {
      const Tier tier = scaled_tier(most, 1, 1, 3, 8);
      return run(system_of(1, own_queues ? with_own_queues(tier) : tier, {asks(arrivals, {10})}));
    };
    const Recorded few = recorded_with(3), many = recorded_with(30000);
    CHECK(same_requests(few, many));
    CHECK(few.run.tiers[1].existing == many.run.tiers[1].existing);
    CHECK(few.run.tiers[1].starts == many.run.tiers[1].starts);
    CHECK(few.run.tiers[1].most_cores == many.run.tiers[1].most_cores);
  }
}

TEST_CASE("autoscalers: machines are taken away when all decisions of the delay called for fewer") {
  // The decisions call for 3 machines until 12, for 2 at 16, and for 1 from 20 on. With a delay of
  // 8 s, that of 16 still counts at 20, but not at 24.
  const Times arrivals{{0, 1, 2}};
  Simulation simulation = system_of(1, scaled_tier(3, 1, 1, 3, 8), {asks(arrivals, {10})});
  simulation.stop = {.after = Seconds(40)};
  CHECK(events(simulation) ==
        "4 machine_starting 1.1\n"
        "4 machine_starting 1.2\n"
        "7 machine_ready 1.1\n"
        "7 machine_ready 1.2\n"
        "20 machine_stopping 1.2\n"
        "20 machine_stopped 1.2\n"
        "24 machine_stopping 1.1\n"
        "24 machine_stopped 1.1\n");
  CHECK(run(simulation).run.tiers[1].existing == Seconds(40 + 20 + 16));
}

TEST_CASE("autoscalers: a machine that is taken away finishes what it computes") {
  // Both are busy from 0 to 10. At 4, one is enough. The request of 5 waits for the other one.
  const Times arrivals{{0, 0, 5}};
  const Simulation simulation = system_of(1, scaled_tier(2, 2, 4, 3, 0), {asks(arrivals, {10})});
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "10 10 20");
  CHECK(recorded.run.tiers[1].existing == Seconds(20 + 10));
  CHECK(events(simulation) == "4 machine_stopping 1.1\n10 machine_stopped 1.1\n");
}

TEST_CASE("autoscalers: a free core counts as such while another machine finishes") {
  // Machine 1 computes until 10 and takes no more from 4 on; machine 0 is free from 4.5 on. There
  // is no place to wait.
  const Times first{{0, 5}}, second{{0}};
  Tier tier = scaled_tier(2, 2, 8, 3, 0);
  tier.scheduling.admission = choose(scheduling::admission(), "bounded-queue", {{"capacity", 0}});
  CHECK(ends(system_of(1, tier, {asks(first, {4.5}), asks(second, {10})})) == "4.5 10 9.5");
}

TEST_CASE("autoscalers: a machine with its own queue computes what waits there") {
  // In turn: 0 and 2 to machine 0, 1 and 3 to machine 1, which is taken away at 4.
  const Times arrivals{{0, 1, 2, 3, 5}};
  const Simulation simulation =
      system_of(1, with_own_queues(scaled_tier(2, 2, 8, 3, 0)), {asks(arrivals, {10})});
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "10 11 20 21 30");
  CHECK(recorded.run.tiers[1].existing == Seconds(30 + 21));
  CHECK(events(simulation) == "4 machine_stopping 1.1\n21 machine_stopped 1.1\n");
}

TEST_CASE("autoscalers: a batch that can't fill up on a machine taken away starts") {
  // Batches of two. At 4, machine 1 computes its only request; machine 0 waits until 20 for another
  // one.
  const Times arrivals{{0, 1, 20}};
  Tier tier = with_own_queues(scaled_tier(2, 2, 8, 3, 0));
  tier.scheduling.batching = choose(scheduling::batching(), "fixed", {{"size", 2}});
  CHECK(ends(system_of(1, tier, {asks(arrivals, {10, 12})})) == "32 14 32");
}

TEST_CASE("autoscalers: a machine whose requests share it computes them to their end") {
  // Machine 1 computes request 1 until 11, and is taken away at 4. On machine 0, request 0 has 5 s
  // left when request 2 comes at 5: both take 10 s for these, and request 2 then has 5 s left.
  const Times arrivals{{0, 1, 5}};
  Simulation simulation = system_of(
      1, with_own_queues(scaled_tier(2, 2, 8, 3, 0), "processor-sharing"), {asks(arrivals, {10})});
  for (const bool own : {true, false}) {
    simulation.own_links = own;
    CHECK(ends(simulation) == "15 11 20");
    CHECK(events(simulation) == "4 machine_stopping 1.1\n11 machine_stopped 1.1\n");
  }
}

TEST_CASE("autoscalers: utilisation counts cores") {
  // Machines of two cores. At 4, one machine was busy: 2 for half of that. Request 2 goes to the
  // new one at once. At 8, 3 of 4 cores were busy: 3 machines.
  const Times arrivals{{0, 0, 0}};
  Tier tier = scaled_tier(3, 1, 1, 0, 100);
  tier.cores = 2;
  tier.autoscaler->policy = choose(scheduling::autoscaling(), "utilisation", {{"target", 0.5}});
  const Recorded recorded = run(system_of(1, tier, {asks(arrivals, {10})}));
  CHECK(ends(recorded) == "10 10 14");
  CHECK(recorded.run.tiers[1].starts == 2);
  CHECK(recorded.run.tiers[1].most_cores == 6);
  CHECK(recorded.run.tiers[1].existing == Seconds(2 * (14 + 10 + 6)));
}

TEST_CASE("autoscalers: each site scales by itself") {
  const Times arrivals{{0, 0}, {}};
  Tier tier = scaled_tier(4, 1, 1, 1, 100);
  tier.sites = 2;
  const Simulation simulation = system_of(2, tier, {asks(arrivals, {10})});
  CHECK(ends(simulation) == "10 15");
  CHECK(events(simulation) == "4 machine_starting 1.1\n5 machine_ready 1.1\n");
}

TEST_CASE("autoscalers: a machine that fails is replaced") {
  // Lost at 3; the other machine starts at 4 and serves from 6 on.
  const Times arrivals{{0}};
  Tier tier = scaled_tier(2, 1, 1, 2, 100);
  tier.faults.outages = {{0, Seconds(3), kNever}};
  const Recorded recorded = run(system_of(1, tier, {asks(arrivals, {10})}));
  CHECK(ends(recorded) == "16");
  CHECK(recorded.requests[0].lost == Seconds(6));
  CHECK(recorded.run.tiers[1].existing == Seconds(3 + 12));
  // If there is no other, the request is dropped.
  tier.servers = 1;
  CHECK(ends(system_of(1, tier, {asks(arrivals, {10})})) == "x3");
}

TEST_CASE("autoscalers: a machine that fails while it starts has to start again") {
  // Decisions every 2 s. Machine 1 starts at 2, fails at 3, and starts again at 4: it serves from 9
  // on, and not at 7.
  const Times arrivals{{0, 0}};
  Tier tier = scaled_tier(2, 1, 1, 5, 100);
  tier.autoscaler->interval = Seconds(2);
  tier.faults.outages = {{1, Seconds(3), Seconds(3.5)}};
  const Recorded recorded = run(system_of(1, tier, {asks(arrivals, {20})}));
  CHECK(ends(recorded) == "20 29");
  CHECK(recorded.run.tiers[1].starts == 2);
  CHECK(recorded.run.tiers[1].existing == Seconds(29 + 1 + 25));
}

TEST_CASE("autoscalers: with one possible number of machines, nothing changes") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 0.2}});
  for (const bool own_queues : {false, true}) {
    for (const char* queue : {"fifo", "processor-sharing"}) {
      Tier tier{.servers = 3, .noise = {Noise::Kind::exponential}};
      if (own_queues || std::string(queue) != "fifo") {
        tier = with_own_queues(tier, queue);
      }
      Simulation fixed = system_of(2, tier, {asks(*arrivals, {6})});
      fixed.stop.requests = 3000;
      Simulation scaled = fixed;
      scaled.tiers[1].autoscaler = Autoscaler{
          .policy = choose(scheduling::autoscaling(), "utilisation"), .least = 3, .at_start = 3};
      const std::vector<Recorded> both = record_all({fixed, scaled});
      CHECK(same_requests(both[0], both[1]));
      CHECK(both[0].run.duration == both[1].run.duration);
      const TierUsage& a = both[0].run.tiers[1];
      const TierUsage& b = both[1].run.tiers[1];
      CHECK(a.busy == b.busy);
      CHECK(a.capacity == b.capacity);
      CHECK(a.mean_jobs == b.mean_jobs);
      CHECK(a.existing == b.existing);
      CHECK(b.starts == 0);
      CHECK(!a.is_scaled);
      CHECK(b.is_scaled);
    }
  }
}

namespace {

/// Counts the machines of tiers by the events of a run.
class MachineCounts {
 public:
  explicit MachineCounts(const Simulation& simulation) : simulation_(simulation) {
    for (std::size_t i = 0; i < simulation.tiers.size(); ++i) {
      const Tier& tier = simulation.tiers[i];
      if (tier.autoscaler && !tier.faults.any()) {
        sites_[i].assign(tier.sites, {tier.autoscaler->at_start, tier.autoscaler->at_start});
      }
    }
  }

  /// Returns an error if the event violates the bounds.
  std::string add(const RunEvent& event) {
    const auto found = sites_.find(event.where);
    const bool is_scaled = event.kind >= RunEvent::Kind::machine_starting;
    if (!is_scaled || found == sites_.end()) {
      return "";
    }
    const Tier& tier = simulation_.tiers[event.where];
    const std::size_t per_site = tier.servers / tier.sites;
    Count& count = found->second[event.which / per_site];
    bool& finishes = finishes_[{event.where, event.which}];
    if (event.kind == RunEvent::Kind::machine_starting) {
      ++count.existing;
      ++count.wanted;
    } else if (event.kind == RunEvent::Kind::machine_stopping) {
      --count.wanted;
      finishes = true;
    } else if (event.kind == RunEvent::Kind::machine_stopped) {
      --count.existing;
      count.wanted -= finishes ? 0 : 1;
      finishes = false;
    }
    return count.existing <= per_site && count.wanted >= tier.autoscaler->least
               ? ""
               : fmt::format("{} machines, {} of them wanted, at {} s\n", count.existing,
                             count.wanted, event.time.si());
  }

 private:
  struct Count {
    std::size_t existing = 0;
    std::size_t wanted = 0;  // Those that serve or start.
  };
  const Simulation& simulation_;
  std::map<std::size_t, std::vector<Count>> sites_;
  std::map<std::pair<std::size_t, std::size_t>, bool> finishes_;
};

}  // namespace

TEST_CASE("autoscalers: random systems stay between the smallest and the largest number" *
          doctest::test_suite("slow")) {
  std::size_t scaled = 0, starts = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const RandomSimulation random(seed);
    const Simulation& simulation = random.simulation;
    const bool has_any = std::any_of(simulation.tiers.begin(), simulation.tiers.end(),
                                     [](const Tier& tier) { return tier.autoscaler.has_value(); });
    if (!has_any) {
      continue;
    }
    ++scaled;
    INFO(describe(simulation));
    const study::IsolatedJob job = [&](const ProgressSink&) {
      MachineCounts counts(simulation);
      std::string errors;
      std::size_t started = 0;
      simulate(simulation, {.event = [&](const RunEvent& event) {
                 errors += counts.add(event);
                 started += event.kind == RunEvent::Kind::machine_starting ? 1 : 0;
               }});
      return fmt::format("{} {}", started, errors);
    };
    const std::string text = study::run_isolated({job}, 1).front();
    const std::size_t blank = text.find(' ');
    CHECK(text.substr(blank + 1).empty());
    starts += std::stoul(text.substr(0, blank));
  }
  CHECK(scaled > 30);
  CHECK(starts > 20);
}

}  // namespace offcut::engine::autoscalers_test
