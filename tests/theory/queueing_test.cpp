// The engine's queues compared with queueing theory, and with the textbooks' recursions on the same
// arrivals and services.
//
// Theory holds in the long run; a run of n requests misses it by chance. For the mean wait of M/M/1
// at load 0.8 the standard error is sqrt(rho (2 + 5 rho - 4 rho^2 + rho^3) / (1 - rho)^4 / n)
// services (Blomqvist 1967): at n = 1e6 0.0445 of 4, 1.1 %. So one seed in fourteen misses the
// bound of 2 %; the seeds here are fixed and do not. M/D/1 scatters less. The recursions are
// deterministic.

#include "analysis/theory/queueing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../sim/engine/recorded.h"
#include "analysis/statistics/run_summary.h"

namespace offcut::theory_tests::queueing_test {
namespace {

constexpr double kLoad = 0.8;
constexpr double kService = 1e-3;

/// The requests of a station, in the order in which they reached it.
struct Queue {
  std::vector<double> arrival, service, wait;
};

/// Returns one device as the station: its own requests wait in its queue.
engine::Recorded device_run(const engine::Noise& noise, std::int64_t requests, std::uint64_t seed) {
  const auto arrivals = engine::make_arrivals("poisson", {{"rate", kLoad / kService}});
  return engine::record(
      {.seed = seed,
       .tiers = {{.name = "device", .used = true, .service = Seconds(kService), .noise = noise}},
       .arrivals = arrivals.get(),
       .stop = {.requests = requests}});
}

/// Returns servers as the station: a hundred devices pass their requests on at once, and the sum of
/// their Poisson arrivals is Poisson again.
engine::Recorded server_run(const engine::Noise& noise, std::size_t servers, std::int64_t requests,
                            std::uint64_t seed) {
  constexpr std::size_t kDevices = 100;
  const double rate = kLoad * static_cast<double>(servers) / kService / kDevices;
  const auto arrivals = engine::make_arrivals("poisson", {{"rate", rate}});
  const partition::Hop hop{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)};
  return engine::record(
      {.seed = seed,
       .tiers = {{.name = "device", .servers = kDevices},
                 {.name = "cloud",
                  .servers = servers,
                  .used = true,
                  .service = Seconds(kService),
                  .noise = noise}},
       .hops = {{.name = "device-cloud", .hop = hop, .shared = true, .goes_up = true}},
       .arrivals = arrivals.get(),
       .stop = {.requests = requests}});
}

Queue queue_of(engine::Recorded recorded) {
  std::sort(recorded.requests.begin(), recorded.requests.end(),
            [](const auto& a, const auto& b) { return a.request < b.request; });
  Queue queue;
  for (const engine::RequestRecord& r : recorded.requests) {
    queue.arrival.push_back(r.arrival.si());
    queue.service.push_back((r.device_compute + r.server_compute).si());
    queue.wait.push_back((r.device_wait + r.server_wait).si());
  }
  return queue;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) {
    sum += value;
  }
  return sum / static_cast<double>(values.size());
}

/// Returns the relative error of the mean wait.
double miss(const Queue& queue, Seconds theory) {
  return std::abs(mean(queue.wait) / theory.si() - 1);
}

/// Returns the largest difference, in seconds, between the engine's waits and Lindley's (1952)
/// W(n+1) = max(0, W(n) + S(n) - (A(n+1) - A(n))) for one server. Its differences of late times
/// lose digits, and a busy period adds that up: some 1e-12 s after 1,000 s.
double lindley_error(const Queue& queue) {
  double wait = 0;
  double worst = std::abs(queue.wait[0]);
  for (std::size_t n = 1; n < queue.wait.size(); ++n) {
    wait = std::max(0.0, wait + queue.service[n - 1] - (queue.arrival[n] - queue.arrival[n - 1]));
    worst = std::max(worst, std::abs(queue.wait[n] - wait));
  }
  return worst;
}

/// Returns it for several servers (Kiefer and Wolfowitz 1955): a request starts when the first of
/// them is free. With one server it is Lindley's recursion on the times themselves, and loses
/// nothing.
double kiefer_wolfowitz_error(const Queue& queue, std::size_t servers) {
  std::vector<double> free_at(servers, 0);
  double worst = 0;
  for (std::size_t n = 0; n < queue.wait.size(); ++n) {
    double& first = *std::min_element(free_at.begin(), free_at.end());
    const double start = std::max(queue.arrival[n], first);
    worst = std::max(worst, std::abs(queue.wait[n] - (start - queue.arrival[n])));
    first = start + queue.service[n];
  }
  return worst;
}

