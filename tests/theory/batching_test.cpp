// Batching against theory: by hand where arrivals and services are constant, else within a 99 %
// interval (batch_means.h) with fixed seeds.

#include <doctest/doctest.h>

#include "analysis/theory.h"
#include "station.h"

namespace offcut {
namespace {

Tier batches(const std::string& rule, Values values, const Noise& noise = {}) {
  return {.noise = noise, .scheduling = {.batching = choose(batching(), rule, values)}};
}

/// A request every second; batches of n take 0.5 + 0.25 n seconds.
Recorded every_second(const Tier& tier, std::int64_t requests) {
  Station station(tier, requests);
  std::vector<Seconds> services;
  for (int n = 1; n <= 8; ++n) {
    services.emplace_back(0.5 + 0.25 * n);
  }
  station.add(std::make_unique<Schedule>(std::vector<double>{0}, 1), services);
  return record(station.simulation);
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) {
    sum += value;
  }
  return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("batching: fixed batches of requests that come at even times, D/D^b/1") {
  for (const std::size_t size : {1U, 4U, 8U}) {
    const double service = 0.5 + 0.25 * static_cast<double>(size);
    const std::vector<double> sojourns = each(
        every_second(batches("fixed", {{"size", static_cast<double>(size)}}), 8000), sojourn_of);
    CHECK(mean(sojourns) ==
          doctest::Approx(batch_sojourn(Seconds(1), size, Seconds(service)).si()).epsilon(1e-12));
    double worst = 0;
    for (std::size_t i = 0; i < sojourns.size(); ++i) {
      const auto behind = static_cast<double>(size - 1 - i % size);  // it waits for so many
      worst = std::max(worst, std::abs(sojourns[i] - (behind + service)));
    }
    CHECK(worst < 1e-9);
  }
}

TEST_CASE("batching: a timeout ends the wait of requests that come at even times") {
  // The oldest waits for 2.5 s, the two behind it 1.5 and 0.5; three take 1.25 s, and are done
  // when the next batch has not long begun to form.
  const std::vector<double> sojourns =
      each(every_second(batches("timeout", {{"max", 8}, {"delay", 2.5}}), 9000), sojourn_of);
  double worst = 0;
  for (std::size_t i = 0; i < sojourns.size(); ++i) {
    worst = std::max(worst, std::abs(sojourns[i] - (2.5 - static_cast<double>(i % 3) + 1.25)));
  }
  CHECK(worst < 1e-9);
  // A full batch does not wait: with two at most it is D/D^2/1.
  CHECK(mean(each(every_second(batches("timeout", {{"max", 2}, {"delay", 2.5}}), 9000),
                  sojourn_of)) ==
        doctest::Approx(batch_sojourn(Seconds(1), 2, Seconds(1)).si()).epsilon(1e-12));
}

TEST_CASE("batching: all that wait together, M/M(1,b)/1") {
  constexpr std::size_t kMost = 4;
  constexpr double kRate = 0.8 * kMost;
  std::vector<Simulation> simulations;
  std::vector<std::unique_ptr<Station>> stations;
  const Noise exponential{Noise::Kind::exponential};
  // The limit of the adaptive one goes up to its maximum at once, and stays there.
  for (const Tier& tier :
       {batches("timeout", {{"max", kMost}, {"delay", 0}}, exponential),
        batches("adaptive", {{"max", kMost}, {"objective", 1e6}, {"step", 8}}, exponential)}) {
    Station& station = *stations.emplace_back(std::make_unique<Station>(tier, 600'000));
    station.add(make_arrivals("poisson", {{"rate", kRate}}), {kMost, Seconds(1)});
    simulations.push_back(station.simulation);
  }
  const double theory = mm1_batch_wait(PerSecond(kRate), Seconds(1), kMost).si();
  for (const Recorded& recorded : record_all(simulations)) {
    CHECK_THEORY(batch_means(each(recorded, wait_of)), theory, 0.1);
  }
}

}  // namespace offcut
