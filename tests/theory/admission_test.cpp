// Systems that turn requests away, against theory. Each share lies within its 99 % interval
// (batch_means.h); the seeds are fixed.

#include <doctest/doctest.h>

#include "analysis/theory.h"
#include "station.h"

namespace offcut {
namespace {

Tier bounded(std::size_t servers, double capacity, const Noise& noise) {
  return {
      .servers = servers,
      .noise = noise,
      .scheduling = {.admission = choose(admission(), "bounded-queue", {{"capacity", capacity}})}};
}

const Noise kExponential{Noise::Kind::exponential};

}  // namespace

TEST_CASE("admission: a bounded queue, M/M/1/K, below and above its capacity") {
  std::vector<Simulation> simulations;
  std::vector<std::unique_ptr<Station>> stations;
  const std::vector<double> loads = {0.8, 1, 1.3};
  for (const double load : loads) {
    Station& station =
        *stations.emplace_back(std::make_unique<Station>(bounded(1, 4, kExponential), 400'000));
    station.add_poisson(load, 1);
    simulations.push_back(station.simulation);
  }
  const std::vector<Recorded> runs = record_all(simulations);
  for (std::size_t i = 0; i < loads.size(); ++i) {
    CHECK_THEORY(batch_means(each(runs[i], dropped)), mm1k_loss(5, loads[i]), 0.05);
    // What it takes in keeps the server busy: load * (1 - loss); by the same interval.
    const Estimate loss = batch_means(each(runs[i], dropped));
    const double busy = runs[i].run.tiers[1].busy / runs[i].run.duration;
    CHECK(busy == doctest::Approx(loads[i] * (1 - loss.mean)).epsilon(0.01));
  }
}

TEST_CASE("admission: servers without a queue lose what Erlang says, whatever the service") {
  std::vector<Simulation> simulations;
  std::vector<std::unique_ptr<Station>> stations;
  for (const Noise& noise : {kExponential, Noise{}, Noise{Noise::Kind::lognormal, 2}}) {
    Station& station =
        *stations.emplace_back(std::make_unique<Station>(bounded(5, 0, noise), 400'000));
    station.add_poisson(4, 1);
    simulations.push_back(station.simulation);
  }
  {  // cores are servers too
    Tier tier = bounded(1, 0, kExponential);
    tier.cores = 5;
    Station& station = *stations.emplace_back(std::make_unique<Station>(tier, 400'000));
    station.add_poisson(4, 1);
    simulations.push_back(station.simulation);
  }
  for (const Recorded& recorded : record_all(simulations)) {
    CHECK_THEORY(batch_means(each(recorded, dropped)), erlang_b(5, 4), 0.03);
  }
}

}  // namespace offcut
