// The queues of sim/scheduling/policies/queues compared with theory. Each mean lies within its 99 %
// interval (batch_means.h); the seeds are fixed.

#include <doctest/doctest.h>

#include <cmath>

#include "analysis/theory/queueing.h"
#include "queueing_system.h"

namespace offcut::theory_tests::queues_test {
namespace {

const engine::Noise kExponential{engine::Noise::Kind::exponential};

engine::Tier one_server(const std::string& queue, const engine::Noise& noise = {}) {
  return {.noise = noise, .scheduling = {.queue = choose(scheduling::queues(), queue)}};
}

double squared_wait(const engine::RequestRecord& request) {
  return request.server_wait.si() * request.server_wait.si();
}

/// Gives device i a request every 1 / rates[i] seconds; the last device begins halfway.
class EachItsOwn : public workload::Arrivals {
 public:
  EachItsOwn(std::vector<double> rates, Seconds middle)
      : rates_(std::move(rates)), middle_(middle) {}
  Seconds next(Seconds now, workload::ArrivalSource& source) const override {
    const bool sleeps = source.count++ == 0 && source.number + 1 == rates_.size();
    return (sleeps ? middle_ : now) + Seconds(1 / rates_.at(source.number));
  }

 private:
  std::vector<double> rates_;
  Seconds middle_;
};

constexpr double kDeadline = 5;  // The deadline of class i, counted from 1, is i times as long.

double late(const engine::RequestRecord& request) {
  return sojourn_of(request) > kDeadline * static_cast<double>(request.request_class + 1) ? 1 : 0;
}

}  // namespace

TEST_CASE("queues: processor sharing depends on the mean service alone, M/G/1-PS") {
  constexpr double kLoad = 0.7;
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  for (const engine::Noise& noise :
       {kExponential, engine::Noise{}, engine::Noise{engine::Noise::Kind::lognormal, 2}}) {
    for (const bool own_links : {true, false}) {  // By FairShares, by SimGrid.
      QueueingSystem& station = *stations.emplace_back(
          std::make_unique<QueueingSystem>(one_server("processor-sharing", noise), 400'000));
      station.add_poisson(kLoad, 1);
      station.simulation.own_links = own_links;
      simulations.push_back(station.simulation);
    }
  }
  const double theory = analysis::mg1_ps_sojourn(PerSecond(kLoad), Seconds(1)).si();
  for (const engine::Recorded& recorded : engine::record_all(simulations)) {
    CHECK_THEORY(batch_means(each(recorded, sojourn_of)), theory, 0.1);
  }
}

TEST_CASE("queues: processor sharing slows long and short requests down alike") {
  QueueingSystem station(one_server("processor-sharing"), 400'000);
  station.add_poisson(0.8, 0.5);
  station.add_poisson(0.1, 3);
  const engine::Recorded recorded = engine::record(station.simulation);
  const double slowdown = analysis::mg1_ps_sojourn(PerSecond(0.7), Seconds(1)).si();
  CHECK_THEORY(batch_means(each_of(0, recorded, sojourn_of)), 0.5 * slowdown, 0.03);
  CHECK_THEORY(batch_means(each_of(1, recorded, sojourn_of)), 3 * slowdown, 0.05);
}

TEST_CASE("queues: priority of two classes, Cobham") {
  QueueingSystem station(one_server("priority", kExponential), 600'000);
  station.add_poisson(0.25, 2).priority = 1;
  station.add_poisson(0.3, 1).priority = 0;
  const engine::Recorded recorded = engine::record(station.simulation);
  const std::vector<Seconds> theory =
      analysis::priority_waits({{PerSecond(0.3), Seconds(1)}, {PerSecond(0.25), Seconds(2)}});
  CHECK_THEORY(batch_means(each_of(1, recorded, wait_of)), theory[0].si(), 0.03);
  CHECK_THEORY(batch_means(each_of(0, recorded, wait_of)), theory[1].si(), 0.1);
}

TEST_CASE("queues: the shortest job first, Phipps, and first come, first served, M/G/1") {
  const std::vector<analysis::PriorityClass> classes = {{PerSecond(0.5), Seconds(0.5), 0},
                                                        {PerSecond(0.2), Seconds(1), 0},
                                                        {PerSecond(0.07), Seconds(5), 0}};
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  for (const char* queue : {"sjf", "fifo"}) {
    QueueingSystem& station =
        *stations.emplace_back(std::make_unique<QueueingSystem>(one_server(queue), 600'000));
    for (const analysis::PriorityClass& requests : classes) {
      station.add_poisson(requests.arrivals.si(), requests.service.si());
    }
    simulations.push_back(station.simulation);
  }
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  const std::vector<Seconds> theory = analysis::priority_waits(classes);
  double rate = 0, sum = 0, load = 0, second_moment = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const double arrivals = classes[i].arrivals.si(), service = classes[i].service.si();
    CHECK_THEORY(batch_means(each_of(i, runs[0], wait_of)), theory[i].si(), 0.15);
    rate += arrivals;
    sum += arrivals * theory[i].si();
    load += arrivals * service;
    second_moment += arrivals * service * service;
  }
  const Estimate shortest = batch_means(each(runs[0], wait_of));
  const Estimate fifo = batch_means(each(runs[1], wait_of));
  CHECK_THEORY(shortest, sum / rate, 0.05);
  const double cv = std::sqrt(second_moment * rate / (load * load) - 1);
  CHECK_THEORY(fifo, analysis::mg1_wait(PerSecond(rate), Seconds(load / rate), cv).si(), 0.08);
  CHECK(shortest.mean + shortest.half_width < fifo.mean - fifo.half_width);
}

TEST_CASE("queues: the order does not change the mean wait of M/M/1, but lifo its second moment") {
  // First come, first served: P(wait > t) = rho e^(-(1 - rho) t), so E[wait^2] = 2 rho / (1 -
  // rho)^2; last come, first served: 1 / (1 - rho) times that (Takacs, "Delay Distributions for
  // Single Line Queueing Systems with Poisson Input", Operations Research 11(3), 1963).
  constexpr double kLoad = 0.6;
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  for (const char* queue : {"fifo", "lifo", "fair"}) {
    QueueingSystem& station = *stations.emplace_back(
        std::make_unique<QueueingSystem>(one_server(queue, kExponential), 600'000));
    station.add_poisson(kLoad, 1).in_total = true;
    station.simulation.tiers[0].servers = 10;  // The devices of `fair`.
    simulations.push_back(station.simulation);
  }
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  for (const engine::Recorded& recorded : runs) {
    CHECK_THEORY(batch_means(each(recorded, wait_of)),
                 analysis::mm1_wait(PerSecond(kLoad), Seconds(1)).si(), 0.03);
  }
  const double fifo = 2 * kLoad / ((1 - kLoad) * (1 - kLoad));
  CHECK_THEORY(batch_means(each(runs[0], squared_wait)), fifo, 0.1);
  CHECK_THEORY(batch_means(each(runs[1], squared_wait)), fifo / (1 - kLoad), 0.15);
}

TEST_CASE("queues: the earliest deadline first is late less often than first come, first served") {
  // Over all four classes, and in that with the shortest deadline, request by request.
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  for (const char* queue : {"edf", "fifo"}) {
    QueueingSystem& station =
        *stations.emplace_back(std::make_unique<QueueingSystem>(one_server(queue), 300'000));
    for (int i = 1; i <= 4; ++i) {
      station.add_poisson(0.225, 1).deadline = Seconds(kDeadline * i);
    }
    simulations.push_back(station.simulation);
  }
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  const auto check = [](const std::vector<double>& edf, std::vector<double> fewer) {
    for (std::size_t i = 0; i < fewer.size(); ++i) {
      fewer[i] -= edf[i];  // Both have the same arrivals.
    }
    const Estimate difference = batch_means(fewer);
    INFO("late: edf ", batch_means(edf).mean, ", fewer by ", difference.mean, " +- ",
         difference.half_width);
    CHECK(difference.mean - difference.half_width > 0);
  };
  check(each(runs[0], late), each(runs[1], late));
  check(each_of(0, runs[0], late), each_of(0, runs[1], late));
  // Under a heavy load all classes are late alike (Lehoczky, "Real-Time Queueing Theory", RTSS
  // 1996): that is a limit, so to 10 %.
  const double all = batch_means(each(runs[0], late)).mean;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(batch_means(each_of(i, runs[0], late)).mean == doctest::Approx(all).epsilon(0.1));
  }
}

TEST_CASE("queues: with equal deadlines, edf is first come, first served") {
  std::vector<engine::Simulation> simulations;
  std::vector<std::unique_ptr<QueueingSystem>> stations;
  for (const char* queue : {"edf", "fifo"}) {
    QueueingSystem& station = *stations.emplace_back(
        std::make_unique<QueueingSystem>(one_server(queue, kExponential), 20'000));
    station.add_poisson(0.45, 1).deadline = Seconds(3);
    station.add_poisson(0.45, 1).deadline = Seconds(3);
    simulations.push_back(station.simulation);
  }
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  CHECK(each(runs[0], sojourn_of) == each(runs[1], sojourn_of));
}

TEST_CASE("queues: fair shares an overloaded server max-min, whatever the past") {
  // Its capacity is 1 request/s. The first four devices send 0.07, 0.2, 0.3 and 0.55: by water
  // filling (Bertsekas and Gallager, Data Networks, section 6.5.2) the last of them gets the rest,
  // 0.43. Then another one sends 1.3: the first two are still served in full, the others get (1 -
  // 0.27) / 3 each, and no device gets what it could have had before. The server is hardly ever
  // idle before all devices send, so each is off by a request or two, however long the run.
  constexpr double kHalf = 10'000;
  const std::vector<double> rates = {0.07, 0.2, 0.3, 0.55, 1.3};
  QueueingSystem station(one_server("fair"), 0);
  station.add(std::make_unique<EachItsOwn>(rates, Seconds(kHalf)), {Seconds(1)});
  station.simulation.tiers[0].servers = rates.size();
  station.simulation.stop = {.after = Seconds(2 * kHalf)};
  std::vector<double> served(rates.size());
  for (const engine::RequestRecord& request : engine::record(station.simulation).requests) {
    served[request.device] += request.completed() ? 1 : 0;
  }
  for (std::size_t i = 0; i < rates.size(); ++i) {
    CAPTURE(i);
    const double before = i == 4 ? 0 : std::min(rates[i], 0.43);
    const double then = std::min(rates[i], (1 - 0.27) / 3);
    const double off = served[i] - kHalf * (before + then);
    INFO(served[i], " served, ", off, " off");
    CHECK(std::abs(off) <= 2);
  }
}

}  // namespace offcut::theory_tests::queues_test
