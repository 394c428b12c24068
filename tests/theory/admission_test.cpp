// Systems that reject requests, compared with theory. Each fraction lies within its 99 % interval
// (batch_means.h); the seeds are fixed.

#include <doctest/doctest.h>

#include <algorithm>

#include "analysis/theory/queueing.h"
#include "queueing_system.h"

namespace offcut::theory_tests::admission_test {
namespace {

engine::Tier bounded(std::size_t servers, double capacity, const engine::Noise& noise) {
  return {.servers = servers,
          .noise = noise,
          .scheduling = {.admission = choose(scheduling::admission(), "bounded-queue",
                                             {{"capacity", capacity}})}};
}

const engine::Noise kExponential{engine::Noise::Kind::exponential};

engine::Tier guarded(const std::string& rule, scheduling::Values values = {}) {
  return {.scheduling = {.admission = choose(scheduling::admission(), rule, values)}};
}

/// The predictions for a request that was taken, and its end.
struct Taken {
  double starts, service, ends;
};

/// Returns the wait of a request that arrives now, first come, first served on these cores, by
/// predicted services.
double predicted_wait(const std::vector<Taken>& all, double now, std::size_t cores) {
  double work = 0, rest = 0;
  std::size_t busy = 0;
  for (const Taken& taken : all) {
    if (taken.starts > now) {
      work += taken.service;
    } else if (taken.ends > now) {
      rest += taken.starts + taken.service - now;
      ++busy;
    }
  }
  return busy < cores ? 0 : (work + std::max(rest, 0.0)) / static_cast<double>(cores);
}

}  // namespace

TEST_CASE("admission: a bounded queue, M/M/1/K, below and above its capacity") {
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  const std::vector<double> loads = {0.8, 1, 1.3};
  for (const double load : loads) {
    QueueingSystem& station = *stations.emplace_back(
        std::make_unique<QueueingSystem>(bounded(1, 4, kExponential), 400'000));
    station.add_poisson(load, 1);
    simulations.push_back(station.simulation);
  }
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  for (std::size_t i = 0; i < loads.size(); ++i) {
    CHECK_THEORY(batch_means(each(runs[i], dropped)), analysis::mm1k_loss(5, loads[i]), 0.05);
    // The requests taken keep the server busy: load * (1 - loss), with the same interval.
    const Estimate loss = batch_means(each(runs[i], dropped));
    const double busy = runs[i].run.tiers[1].busy / runs[i].run.duration;
    CHECK(busy == doctest::Approx(loads[i] * (1 - loss.mean)).epsilon(0.01));
  }
}

TEST_CASE("admission: servers without a queue, Erlang B, for any distribution of services") {
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  for (const engine::Noise& noise :
       {kExponential, engine::Noise{}, engine::Noise{engine::Noise::Kind::lognormal, 2}}) {
    QueueingSystem& station =
        *stations.emplace_back(std::make_unique<QueueingSystem>(bounded(5, 0, noise), 400'000));
    station.add_poisson(4, 1);
    simulations.push_back(station.simulation);
  }
  {  // Cores count as servers.
    engine::Tier tier = bounded(1, 0, kExponential);
    tier.cores = 5;
    QueueingSystem& station =
        *stations.emplace_back(std::make_unique<QueueingSystem>(tier, 400'000));
    station.add_poisson(4, 1);
    simulations.push_back(station.simulation);
  }
  for (const engine::Recorded& recorded : engine::record_all(simulations)) {
    CHECK_THEORY(batch_means(each(recorded, dropped)), analysis::erlang_b(5, 4), 0.03);
  }
}

TEST_CASE("admission: a token bucket rejects as a queue with constant services overflows") {
  // The work of M/D/1 is the time until the bucket is full again: each request that is taken adds
  // that of one token. The servers after it play no part.
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  std::vector<double> theory;
  constexpr double kTokens = 2;  // Per second.
  for (const double load : {0.7, 1.0, 1.6}) {
    for (const double burst : {1.0, 2.5, 4.0}) {
      QueueingSystem& station = *stations.emplace_back(std::make_unique<QueueingSystem>(
          guarded("token-bucket", {{"rate", kTokens}, {"burst", burst}}), 300'000,
          theory.size() + 1));
      station.add_poisson(load * kTokens, 0.1);
      simulations.push_back(station.simulation);
      theory.push_back(analysis::md1_bounded_wait_loss(
          PerSecond(load * kTokens), Seconds(1 / kTokens), Seconds((burst - 1) / kTokens)));
    }
  }
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    CHECK_THEORY(batch_means(each(runs[i], dropped)), theory[i], 0.1);
  }
}

TEST_CASE("admission: a token bucket, computed by hand") {
  // A token each second, two at most, and a request every 0.4 s. The tokens that they find: 2, 1.4,
  // 0.8 (refused), 1.2, 0.6 (refused); from then on, every 2 s: 1, 0.4, 0.8 (both refused), 1.2,
  // 0.6 (refused).
  QueueingSystem station(guarded("token-bucket", {{"rate", 1}, {"burst", 2}}), 505);
  station.add(std::make_unique<engine::Schedule>(std::vector<double>{0}, 0.4), {Seconds(0.1)});
  const std::vector<double> refused = each(engine::record(station.simulation), dropped);
  CHECK(std::vector(refused.begin(), refused.begin() + 5) == std::vector<double>{0, 0, 1, 0, 1});
  for (std::size_t i = 5; i < refused.size(); i += 5) {
    CHECK(std::vector(refused.begin() + static_cast<long>(i),
                      refused.begin() + static_cast<long>(i) + 5) ==
          std::vector<double>{0, 1, 1, 0, 1});
  }
}

TEST_CASE("admission: by deadlines, M/D/1 with a bounded wait") {
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  std::vector<double> theory;
  for (const double load : {0.8, 1.0, 1.5}) {
    for (const double most_wait : {0.5, 3.2}) {
      QueueingSystem& station = *stations.emplace_back(
          std::make_unique<QueueingSystem>(guarded("deadline"), 300'000, theory.size() + 1));
      station.add_poisson(load, 1).deadline = Seconds(1 + most_wait);
      simulations.push_back(station.simulation);
      theory.push_back(
          analysis::md1_bounded_wait_loss(PerSecond(load), Seconds(1), Seconds(most_wait)));
    }
  }
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    CHECK_THEORY(batch_means(each(runs[i], dropped)), theory[i], 0.1);
    CHECK(runs[i].run.classes[0].late == 0);  // Requests that are taken are in time.
  }
}

TEST_CASE("admission: by deadlines, each decision recomputed from the requests taken") {
  for (const std::size_t cores : {1U, 3U}) {
    for (const engine::Noise& noise : {engine::Noise{}, kExponential}) {
      engine::Tier tier = guarded("deadline");
      tier.cores = cores;
      tier.noise = noise;
      QueueingSystem station(tier, 20'000);
      station.add_poisson(0.8 * static_cast<double>(cores), 1).deadline = Seconds(3);
      station.add_poisson(0.1 * static_cast<double>(cores), 3).deadline = Seconds(5);
      engine::Recorded recorded = engine::record(station.simulation);
      std::sort(recorded.requests.begin(), recorded.requests.end(),
                [](const auto& a, const auto& b) { return a.request < b.request; });
      std::vector<double> free_at(cores);
      std::vector<Taken> taken;
      std::int64_t wrong = 0;
      for (const engine::RequestRecord& r : recorded.requests) {
        const double now = r.arrival.si();
        const double deadline = station.simulation.classes[r.request_class].deadline.si();
        const double service =
            station.simulation.itinerary_of(r.request_class).stages[1].service[0].si();
        std::erase_if(taken, [now](const Taken& other) { return other.ends <= now; });
        const bool admitted = predicted_wait(taken, now, cores) + service <= deadline;
        wrong += admitted != r.completed() ? 1 : 0;
        if (r.completed()) {
          double& core = *std::min_element(free_at.begin(), free_at.end());
          const double starts = std::max(now, core);
          core = starts + r.server_compute.si();
          taken.push_back({starts, service, core});
        }
      }
      CAPTURE(cores);
      CHECK(wrong == 0);
      CHECK(recorded.run.dropped > 1000);
      CHECK(recorded.run.completed > 10'000);
    }
  }
}

TEST_CASE("admission: by deadlines, a request that is in time in its batch is taken") {
  // Batches of up to 4 take 1 s, whatever their size. Request 0 is computed alone until 1 s, the
  // others together until 2 s: each within 2.5 s of its arrival.
  QueueingSystem system(
      {.scheduling = {.batching = choose(scheduling::batching(), "timeout", {{"max", 4}}),
                      .admission = choose(scheduling::admission(), "deadline")}},
      5);
  system
      .add(std::make_unique<engine::Schedule>(std::vector<double>{0, 0.1, 0.2, 0.3, 0.4}),
           std::vector<Seconds>(4, Seconds(1)))
      .deadline = Seconds(2.5);
  system.simulation.tiers[0].servers = 5;
  CHECK(engine::record(system.simulation).run.dropped == 0);
}

}  // namespace offcut::theory_tests::admission_test
