// What holds of every run, on a chain with noise that is too complex to compute by hand: requests
// are conserved, their times add up, and a seed determines them. Also the observers of a run.

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "recorded.h"
#include "sim/study/isolate.h"

namespace offcut::engine::invariants_test {
namespace {

/// Returns a system of three busy tiers with noise everywhere, too complex to compute by hand.
OneClass busy_chain(const workload::Arrivals& arrivals, std::size_t devices = 20) {
  const Noise lognormal{Noise::Kind::lognormal, 0.5};
  return {.seed = 7,
          .tiers = {{.name = "device",
                     .servers = devices,
                     .used = true,
                     .service = Seconds(0.3),
                     .noise = {Noise::Kind::exponential}},
                    {.name = "edge",
                     .servers = 2,
                     .used = true,
                     .service = Seconds(0.06),
                     .noise = lognormal},
                    {.name = "cloud",
                     .servers = 3,
                     .used = true,
                     .service = Seconds(0.1),
                     .noise = lognormal}},
          .hops = {{.name = "device-edge",
                    .hop = hop(1000, 500, 0.01),
                    .goes_up = true,
                    .up_bytes = Bytes(300),
                    .comes_down = true,
                    .down_bytes = Bytes(50)},
                   {.name = "edge-cloud",
                    .hop = hop(9000, 9000, 0.02),
                    .shared = true,
                    .goes_up = true,
                    .up_bytes = Bytes(200),
                    .comes_down = true,
                    .down_bytes = Bytes(50)}},
          .arrivals = &arrivals,
          .stop = {.requests = 5000}};
}

double parts(const RequestRecord& r) {
  return (r.device_wait + r.device_compute + r.upload_wait + r.upload + r.server_wait +
          r.server_compute + r.download)
      .si();
}

bool same(const RequestRecord& a, const RequestRecord& b) {
  return a.request == b.request && a.device == b.device && a.ending == b.ending &&
         a.arrival == b.arrival && a.completion == b.completion && a.device_wait == b.device_wait &&
         a.device_compute == b.device_compute && a.upload_wait == b.upload_wait &&
         a.upload == b.upload && a.server_wait == b.server_wait &&
         a.server_compute == b.server_compute && a.download == b.download;
}

bool same(const std::vector<RequestRecord>& a, const std::vector<RequestRecord>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}

}  // namespace

TEST_CASE("simulate: a run that stops under load loses no request and counts none twice") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 1.2}});
  OneClass simulation = busy_chain(*arrivals);
  simulation.stop = {.after = Seconds(100)};
  const Recorded recorded = record(simulation);
  const RunRecord& run = recorded.run;
  CHECK(run.arrived == run.completed + run.dropped + run.in_flight);
  CHECK(run.in_flight > 10);
  REQUIRE(recorded.requests.size() == static_cast<std::size_t>(run.arrived));
  std::set<std::int64_t> numbers;
  for (const RequestRecord& r : recorded.requests) {
    numbers.insert(r.request);
  }
  CHECK(numbers.size() == recorded.requests.size());
  CHECK(*numbers.rbegin() == run.arrived - 1);
  // Answered requests come first, in the order of their answers.
  const auto completed = static_cast<std::ptrdiff_t>(run.completed);
  CHECK(std::all_of(recorded.requests.begin(), recorded.requests.begin() + completed,
                    [](const RequestRecord& r) { return r.completed(); }));
  CHECK(std::is_sorted(recorded.requests.begin(), recorded.requests.begin() + completed,
                       [](const auto& a, const auto& b) { return a.completion < b.completion; }));
}

TEST_CASE("simulate: the times of each request add up to its latency") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 1}});
  const Recorded recorded = record(busy_chain(*arrivals));
  REQUIRE(recorded.requests.size() == 5000);
  double waited = 0;
  for (const RequestRecord& r : recorded.requests) {
    CHECK(parts(r) == about(r.latency().si()));
    for (const Seconds part : {r.device_wait, r.device_compute, r.upload_wait, r.upload,
                               r.server_wait, r.server_compute, r.download}) {
      CHECK(part >= Seconds(0));
    }
    waited += r.upload_wait.si() + r.server_wait.si() + r.device_wait.si();
  }
  CHECK(waited > 100);  // Without contention, this test would show nothing.
}

