// A server that fails and is repaired, compared with theory. The 99 % intervals of sojourns are by
// batch means (batch_means.h), those of fractions of time from their known variances. The seed is
// fixed.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/theory/queueing.h"
#include "markov_chain.h"
#include "queueing_system.h"
#include "sim/study/isolate.h"

namespace offcut::theory_tests::failures_test {
namespace {

constexpr double kRate = 0.5;
constexpr double kUp = 20;
constexpr double kDown = 5;
constexpr double kQuantile = 2.576;  // The normal distribution, two-sided 99 %.

/// Returns how long the station's only server, or its only device's link, is down.
double time_down(const engine::Simulation& simulation) {
  return std::stod(
      study::run_isolated({[&](const engine::ProgressSink&) {
                            double down = 0, since = 0;
                            bool is_up = true;
                            const engine::RunRecord run = engine::simulate(
                                simulation, {.event = [&](const engine::RunEvent& event) {
                                  is_up = event.kind == engine::RunEvent::Kind::machine_up ||
                                          event.kind == engine::RunEvent::Kind::link_up;
                                  down += is_up ? event.time.si() - since : 0;
                                  since = event.time.si();
                                }});
                            down += is_up ? 0 : run.duration.si() - since;
                            return fmt::format("{}", down);
                          }},
                          1)
          .front());
}

/// Returns the mean sojourn at two servers that fail, with services of mean 1 and one queue, from
/// the chain of (requests, servers up).
double one_queue_of_two(double rate) {
  constexpr std::size_t kMost = 300;
  const auto state = [](std::size_t requests, std::size_t up) { return 3 * requests + up; };
  MarkovChain chain(state(kMost, 2) + 1);
  for (std::size_t n = 0; n <= kMost; ++n) {
    for (std::size_t up = 0; up <= 2; ++up) {
      if (n < kMost) {
        chain.add(state(n, up), state(n + 1, up), rate);
      }
      if (std::min(n, up) > 0) {
        chain.add(state(n, up), state(n - 1, up), static_cast<double>(std::min(n, up)));
      }
      if (up > 0) {
        chain.add(state(n, up), state(n, up - 1), static_cast<double>(up) / kUp);
      }
      if (up < 2) {
        chain.add(state(n, up), state(n, up + 1), static_cast<double>(2 - up) / kDown);
      }
    }
  }
  const Eigen::VectorXd shares = chain.stationary();
  double there = 0;
  for (Eigen::Index i = 0; i < shares.size(); ++i) {
    there += static_cast<double>(i / 3) * shares(i);
  }
  return there / rate;  // Little's law
}

/// Returns the same if each server has a queue of its own, and the shorter one gets each request. A
/// server that goes down leaves its requests to the other one; if both are down, the first that
/// comes up gets all.
double two_queues(double rate) {
  constexpr std::size_t kMost = 90;
  const auto both = [](std::size_t a, std::size_t b) { return a * (kMost + 1) + b; };
  const auto one = [&](std::size_t n) { return both(kMost, kMost) + 1 + std::min(n, 2 * kMost); };
  const auto none = [&](std::size_t n) { return one(2 * kMost) + 1 + n; };
  std::vector<double> requests(none(2 * kMost) + 1);
  MarkovChain chain(requests.size());
  for (std::size_t a = 0; a <= kMost; ++a) {
    for (std::size_t b = 0; b <= kMost; ++b) {
      const std::size_t here = both(a, b);
      requests[here] = static_cast<double>(a + b);
      if (a < kMost) {
        chain.add(here, both(a + 1, b), a < b ? rate : a == b ? rate / 2 : 0);
        chain.add(both(a + 1, b), here, 1);
      }
      if (b < kMost) {
        chain.add(here, both(a, b + 1), b < a ? rate : a == b ? rate / 2 : 0);
        chain.add(both(a, b + 1), here, 1);
      }
      chain.add(here, one(a + b), 2 / kUp);
    }
  }
  for (std::size_t n = 0; n <= 2 * kMost; ++n) {
    requests[one(n)] = requests[none(n)] = static_cast<double>(n);
    chain.add(one(n), none(n), 1 / kUp);
    chain.add(none(n), one(n), 2 / kDown);
    chain.add(one(n), both(std::min(n, kMost), 0), 1 / kDown);
    if (n < 2 * kMost) {
      chain.add(one(n), one(n + 1), rate);
      chain.add(one(n + 1), one(n), 1);
      chain.add(none(n), none(n + 1), rate);
    }
  }
  const Eigen::VectorXd shares = chain.stationary();
  return shares.dot(Eigen::Map<Eigen::VectorXd>(requests.data(), shares.size())) / rate;
}

/// Returns the fraction of requests that are lost if one server loses all its requests when it goes
/// down, and all that arrive until it is up, from the chain of their number and of being down.
double lost_to_failures(double rate) {
  constexpr std::size_t kMost = 300, kIsDown = kMost + 1;
  MarkovChain chain(kIsDown + 1);
  for (std::size_t n = 0; n <= kMost; ++n) {
    if (n < kMost) {
      chain.add(n, n + 1, rate);
      chain.add(n + 1, n, 1);
    }
    chain.add(n, kIsDown, 1 / kUp);
  }
  chain.add(kIsDown, 0, 1 / kDown);
  const Eigen::VectorXd shares = chain.stationary();
  double lost = shares(kIsDown);
  for (std::size_t n = 0; n <= kMost; ++n) {
    lost += shares(static_cast<Eigen::Index>(n)) * static_cast<double>(n) / kUp / rate;
  }
  return lost;
}

engine::Tier failing(std::size_t servers, scheduling::Scheduling scheduling) {
  engine::Tier tier{.servers = servers,
                    .noise = {engine::Noise::Kind::exponential},
                    .scheduling = std::move(scheduling)};
  tier.faults.exponential = network::Faults::Exponential{Seconds(kUp), Seconds(kDown)};
  return tier;
}

double failures_of(const engine::RequestRecord& request) { return request.failures; }

// A message of kMessage seconds over a link that is up and down for exponential times, and begins
// again whenever it goes down.
constexpr double kMessage = 8;
const double kSurvives = std::exp(-kMessage / kUp);

/// The moments of its time from a time at which the link is up: a geometric number of attempts that
/// are cut, each with the time until the link is up again, and the last one (Gaver, "A Waiting Line
/// with Interrupted Service, Including Priorities", Journal of the Royal Statistical Society B
/// 24(1), 1962, preemptive-repeat-identical).
struct Moments {
  double mean, variance;
};

Moments transfer() {
  const double attempts = (1 - kSurvives) / kSurvives;
  const double spread = attempts / kSurvives;  // The variance of their number.
  // A time up, given that it is below kMessage.
  const double cut = kUp - kMessage * kSurvives / (1 - kSurvives);
  const double cut_squared =
      (2 * kUp * kUp - kSurvives * (kMessage * kMessage + 2 * kMessage * kUp + 2 * kUp * kUp)) /
      (1 - kSurvives);
  return {(1 / kSurvives - 1) * (kUp + kDown),
          attempts * (cut_squared - cut * cut + kDown * kDown) +
              spread * (cut + kDown) * (cut + kDown)};
}

/// Returns the probability that the link, up or down now, is up after an exponential time of mean
/// `time`.
double up_after(double time, bool is_up) {
  const double up = kUp / (kUp + kDown);
  const double remembers = 1 / (1 + time * (1 / kUp + 1 / kDown));
  return up + ((is_up ? 1 : 0) - up) * remembers;
}

/// Returns one device whose messages cross such a link, to a server that takes no time.
QueueingSystem over_link(std::unique_ptr<workload::Arrivals> arrivals, std::int64_t requests,
                         bool closed_loop) {
  QueueingSystem station({}, requests);
  station.add(std::move(arrivals), {Seconds(0)}).closed_loop = closed_loop;
  station.simulation.itinerary_of(0).crossings[0].up_bytes = Bytes(kMessage);  // At 1 B/s.
  station.simulation.hops[0].faults.exponential =
      network::Faults::Exponential{Seconds(kUp), Seconds(kDown)};
  return station;
}

}  // namespace

TEST_CASE("failures: M/M/1 with breakdowns, after which requests are served again") {
  QueueingSystem station(failing(1, {}), 600'000);
  station.add_poisson(kRate, 1);
  const engine::Recorded recorded = engine::record(station.simulation);
  const double duration = recorded.run.duration.si();
  CHECK_THEORY(
      batch_means(each(recorded, sojourn_of)),
      analysis::mm1_breakdown_sojourn(PerSecond(kRate), Seconds(1), Seconds(kUp), Seconds(kDown))
          .si(),
      0.05);

  // The fraction of time that an alternating renewal process is down has the variance (down^2
  // var(up)
  // + up^2 var(down)) / (up + down)^3 / duration (Cox, Renewal Theory, 1962, chapter 7), and the
  // variances of exponential times are their means' squares.
  const double cycle = kUp + kDown;
  const double scatter = std::sqrt(2 * kUp * kUp * kDown * kDown / std::pow(cycle, 3) / duration);
  CHECK_THEORY((Estimate{time_down(station.simulation) / duration, kQuantile * scatter}),
               kDown / cycle, 0.03);

  // A lost service begins again with another time. For exponential services the mean of the sum
  // stays the same, so rho = lambda S here, too. Of Poisson arrivals, the sum of their exponential
  // services in a time t has the variance 2 lambda S^2 t.
  CHECK_THEORY((Estimate{recorded.run.tiers[1].busy.si() / duration,
                         kQuantile * std::sqrt(2 * kRate / duration)}),
               kRate, 0.03);
  CHECK(recorded.run.completed == 600'000);
  CHECK(recorded.run.tiers[1].lost > 0);
}

TEST_CASE("failures: with exponential services, the order of service changes nothing") {
  // The same holds for a server that all requests share: the remaining work is as before.
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  for (const char* queue : {"lifo", "processor-sharing", "processor-sharing"}) {
    QueueingSystem& station = *stations.emplace_back(
        std::make_unique<QueueingSystem>(failing(1, {.queue = choose(scheduling::queues(), queue)}),
                                         500'000, simulations.size() + 1));
    station.add_poisson(kRate, 1);
    station.simulation.own_links = simulations.size() < 2;
    simulations.push_back(station.simulation);
  }
  const double theory =
      analysis::mm1_breakdown_sojourn(PerSecond(kRate), Seconds(1), Seconds(kUp), Seconds(kDown))
          .si();
  for (const engine::Recorded& recorded : engine::record_all(simulations)) {
    CHECK_THEORY(batch_means(each(recorded, sojourn_of)), theory, 0.06);
  }
}

TEST_CASE("failures: two servers that fail, on one queue and on two, by their Markov chains") {
  constexpr double kTwice = 2 * kRate;
  QueueingSystem one(failing(2, {}), 600'000);
  QueueingSystem two(failing(2, {.dispatch = choose(scheduling::dispatch(), "shortest-queue")}),
                     600'000, 2);
  one.add_poisson(kTwice, 1);
  two.add_poisson(kTwice, 1);
  const std::vector<engine::Recorded> runs = engine::record_all({one.simulation, two.simulation});
  CHECK_THEORY(batch_means(each(runs[0], sojourn_of)), one_queue_of_two(kTwice), 0.05);
  CHECK_THEORY(batch_means(each(runs[1], sojourn_of)), two_queues(kTwice), 0.05);
}

TEST_CASE("failures: requests that are dropped when their server goes down or is down") {
  QueueingSystem station(failing(1, {}), 600'000);
  station.add_poisson(kRate, 1);
  station.simulation.classes[0].failures = {.then = network::FailurePolicy::Then::drop};
  CHECK_THEORY(batch_means(each(engine::record(station.simulation), dropped)),
               lost_to_failures(kRate), 0.03);
}

TEST_CASE("failures: messages over a link that fails, sent again until one gets through") {
  for (const bool own_links : {true, false}) {
    for (const double think : {0.0, 6.0}) {
      CAPTURE(own_links);
      CAPTURE(think);
      QueueingSystem station = over_link(engine::make_arrivals("closed-loop", {{"think", think}}),
                                         own_links ? 200'000 : 50'000, true);
      station.simulation.own_links = own_links;
      const engine::Recorded recorded = engine::record(station.simulation);
      // A device that thinks may find the link down, and waits until it is up.
      const double finds_down = 1 - up_after(think, true);
      CHECK_THEORY(batch_means(each(recorded, sojourn_of)), transfer().mean + finds_down * kDown,
                   0.03);
      CHECK_THEORY(batch_means(each(recorded, failures_of)), 1 / kSurvives - 1, 0.03);
      const double duration = recorded.run.duration.si();
      const double cycle = kUp + kDown;
      const double scatter =
          std::sqrt(2 * kUp * kUp * kDown * kDown / std::pow(cycle, 3) / duration);
      CHECK_THEORY((Estimate{time_down(station.simulation) / duration, kQuantile * scatter}),
                   kDown / cycle, 0.03);
    }
  }
}

TEST_CASE("failures: a queue before a link that fails, M/G/1 with a setup") {
  // Messages take their transfer times; the first one after an idle time also waits for the link,
  // if that has gone down meanwhile (Takagi, Queueing Analysis 1, 1991, chapter 2).
  constexpr double kMessages = 0.04;
  QueueingSystem station =
      over_link(engine::make_arrivals("poisson", {{"rate", kMessages}}), 400'000, false);
  const engine::Recorded recorded = engine::record(station.simulation);
  const Moments service = transfer();
  const double load = kMessages * service.mean;
  const double setup = (1 - up_after(1 / kMessages, true)) * kDown;
  const double wait =
      kMessages * (service.mean * service.mean + service.variance) / (2 * (1 - load)) +
      setup * (1 + kMessages * kDown) / (1 + kMessages * setup);
  CHECK_THEORY(batch_means(each(recorded, sojourn_of)), wait + service.mean, 0.05);
}

TEST_CASE("failures: messages that are dropped when their link is down or goes down") {
  constexpr double kThink = 6;
  QueueingSystem station =
      over_link(engine::make_arrivals("closed-loop", {{"think", kThink}}), 300'000, true);
  station.simulation.classes[0].failures = {.then = network::FailurePolicy::Then::drop};
  // A message that gets through leaves the link up, one that is dropped leaves it down.
  const double after_one = up_after(kThink, true) * kSurvives;
  const double after_none = up_after(kThink, false) * kSurvives;
  CHECK_THEORY(batch_means(each(engine::record(station.simulation), dropped)),
               1 - after_none / (1 - after_one + after_none), 0.01);
}

}  // namespace offcut::theory_tests::failures_test
