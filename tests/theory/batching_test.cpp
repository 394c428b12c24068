// Batching compared with theory: by hand if arrivals and services are constant, otherwise within a
// 99 % interval (batch_means.h) with fixed seeds.

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <cmath>
#include <functional>

#include "analysis/theory/queueing.h"
#include "queueing_system.h"

namespace offcut::theory_tests::batching_test {
namespace {

engine::Tier batches(const std::string& rule, scheduling::Values values,
                     const engine::Noise& noise = {}) {
  return {.noise = noise, .scheduling = {.batching = choose(scheduling::batching(), rule, values)}};
}

/// Returns a system with a request every second, whose batches of n take 0.5 + 0.25 n seconds.
engine::Recorded every_second(const engine::Tier& tier, std::int64_t requests) {
  QueueingSystem station(tier, requests);
  std::vector<Seconds> services;
  for (int n = 1; n <= 8; ++n) {
    services.emplace_back(0.5 + 0.25 * n);
  }
  station.add(std::make_unique<engine::Schedule>(std::vector<double>{0}, 1), services);
  return engine::record(station.simulation);
}

/// A rule as a textbook would state it: how many of the waiting requests are taken, given the time
/// since which the oldest waits; and what it learns from a finished batch.
struct Rule {
  double delay = 0;
  std::function<std::size_t(std::size_t waiting, double oldest, double now)> takes;
  std::function<void(std::size_t size, double took)> learns = [](std::size_t, double) {};
};

/// Computes the ends of requests that arrive at requests[i].arrival, from event to event: at each
/// time, arrivals and ends are handled first, and then free cores take batches, first of the class
/// whose request has waited longest.
std::vector<double> by_hand(const std::vector<engine::RequestRecord>& requests, std::size_t cores,
                            const engine::Simulation& simulation, Rule rule) {
  struct Batch {
    double begin, end;
    std::size_t size;
  };
  std::vector<double> ends(requests.size());
  std::vector<Batch> running;
  std::vector<std::vector<std::size_t>> waiting(simulation.classes.size());
  const auto arrival = [&](std::size_t request) { return requests[request].arrival.si(); };
  const auto start_one = [&](double now) {
    std::vector<std::vector<std::size_t>*> order;
    for (auto& queue : waiting) {
      if (!queue.empty()) {
        order.push_back(&queue);
      }
    }
    std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->front() < b->front(); });
    for (auto* queue : order) {
      const std::size_t size = rule.takes(queue->size(), arrival(queue->front()), now);
      if (size > 0) {
        const engine::Itinerary& itinerary =
            simulation.itinerary_of(requests[queue->front()].request_class);
        const double end = now + itinerary.stages[1].service.at(size - 1).si();
        running.push_back({now, end, size});
        for (std::size_t i = 0; i < size; ++i) {
          ends[(*queue)[i]] = end;
        }
        queue->erase(queue->begin(), queue->begin() + static_cast<long>(size));
        return true;
      }
    }
    return false;
  };
  std::size_t next = 0;
  for (double now = 0, last = -1; now < HUGE_VAL; last = now) {
    now = next < requests.size() ? arrival(next) : HUGE_VAL;
    for (const Batch& batch : running) {
      now = std::min(now, batch.end);
    }
    for (const auto& queue : waiting) {
      if (!queue.empty() && arrival(queue.front()) + rule.delay > last) {
        now = std::min(now, arrival(queue.front()) + rule.delay);
      }
    }
    for (; next < requests.size() && arrival(next) <= now; ++next) {
      waiting[requests[next].request_class].push_back(next);
    }
    for (const Batch& batch : running) {
      if (batch.end <= now) {
        rule.learns(batch.size, batch.end - batch.begin);
      }
    }
    std::erase_if(running, [now](const Batch& batch) { return batch.end <= now; });
    while (now < HUGE_VAL && running.size() < cores && start_one(now)) {
    }
  }
  return ends;
}

/// Triton's rule: the largest preferred size that can be formed; otherwise a full batch; otherwise,
/// once the oldest request has waited for the delay, all of them.
Rule triton(const std::vector<double>& preferred, std::size_t most, double delay) {
  return {delay, [=](std::size_t waiting, double oldest, double now) {
            std::size_t size = 0;
            for (const double p : preferred) {
              size = p <= static_cast<double>(waiting) ? std::max(size, static_cast<std::size_t>(p))
                                                       : size;
            }
            return size > 0 ? size : waiting >= most ? most : now >= oldest + delay ? waiting : 0;
          }};
}

/// Clipper's rule: the limit grows by a step while full batches are in time, and shrinks by 10 %
/// when one is not.
Rule clipper(double objective, double step, std::size_t most) {
  const auto limit = std::make_shared<double>(1);
  return {0,
          [=](std::size_t waiting, double, double) {
            return std::min(waiting, static_cast<std::size_t>(*limit));
          },
          [=](std::size_t size, double took) {
            if (took > objective) {
              *limit = std::max(1.0, *limit * 0.9);
            } else if (static_cast<double>(size) >= std::floor(*limit)) {
              *limit = std::min(static_cast<double>(most), *limit + step);
            }
          }};
}