/// Returns the time average of the number of waiting requests.
double mean_queue_length(const Queue& queue, double duration) {
  std::vector<std::pair<double, int>> changes;
  for (std::size_t n = 0; n < queue.wait.size(); ++n) {
    changes.emplace_back(queue.arrival[n], 1);
    changes.emplace_back(queue.arrival[n] + queue.wait[n], -1);
  }
  std::sort(changes.begin(), changes.end());
  double area = 0;
  double since = 0;
  int waiting = 0;
  for (const auto& [time, change] : changes) {
    area += waiting * (time - since);
    since = time;
    waiting += change;
  }
  return area / duration;
}

/// Checks Little's law and the utilisation law on the engine's own sums.
void check_laws(const engine::Recorded& recorded, std::size_t tier) {
  const engine::RunRecord& run = recorded.run;
  const engine::TierUsage& station = run.tiers[tier];
  const Queue queue = queue_of(recorded);
  const double rate = static_cast<double>(run.completed) / run.duration.si();
  // L = lambda W: an identity if no request waits at the end, except for rounding.
  CHECK(mean_queue_length(queue, run.duration.si()) ==
        doctest::Approx(rate * station.waited.si() / static_cast<double>(station.served))
            .epsilon(1e-9));
  // The utilisation law is rho = lambda S, with the fraction of time that the servers were busy,
  // from the measured rate and service.
  const double busy = analysis::utilisation(station, run.duration);
  CHECK(busy == doctest::Approx(rate * mean(queue.service) / static_cast<double>(station.servers))
                    .epsilon(1e-9));
  // From the given ones, too: both are means of 1e5 or more draws with a coefficient of variation
  // of at most 1, whose standard errors are 0.3 % or less.
  CHECK(busy == doctest::Approx(kLoad).epsilon(0.01));
}

constexpr PerSecond arrival_rate(double servers = 1) {
  return PerSecond(kLoad * servers / kService);
}

}  // namespace

TEST_CASE("queueing: M/M/1 on a device, 1e6 requests") {
  const engine::Recorded recorded = device_run({engine::Noise::Kind::exponential}, 1'000'000, 1);
  const Queue queue = queue_of(recorded);
  CHECK(miss(queue, analysis::mm1_wait(arrival_rate(), Seconds(kService))) < 0.02);
  CHECK(lindley_error(queue) < 1e-9);
  CHECK(kiefer_wolfowitz_error(queue, 1) < 1e-9 * kService);
  check_laws(recorded, 0);
}

TEST_CASE("queueing: M/D/1 on a device, 1e6 requests") {
  const engine::Recorded recorded = device_run({}, 1'000'000, 1);
  const Queue queue = queue_of(recorded);
  CHECK(miss(queue, analysis::md1_wait(arrival_rate(), Seconds(kService))) < 0.02);
  CHECK(lindley_error(queue) < 1e-9);
  CHECK(kiefer_wolfowitz_error(queue, 1) < 1e-9 * kService);
  check_laws(recorded, 0);
}

TEST_CASE("queueing: M/M/1 on a server that a hundred devices share, 1e6 requests") {
  const engine::Recorded recorded = server_run({engine::Noise::Kind::exponential}, 1, 1'000'000, 1);
  const Queue queue = queue_of(recorded);
  CHECK(miss(queue, analysis::mm1_wait(arrival_rate(), Seconds(kService))) < 0.02);
  CHECK(lindley_error(queue) < 1e-9);
  CHECK(kiefer_wolfowitz_error(queue, 1) < 1e-9 * kService);
  check_laws(recorded, 1);
}

TEST_CASE("queueing: M/D/1 on a server that a hundred devices share, 1e6 requests") {
  const engine::Recorded recorded = server_run({}, 1, 1'000'000, 1);
  const Queue queue = queue_of(recorded);
  CHECK(miss(queue, analysis::md1_wait(arrival_rate(), Seconds(kService))) < 0.02);
  CHECK(lindley_error(queue) < 1e-9);
  CHECK(kiefer_wolfowitz_error(queue, 1) < 1e-9 * kService);
  check_laws(recorded, 1);
}

