// A server that fails and is repaired, against theory. 99 % intervals: of the sojourn by batch
// means (batch_means.h), of the shares of time from their known variances. The seed is fixed.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "analysis/theory.h"
#include "sim/engine/isolate.h"
#include "station.h"

namespace offcut {
namespace {

constexpr double kRate = 0.5;
constexpr double kUp = 20;
constexpr double kDown = 5;
constexpr double kQuantile = 2.576;  // of the normal distribution, two-sided 99 %

/// How long the station's only server is down.
double time_down(const Simulation& simulation) {
  return std::stod(run_isolated({[&](const ProgressSink&) {
                                  double down = 0, since = 0;
                                  bool is_up = true;
                                  const RunRecord run =
                                      simulate(simulation, {.event = [&](const RunEvent& event) {
                                                 is_up = event.kind == RunEvent::Kind::machine_up;
                                                 down += is_up ? event.time.si() - since : 0;
                                                 since = event.time.si();
                                               }});
                                  down += is_up ? 0 : run.duration.si() - since;
                                  return fmt::format("{}", down);
                                }},
                                1)
                       .front());
}

}  // namespace

TEST_CASE("failures: M/M/1 with breakdowns, where requests wait and are done again") {
  Tier tier{.noise = {Noise::Kind::exponential}};
  tier.faults.exponential = Faults::Exponential{Seconds(kUp), Seconds(kDown)};
  Station station(tier, 600'000);
  station.add_poisson(kRate, 1);
  const Recorded recorded = record(station.simulation);
  const double duration = recorded.run.duration.si();
  CHECK_THEORY(
      batch_means(each(recorded, sojourn_of)),
      mm1_breakdown_sojourn(PerSecond(kRate), Seconds(1), Seconds(kUp), Seconds(kDown)).si(), 0.05);

  // The share of time that an alternating renewal process is down has the variance (down^2 var(up)
  // + up^2 var(down)) / (up + down)^3 / duration (Cox, Renewal Theory, 1962, chapter 7), and the
  // variances of exponential times are their means' squares.
  const double cycle = kUp + kDown;
  const double scatter = std::sqrt(2 * kUp * kUp * kDown * kDown / std::pow(cycle, 3) / duration);
  CHECK_THEORY((Estimate{time_down(station.simulation) / duration, kQuantile * scatter}),
               kDown / cycle, 0.03);

  // A service is lost and begun anew with another time, which for exponential ones adds up to the
  // same mean: rho = lambda S also here. Of Poisson arrivals, the sum of their exponential services
  // in a time t has the variance 2 lambda S^2 t.
  CHECK_THEORY((Estimate{recorded.run.tiers[1].busy.si() / duration,
                         kQuantile * std::sqrt(2 * kRate / duration)}),
               kRate, 0.03);
  CHECK(recorded.run.completed == 600'000);
  CHECK(recorded.run.tiers[1].lost > 0);
}

}  // namespace offcut