TEST_CASE("simulate: the records of tiers and hops are sums over the requests") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 1}});
  const Recorded recorded = record(busy_chain(*arrivals));
  double device_busy = 0;
  double server_busy = 0;
  double device_wait = 0;
  double server_wait = 0;
  for (const RequestRecord& r : recorded.requests) {
    device_busy += r.device_compute.si();
    server_busy += r.server_compute.si();
    device_wait += r.device_wait.si();
    server_wait += r.server_wait.si();
  }
  const auto& tiers = recorded.run.tiers;
  CHECK(tiers[0].busy.si() == about(device_busy));
  CHECK((tiers[1].busy + tiers[2].busy).si() == about(server_busy));
  CHECK(tiers[0].waited.si() == about(device_wait));
  CHECK((tiers[1].waited + tiers[2].waited).si() == about(server_wait));
  for (const TierUsage& tier : tiers) {
    CHECK(tier.served == 5000);
  }
  const auto& hops = recorded.run.hops;
  CHECK(hops[0].up == Bytes(5000 * 300));
  CHECK(hops[1].up == Bytes(5000 * 200));
  CHECK(hops[0].down == Bytes(5000 * 50));
  CHECK(hops[1].down_messages == 5000);
}

TEST_CASE("simulate: the same seed gives the same records, bit for bit; another seed others") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 1}});
  const OneClass simulation = busy_chain(*arrivals);
  OneClass other = simulation;
  other.seed = 8;
  const std::vector<Recorded> runs = record_all({simulation, simulation, other});
  CHECK(same(runs[0].requests, runs[1].requests));
  CHECK(runs[0].run.duration == runs[1].run.duration);
  CHECK(runs[0].run.tiers[1].busy == runs[1].run.tiers[1].busy);
  CHECK(!same(runs[0].requests, runs[2].requests));
  CHECK(runs[0].run.duration != runs[2].run.duration);
}

TEST_CASE("simulate: more devices don't change the arrivals of the others") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 1}});
  OneClass few = busy_chain(*arrivals, 2);
  few.stop = {.after = Seconds(200)};
  OneClass many = busy_chain(*arrivals, 50);
  many.stop = {.after = Seconds(200)};
  const std::vector<Recorded> runs = record_all({few, many});
  for (const std::size_t device : {0U, 1U}) {
    CHECK(arrivals_of(runs[0], device).size() > 100);
    CHECK(arrivals_of(runs[0], device) == arrivals_of(runs[1], device));
  }
  CHECK(arrivals_of(runs[1], 0) != arrivals_of(runs[1], 1));
}

TEST_CASE("simulate: two plans under one seed see the same arrivals") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 1}});
  OneClass split = busy_chain(*arrivals, 5);
  split.stop = {.after = Seconds(200)};
  OneClass at_home = split;
  at_home.tiers[0].service = Seconds(0.5);
  at_home.tiers[1].used = at_home.tiers[2].used = false;
  for (OneClass::HopLoad& hop : at_home.hops) {
    hop.goes_up = hop.comes_down = false;
  }
  const std::vector<Recorded> runs = record_all({split, at_home});
  CHECK(runs[0].run.arrived == runs[1].run.arrived);
  for (std::size_t device = 0; device < 5; ++device) {
    CHECK(arrivals_of(runs[0], device) == arrivals_of(runs[1], device));
  }
}

TEST_CASE("simulate: an exception of a sink reaches the caller") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 1}});
  const OneClass simulation = busy_chain(*arrivals);
  const study::IsolatedJob job = [&](const ProgressSink&) {
    simulate(simulation, {.request = [](const RequestRecord& request) {
               if (request.request == 100) {
                 throw std::runtime_error("the disk is full");
               }
             }});
    return std::string();
  };
  CHECK_THROWS_WITH_AS(study::run_isolated({job}, 1), "the disk is full", std::runtime_error);
}

TEST_CASE("simulate: reports its progress from 0 to 1") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 1}});
  for (const bool by_count : {true, false}) {
    OneClass simulation = busy_chain(*arrivals);
    simulation.stop = by_count ? Stop{.requests = 5000} : Stop{.after = Seconds(250)};
    const study::IsolatedJob job = [&](const ProgressSink&) {
      std::vector<double> seen;
      simulate(simulation, {.progress = [&](double done) { seen.push_back(done); }});
      const bool fine = seen.size() >= 4 && std::is_sorted(seen.begin(), seen.end()) &&
                        seen.front() > 0 && seen.front() < 0.5 && seen.back() > 0.7 &&
                        seen.back() <= 1;
      return std::string(fine ? "fine" : "wrong");
    };
    CHECK(study::run_isolated({job}, 1).front() == "fine");
  }
}

}  // namespace offcut::engine::invariants_test