TEST_CASE("queueing: M/G/1 with lognormal service, 300,000 requests") {
  // With cv 0.5, the wait is (1 + 0.25) / 2 of M/M/1's. Its standard error is below M/M/1's, which
  // is 2 % at this length; 5 % is 2.5 of those.
  const engine::Recorded recorded = device_run({engine::Noise::Kind::lognormal, 0.5}, 300'000, 1);
  const Queue queue = queue_of(recorded);
  CHECK(miss(queue, analysis::mg1_wait(arrival_rate(), Seconds(kService), 0.5)) < 0.05);
  CHECK(lindley_error(queue) < 1e-9);
  CHECK(kiefer_wolfowitz_error(queue, 1) < 1e-9 * kService);
  check_laws(recorded, 0);
}

TEST_CASE("queueing: M/M/3, 300,000 requests") {
  // The wait is 1.08 services, Erlang C 0.647. In relative terms the mean wait scatters about as
  // that of M/M/1 at this length, 2 %; 5 % is 2.5 standard errors.
  const engine::Recorded recorded = server_run({engine::Noise::Kind::exponential}, 3, 300'000, 1);
  const Queue queue = queue_of(recorded);
  CHECK(miss(queue, analysis::mmc_wait(arrival_rate(3), Seconds(kService), 3)) < 0.05);
  CHECK(kiefer_wolfowitz_error(queue, 3) < 1e-9 * kService);
  check_laws(recorded, 1);
  // The fraction of requests that wait is within 2 % of Erlang C. (Successive requests wait
  // together, in busy periods of a dozen or so: as if of 300,000 / 50 independent draws, 1 %.)
  const auto waited =
      std::count_if(queue.wait.begin(), queue.wait.end(), [](double w) { return w > 0; });
  CHECK(static_cast<double>(waited) / 300'000 ==
        doctest::Approx(analysis::erlang_c(3, kLoad)).epsilon(0.02));
}

TEST_CASE("queueing: a private link is a queue with constant service") {
  // One device that computes nothing and sends 1,000 B at 1e6 B/s: M/D/1 with 1 ms, in SimGrid's
  // flows instead of timers. 300,000 requests.
  const auto arrivals = engine::make_arrivals("poisson", {{"rate", kLoad / kService}});
  engine::Recorded recorded =
      engine::record({.seed = 1,
                      .tiers = {{.name = "device"}, {.name = "cloud"}},
                      .hops = {{.name = "device-cloud",
                                .hop = {BytesPerSecond(1e6), BytesPerSecond(1e6), Seconds(0)},
                                .goes_up = true,
                                .up_bytes = Bytes(1000)}},
                      .arrivals = arrivals.get(),
                      .stop = {.requests = 300'000}});
  Queue queue;
  for (const engine::RequestRecord& r : recorded.requests) {  // In order: first come, first served.
    queue.arrival.push_back(r.arrival.si());
    queue.service.push_back(kService);
    queue.wait.push_back(r.upload_wait.si());
  }
  CHECK(miss(queue, analysis::md1_wait(arrival_rate(), Seconds(kService))) < 0.05);
  CHECK(lindley_error(queue) < 1e-9);
  CHECK(analysis::up_utilisation(recorded.run.hops[0], recorded.run.duration) ==
        doctest::Approx(kLoad).epsilon(0.01));
}

TEST_CASE("queueing: a shared link is a server that all flows share equally") {
  // M/D/1 with processor sharing: the mean time on the link depends on the load alone, service /
  // (1 - rho) (Kleinrock, Queueing Systems II, 1976, eq. 4.17); 1 ms at a load of 0.5 is 2 ms. A
  // thousand devices, so that hardly ever two messages of one device meet; 100,000 requests, whose
  // mean scatters by well under 1 %.
  const auto arrivals = engine::make_arrivals("poisson", {{"rate", 0.5 / kService / 1000}});
  const engine::Recorded recorded =
      engine::record({.seed = 1,
                      .tiers = {{.name = "device", .servers = 1000}, {.name = "cloud"}},
                      .hops = {{.name = "device-cloud",
                                .hop = {BytesPerSecond(1e6), BytesPerSecond(1e6), Seconds(0)},
                                .shared = true,
                                .goes_up = true,
                                .up_bytes = Bytes(1000)}},
                      .arrivals = arrivals.get(),
                      .stop = {.requests = 100'000}});
  double sum = 0;
  for (const engine::RequestRecord& r : recorded.requests) {
    sum += r.upload.si();
  }
  const double expected = kService / (1 - 0.5);
  CHECK(sum / 1e5 == doctest::Approx(expected).epsilon(0.02));
}

}  // namespace offcut::theory_tests::queueing_test
