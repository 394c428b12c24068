// Requests that give up, compared with theory and, request by request, with a small program of
// their own. Each fraction lies within its 99 % interval (batch_means.h); the seeds are fixed.

#include <doctest/doctest.h>

#include <algorithm>

#include "analysis/theory/queueing.h"
#include "queueing_system.h"

namespace offcut::theory_tests::time_outs_test {
namespace {

using Counts = engine::TimeOut::Counts;

/// Returns, in order of arrival, when each request of a server ends that serves first come, first
/// served, each in `service` seconds. Requests give up `after` seconds after their arrivals: in the
/// queue, and with `anywhere` also while they are served, for nothing.
std::vector<double> ends_by_hand(const std::vector<double>& arrivals, double service, double after,
                                 bool anywhere) {
  std::vector<double> ends;
  double free_at = 0;
  for (const double arrival : arrivals) {
    const double begins = std::max(arrival, free_at);
    if (begins - arrival >= after) {
      ends.push_back(arrival + after);
      continue;
    }
    free_at = begins + service;
    ends.push_back(anywhere ? std::min(free_at, arrival + after) : free_at);
  }
  return ends;
}

}  // namespace

TEST_CASE("time-outs: who would wait for too long is lost, M/D/1 with impatience") {
  const std::vector<double> loads = {0.7, 1, 1.4};
  constexpr double kPatience = 2.5;
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  for (const double load : loads) {
    for (const Counts counts : {Counts::waiting, Counts::unstarted}) {
      QueueingSystem& station =
          *stations.emplace_back(std::make_unique<QueueingSystem>(engine::Tier(), 300'000));
      station.add_poisson(load, 1).time_out = {Seconds(kPatience), counts};
      simulations.push_back(station.simulation);
    }
  }
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    CHECK_THEORY(
        batch_means(each(runs[i], dropped)),
        analysis::md1_bounded_wait_loss(PerSecond(loads[i / 2]), Seconds(1), Seconds(kPatience)),
        0.1);
  }
}

TEST_CASE("time-outs: 20,000 requests of one server, each computed by hand") {
  for (const bool anywhere : {false, true}) {
    QueueingSystem station(engine::Tier(), 20'000);
    station.add_poisson(1.3, 1).time_out = {Seconds(2.25),
                                            anywhere ? Counts::unanswered : Counts::unstarted};
    const engine::Recorded recorded = engine::record(station.simulation);
    const std::vector<double> arrivals =
        each(recorded, [](const engine::RequestRecord& request) { return request.arrival.si(); });
    const std::vector<double> expected = ends_by_hand(arrivals, 1, 2.25, anywhere);
    const std::vector<double> ends = each(
        recorded, [](const engine::RequestRecord& request) { return request.completion.si(); });
    REQUIRE(ends.size() == 20'000);
    const auto [end, wrong] =
        std::mismatch(ends.begin(), ends.end(), expected.begin(),
                      [](double a, double b) { return a == engine::about(b); });
    CHECK(end == ends.end());
    CHECK(recorded.run.dropped > 2000);
  }
}

}  // namespace offcut::theory_tests::time_outs_test
