#include "sim/engine/energy/radios.h"

#include <algorithm>
#include <map>
#include <string>

#include "../recorded.h"

namespace offcut::engine::radios_test {
namespace {

constexpr double kMbit = 1e6 / 8;

/// Makes a radio from the units of Huang et al. (MobiSys 2012), tables 3 and 4: mW and ms.
cost::Radio radio(double up, double down, double base, cost::RadioPhase promotion,
                  std::vector<cost::RadioPhase> tails) {
  return {cost::JoulesPerByte(up * 8e-9), cost::JoulesPerByte(down * 8e-9), Watts(base / 1e3),
          promotion, std::move(tails)};
}

cost::RadioPhase phase(double ms, double mw) { return {Seconds(ms / 1e3), Watts(mw / 1e3)}; }

const cost::Radio kLte = radio(438.39, 51.97, 1288.04, phase(260, 1210.7), {phase(11576, 1060)});

/// A device sends 1 MB over LTE, and the cloud computes for 0.1 s and answers with 1000 B.
Simulation lte(const workload::Arrivals& arrivals, Stop stop) {
  Simulation simulation = OneClass{
      .tiers = {{.name = "device"}, {.name = "cloud", .used = true, .service = Seconds(0.1)}},
      .hops = {{.name = "link",
                .hop = hop(5.85 * kMbit, 13.76 * kMbit, 0.035),
                .goes_up = true,
                .up_bytes = Bytes(1e6),
                .comes_down = true,
                .down_bytes = Bytes(1000)}},
      .arrivals = &arrivals,
      .stop = stop};
  simulation.hops[0].radio = kLte;
  return simulation;
}

constexpr double kUp = 8 / 5.85;
constexpr double kDown = 0.008 / 13.76;
constexpr double kAnswered = 0.26 + kUp + 0.035 + 0.1 + kDown + 0.035;
// Its states, by hand.
constexpr double kUpWatts = 5.85 * 0.43839 + 1.28804;
constexpr double kPromotionJoules = 0.26 * 1.2107;
constexpr double kTransferJoules = kUp * kUpWatts + kDown * (13.76 * 0.05197 + 1.28804);
constexpr double kWaitingJoules = (0.035 + 0.1 + 0.035) * 1.06;
constexpr double kTailJoules = 11.576 * 1.06;

std::map<std::string, EnergyState> radio_states(const RunRecord& run) {
  std::map<std::string, EnergyState> states;
  for (const EnergyState& state : run.energy) {
    if (state.of_radio) {
      states[state.name] = state;
    }
  }
  return states;
}

double joules(const RunRecord& run) {
  double sum = 0;
  for (const auto& [name, state] : radio_states(run)) {
    sum += state.energy.si();
  }
  return sum;
}

}  // namespace

TEST_CASE("radios: an isolated request takes the joules of Huang's formula, and the promotion") {
  const Schedule once({0.0}, 100);
  const Recorded recorded = record(lte(once, {.requests = 1}));
  REQUIRE(recorded.requests.size() == 1);
  const RequestRecord& request = recorded.requests[0];
  CHECK(request.latency().si() == about(kAnswered));
  CHECK(request.upload.si() == about(0.26 + kUp + 0.035));
  CHECK(request.radio_energy.si() == about(kPromotionJoules + kTransferJoules));
  // 5.2685 J for the megabyte, 0.3148 J of promotion, 12.27 J of tail.
  CHECK(joules(recorded.run) ==
        about(kPromotionJoules + kTransferJoules + kWaitingJoules + kTailJoules));
  CHECK(joules(recorded.run) == doctest::Approx(18.0353).epsilon(1e-4));
  auto states = radio_states(recorded.run);
  CHECK(states["waiting"].time.si() == about(0.17));
  CHECK(states["idle"].time.si() == about(0));
  CHECK(states["tail 1"].time.si() == about(0));
  CHECK(states[kTailAfterRun].time.si() == about(11.576));
}

TEST_CASE("radios: a message within the tail needs no promotion, and cuts the tail short") {
  // The second request arrives 5 s after the first one's answer.
  const Schedule twice({1.0}, kAnswered + 5);
  const Recorded recorded = record(lte(twice, {.requests = 2}));
  REQUIRE(recorded.requests.size() == 2);
  CHECK(recorded.requests[0].latency().si() == about(kAnswered));
  CHECK(recorded.requests[1].latency().si() == about(kAnswered - 0.26));
  CHECK(recorded.requests[1].radio_energy.si() == about(kTransferJoules));
  CHECK(joules(recorded.run) ==
        about(kPromotionJoules + 2 * (kTransferJoules + kWaitingJoules) + 5 * 1.06 + kTailJoules));
  auto states = radio_states(recorded.run);
  CHECK(states["idle"].time.si() == about(1));
  CHECK(states["tail 1"].time.si() == about(5));
}

TEST_CASE("radios: the second tail of 3G follows the first, and then the radio sleeps") {
  const Schedule twice({0.0}, 20);
  Simulation simulation = lte(twice, {.requests = 2});
  simulation.hops[0].radio =
      radio(868.98, 122.12, 817.88, phase(582, 659), {phase(8088, 803.9), phase(824, 601)});
  const Recorded recorded = record(simulation);
  const double answered = kAnswered - 0.26 + 0.582;
  auto states = radio_states(recorded.run);
  CHECK(states["promotion"].time.si() == about(2 * 0.582));
  CHECK(states["tail 1"].time.si() == about(8.088));
  CHECK(states["tail 2"].time.si() == about(0.824));
  CHECK(states["tail 2"].energy.si() == about(0.824 * 0.601));
  CHECK(states["idle"].time.si() == about(20 - answered - 8.088 - 0.824));
  CHECK(states[kTailAfterRun].energy.si() == about(8.088 * 0.8039 + 0.824 * 0.601));
  CHECK(recorded.requests[1].latency().si() == about(answered));
}

TEST_CASE("radios: a run that stops counts the tail to its end, but no answer that never came") {
  const Schedule once({0.0}, 1e6);
  const Recorded recorded = record(lte(once, {.after = Seconds(1)}));
  auto states = radio_states(recorded.run);
  CHECK(states["promotion"].time.si() == about(0.26));
  CHECK(states["transfer"].time.si() == about(0.74));  // The bytes that have left by then count.
  CHECK(states["transfer"].energy.si() == about(0.74 * kUpWatts));
  CHECK(recorded.requests[0].radio_energy.si() == about(kPromotionJoules + 0.74 * kUpWatts));
  CHECK(states[kTailAfterRun].time.si() == about(0));
}

TEST_CASE("radios: several devices, and messages that share the air") {
  // Two requests of each device arrive at once: the radio is promoted once for both.
  const Schedule both({0.0, 0.5}, 1e6);
  Simulation simulation = lte(both, {.requests = 4});
  simulation.tiers[0].servers = 2;
  simulation.classes.push_back(simulation.classes[0]);
  simulation.classes[1].name = "other";
  const Recorded recorded = record(simulation);
  auto states = radio_states(recorded.run);
  CHECK(states["promotion"].time.si() == about(2 * 0.26));
  // While the second message leaves, the first answer comes in: on the air once.
  CHECK(states["transfer"].time.si() == about(2 * (2 * kUp + kDown)));
  CHECK(states["transfer"].energy.si() ==
        about(2 * ((2 * kUp + kDown) * 1.28804 + 16 * 0.43839 + 0.016 * 0.05197)));
}

TEST_CASE("radios: a link that goes down during the promotion or a transfer") {
  const Schedule once({0.0}, 1e6);
  for (const auto& [from, until] : {std::pair(0.1, 0.5), std::pair(1.0, 2.0)}) {
    Simulation simulation = lte(once, {.requests = 1});
    simulation.hops[0].faults.outages = {{0, Seconds(from), Seconds(until)}};
    const Recorded recorded = record(simulation);
    REQUIRE(recorded.requests.size() == 1);
    const RequestRecord& request = recorded.requests[0];
    CHECK(request.completed());
    CHECK(request.latency().si() == about(until + kAnswered - 0.26));
    auto states = radio_states(recorded.run);
    CHECK(states["promotion"].time.si() == about(0.26));
    const double lost = from < 0.26 ? 0 : from - 0.26;
    CHECK(states["transfer"].time.si() == about(lost + kUp + kDown));
    // Of a message that is lost, the bytes count that had left.
    CHECK(request.radio_energy.si() == about(kPromotionJoules + kTransferJoules + lost * kUpWatts));
  }
}

TEST_CASE("radios: a request that gives up during the promotion leaves the awake radio to others") {
  const Schedule once({0.0}, 1e6);
  for (const bool has_tail : {true, false}) {
    Simulation simulation = lte(once, {.requests = 2});
    if (!has_tail) {
      simulation.hops[0].radio->tails.clear();
    }
    simulation.classes.push_back(simulation.classes[0]);
    simulation.classes[1].name = "patient";
    simulation.classes[0].time_out.after = Seconds(0.1);
    const Recorded recorded = record(simulation);
    REQUIRE(recorded.requests.size() == 2);
    const RequestRecord& gave_up = recorded.requests[0];
    CHECK(gave_up.ending == Ending::dropped);
    CHECK(gave_up.completion.si() == about(0.1));
    CHECK(gave_up.radio_energy.si() == about(kPromotionJoules));
    // The other one waits in line for the promotion, and needs none of its own.
    const RequestRecord& patient = recorded.requests[1];
    CHECK(patient.latency().si() == about(kAnswered));
    CHECK(patient.upload_wait.si() == about(0.26));
    CHECK(patient.radio_energy.si() == about(kTransferJoules));
    CHECK(joules(recorded.run) == about(kPromotionJoules + kTransferJoules +
                                        (has_tail ? kWaitingJoules + kTailJoules : 0)));
  }
}

TEST_CASE("radios: a request that gives up on the link, or afterwards, no longer holds the radio") {
  const Schedule once({0.0}, 1e6);
  const double computing = 0.26 + kUp + 0.035;  // Until 0.1 s later.
  for (const double after : {1.0, computing + 0.05}) {
    CAPTURE(after);
    Simulation simulation = lte(once, {.requests = 1});
    simulation.classes[0].time_out.after = Seconds(after);
    const Recorded recorded = record(simulation);
    REQUIRE(recorded.requests.size() == 1);
    CHECK(recorded.requests[0].ending == Ending::dropped);
    CHECK(recorded.run.duration.si() == about(after));
    const double on_air = std::min(after - 0.26, kUp);
    const double waiting = after - 0.26 - on_air;
    CHECK(recorded.requests[0].radio_energy.si() == about(kPromotionJoules + on_air * kUpWatts));
    CHECK(joules(recorded.run) ==
          about(kPromotionJoules + on_air * kUpWatts + waiting * 1.06 + kTailJoules));
  }
}

TEST_CASE("radios: without a promotion and tails, only transfers count, and nothing is delayed") {
  const Schedule once({0.0}, 1e6);
  Simulation simulation = lte(once, {.requests = 3});
  simulation.hops[0].radio->promotion = {};
  simulation.hops[0].radio->tails.clear();
  const Recorded with = record(simulation);
  CHECK(joules(with.run) == about(3 * kTransferJoules));
  simulation.hops[0].radio.reset();
  const Recorded without = record(simulation);
  CHECK(radio_states(without.run).empty());
  CHECK(without.requests[2].completion == with.requests[2].completion);
}

TEST_CASE("energy: machines that are busy, idle and down, with a PUE") {
  // Two machines of two cores; a request takes 4 s of one core, and the second machine is down
  // from 1 to 3 s: half a machine is busy for 4 s, and of 8 s 6 are up.
  const Schedule once({0.0}, 1e6);
  Simulation simulation =
      OneClass{.tiers = {{.name = "device"},
                         {.name = "edge", .servers = 2, .used = true, .service = Seconds(4)}},
               .hops = {{.name = "link", .hop = hop(1, 1, 0), .goes_up = true, .comes_down = true}},
               .arrivals = &once,
               .stop = {.requests = 1}};
  simulation.tiers[1].cores = 2;
  simulation.tiers[1].power = {.idle = Watts(10), .busy = Watts(50), .pue = 1.5};
  simulation.tiers[1].faults.outages = {{1, Seconds(1), Seconds(3)}};
  const RunRecord run = record(simulation).run;
  REQUIRE(run.energy.size() == 6);
  const auto check = [&](std::size_t i, const char* name, double time, double energy) {
    CHECK(run.energy[i].name == name);
    CHECK(run.energy[i].time.si() == about(time));
    CHECK(run.energy[i].energy.si() == about(energy));
  };
  CHECK(!run.energy[0].is_known);  // That of the device.
  CHECK(!run.energy[1].is_known);
  check(1, "idle", 4, 0);
  check(3, "busy", 2, 1.5 * 100);
  check(4, "idle", 4, 1.5 * 40);
  check(5, "down", 2, 0);
}

TEST_CASE("energy: figures that are no power draws are refused") {
  const Schedule once({0.0}, 1e6);
  const auto refused = [&](auto change) {
    Simulation simulation = lte(once, {.requests = 1});
    change(simulation);
    CHECK_THROWS_AS(simulate(simulation, {}), std::invalid_argument);
  };
  refused([](Simulation& s) { s.tiers[1].power.idle = Watts(-1); });
  refused([](Simulation& s) { s.tiers[1].power.busy = Watts(1e308 * 10); });
  refused([](Simulation& s) { s.tiers[1].power.pue = 0.5; });
  refused([](Simulation& s) { s.hops[0].radio->base = Watts(-1); });
  refused([](Simulation& s) { s.hops[0].radio->tails[0].time = kNever; });
  refused([](Simulation& s) { s.hops[0].radio->promotion.power = Watts(-1); });
}

}  // namespace offcut::engine::radios_test