/// Compares a random system under a rule with the same rule computed by hand.
template <class Choose>
void check_by_hand(std::uint64_t seed, const char* name, Choose choose_rule) {
  RandomStream random = random_stream(seed, name);
  const auto any = [&](double least, double most) {
    return boost::random::uniform_real_distribution<double>(least, most)(random);
  };
  const auto whole = [&](std::size_t least, std::size_t most) {
    return boost::random::uniform_int_distribution<std::size_t>(least, most)(random);
  };
  const std::size_t most = whole(2, 8), cores = whole(1, 3), classes = whole(1, 2);
  auto [choice, rule] = choose_rule(most, any, whole);
  engine::Tier tier{.scheduling = {.batching = choice}};
  tier.cores = cores;
  QueueingSystem station(tier, 150, seed);
  for (std::size_t i = 0; i < classes; ++i) {
    std::vector<Seconds> services{Seconds(any(0.5, 1))};
    while (services.size() < most) {
      services.push_back(services.back() + Seconds(any(0.05, 0.6)));
    }
    const double capacity =
        static_cast<double>(cores * most) / (services.back().si() * static_cast<double>(classes));
    station.add(engine::make_arrivals("poisson", {{"rate", any(0.3, 1.1) * capacity}}), services);
  }
  engine::Recorded recorded = engine::record(station.simulation);
  std::sort(recorded.requests.begin(), recorded.requests.end(),
            [](const auto& a, const auto& b) { return a.request < b.request; });
  const std::vector<double> ends = by_hand(recorded.requests, cores, station.simulation, rule);
  double worst = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    worst = std::max(worst, std::abs(recorded.requests[i].completion.si() - ends[i]));
  }
  INFO("seed " << seed << ", " << cores << " cores, " << classes << " classes, at most " << most);
  CHECK(worst < 1e-9);
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) {
    sum += value;
  }
  return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("batching: fixed batches of requests at even times, D/D^b/1") {
  for (const std::size_t size : {1U, 4U, 8U}) {
    const double service = 0.5 + 0.25 * static_cast<double>(size);
    const std::vector<double> sojourns = each(
        every_second(batches("fixed", {{"size", static_cast<double>(size)}}), 8000), sojourn_of);
    CHECK(mean(sojourns) ==
          doctest::Approx(analysis::batch_sojourn(Seconds(1), size, Seconds(service)).si())
              .epsilon(1e-12));
    double worst = 0;
    for (std::size_t i = 0; i < sojourns.size(); ++i) {
      const auto missing = static_cast<double>(size - 1 - i % size);  // Requests it waits for.
      worst = std::max(worst, std::abs(sojourns[i] - (missing + service)));
    }
    CHECK(worst < 1e-9);
  }
}

TEST_CASE("batching: a timeout ends the wait of requests at even times") {
  // The oldest waits for 2.5 s, the two after it 1.5 and 0.5; three take 1.25 s, and are done soon
  // after the next batch has begun to form.
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
        doctest::Approx(analysis::batch_sojourn(Seconds(1), 2, Seconds(1)).si()).epsilon(1e-12));
}

TEST_CASE("batching: all waiting requests together, M/M(1,b)/1") {
  constexpr std::size_t kMost = 4;
  constexpr double kRate = 0.8 * kMost;
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  const engine::Noise exponential{engine::Noise::Kind::exponential};
  // The limit of the adaptive policy rises to its maximum at once, and stays there.
  for (const engine::Tier& tier :
       {batches("timeout", {{"max", kMost}, {"delay", 0}}, exponential),
        batches("adaptive", {{"max", kMost}, {"objective", 1e6}, {"step", 8}}, exponential)}) {
    QueueingSystem& station =
        *stations.emplace_back(std::make_unique<QueueingSystem>(tier, 600'000));
    station.add(engine::make_arrivals("poisson", {{"rate", kRate}}), {kMost, Seconds(1)});
    simulations.push_back(station.simulation);
  }
  const double theory = analysis::mm1_batch_wait(PerSecond(kRate), Seconds(1), kMost).si();
  for (const engine::Recorded& recorded : engine::record_all(simulations)) {
    CHECK_THEORY(batch_means(each(recorded, wait_of)), theory, 0.1);
  }
}

TEST_CASE("batching: timeouts and preferred sizes by hand, 200 random systems") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    check_by_hand(seed, "timeout", [](std::size_t most, auto any, auto whole) {
      const double delay = whole(0, 3) == 0 ? 0 : any(0, 2);
      std::vector<double> preferred;
      for (std::size_t size = 1; size <= most; ++size) {
        if (whole(0, 3) == 0) {
          preferred.push_back(static_cast<double>(size));
        }
      }
      auto choice = choose(scheduling::batching(), "timeout",
                           {{"max", static_cast<double>(most)}, {"delay", delay}});
      choice.parameters.set("preferred", preferred);
      return std::pair(choice, triton(preferred, most, delay));
    });
  }
}

TEST_CASE("batching: the adaptive limit by hand, 200 random systems") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    check_by_hand(seed, "adaptive", [](std::size_t most, auto any, auto whole) {
      const double objective = any(0.6, 3), step = whole(0, 1) == 0 ? 1 : any(0.1, 2);
      return std::pair(
          choose(scheduling::batching(), "adaptive",
                 {{"max", static_cast<double>(most)}, {"objective", objective}, {"step", step}}),
          clipper(objective, step, most));
    });
  }
}

}  // namespace offcut::theory_tests::batching_test
