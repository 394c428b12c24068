// Random small systems, compared with a naive simulator of their own: each request's end, fate and
// times, and the sums over tiers, hops and classes.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "naive_simulator.h"
#include "random_simulation.h"
#include "recorded.h"
#include "small_random_system.h"

namespace offcut::engine::naive_test {
namespace {

/// Collects the names of the figures that differ.
class Differences {
 public:
  explicit Differences(std::string prefix = "") : prefix_(std::move(prefix)) {}
  void compare(const char* name, double engine, double naive) {
    if (!(std::abs(engine - naive) <= 1e-9 * std::max(1.0, std::abs(naive)))) {
      text_ += fmt::format("{}{}: {} in the engine, {} by hand\n", prefix_, name, engine, naive);
    }
  }
  void compare(const char* name, const std::string& engine, const std::string& naive) {
    if (engine != naive) {
      text_ +=
          fmt::format("{}{}: '{}' in the engine, '{}' by hand\n", prefix_, name, engine, naive);
    }
  }
  void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }
  const std::string& text() const { return text_; }

 private:
  std::string prefix_, text_;
};

void compare_request(Differences& differences, const Simulation& simulation, const NaiveRun& naive,
                     const RequestRecord& a) {
  const auto number = static_cast<std::size_t>(a.request);
  const RequestRecord& b = naive.requests[number];
  differences.set_prefix(fmt::format("request {}, ", number));
  const auto compare = [&](const char* name, auto engine, auto by_hand) {
    differences.compare(name, static_cast<double>(engine), static_cast<double>(by_hand));
  };
  compare("device", a.device, b.device);
  compare("class", a.request_class, b.request_class);
  compare("arrival", a.arrival.si(), b.arrival.si());
  compare("ending", a.ending, b.ending);
  compare("failures", a.failures, b.failures);
  compare("fell back", a.fell_back, b.fell_back);
  compare("failover", a.failover, b.failover);
  compare("upload bytes", a.upload_bytes.si(), b.upload_bytes.si());
  compare("download bytes", a.download_bytes.si(), b.download_bytes.si());
  compare("device_wait", a.device_wait.si(), b.device_wait.si());
  compare("device_compute", a.device_compute.si(), b.device_compute.si());
  compare("upload_wait", a.upload_wait.si(), b.upload_wait.si());
  compare("upload", a.upload.si(), b.upload.si());
  compare("server_wait", a.server_wait.si(), b.server_wait.si());
  compare("server_compute", a.server_compute.si(), b.server_compute.si());
  compare("download", a.download.si(), b.download.si());
  compare("lost", a.lost.si(), b.lost.si());
  if (a.ending != Ending::in_flight) {
    compare("completion", a.completion.si(), b.completion.si());
  }
  const bool is_dropped = a.ending == Ending::dropped;
  differences.compare("reason", is_dropped ? drop_reasons(simulation).at(a.reason) : "",
                      naive.reasons[number]);
}

void compare_tier(Differences& differences, const TierUsage& a, const NaiveTier& b,
                  double duration) {
  differences.set_prefix(a.name + ", ");
  differences.compare("served", double(a.served), double(b.served));
  differences.compare("batches", double(a.batches), double(b.batches));
  differences.compare("rejected", double(a.rejected), double(b.rejected));
  differences.compare("lost", double(a.lost), double(b.lost));
  differences.compare("left", double(a.left), double(b.left));
  differences.compare("most waiting", double(a.most_waiting), double(b.most_waiting));
  differences.compare("busy", a.busy.si(), b.busy);
  differences.compare("waited", a.waited.si(), b.waited);
  differences.compare("mean jobs", a.mean_jobs * duration, b.job_time);
}

void compare_hop(Differences& differences, const HopUsage& a, const NaiveHop& b, double duration) {
  const auto compare = [&](const char* way, Bytes bytes, std::int64_t messages, std::int64_t lost,
                           const Traffic& traffic, const LinkLoad& load,
                           const NaiveDirection& naive) {
    differences.set_prefix(fmt::format("{} {}, ", a.name, way));
    differences.compare("bytes", bytes.si(), naive.bytes);
    differences.compare("messages", double(messages), double(naive.messages));
    differences.compare("lost", double(lost), double(naive.lost));
    differences.compare("left", double(traffic.left), double(naive.left));
    differences.compare("in part", traffic.in_part.si(), naive.in_part);
    differences.compare("mean messages", traffic.mean_messages * duration, naive.message_time);
    differences.compare("offered", load.offered.si(), naive.offered);
  };
  compare("up", a.up, a.up_messages, a.up_lost, a.up_traffic, a.up_load, b.up);
  compare("down", a.down, a.down_messages, a.down_lost, a.down_traffic, a.down_load, b.down);
}

void compare_classes(Differences& differences, const Simulation& simulation, const RunRecord& run,
                     const NaiveRun& naive) {
  std::int64_t in_flight_late = 0;
  double age = 0, oldest = 0;
  for (std::size_t i = 0; i < run.classes.size(); ++i) {
    ClassUsage sums;
    for (const RequestRecord& request : naive.requests) {
      if (request.request_class != i) {
        continue;
      }
      const double deadline = simulation.classes[i].deadline.si();
      ++sums.arrived;
      sums.completed += request.ending == Ending::completed ? 1 : 0;
      sums.dropped += request.ending == Ending::dropped ? 1 : 0;
      sums.late += request.completed() && request.latency().si() > deadline ? 1 : 0;
      sums.fell_back += request.fell_back ? 1 : 0;
      sums.failures += request.failures;
      if (request.ending == Ending::in_flight) {
        ++sums.in_flight;
        age += naive.duration - request.arrival.si();
        oldest = std::max(oldest, naive.duration - request.arrival.si());
        in_flight_late += naive.duration - request.arrival.si() > deadline ? 1 : 0;
      }
    }
    const ClassUsage& a = run.classes[i];
    differences.set_prefix(a.name + ", ");
    differences.compare("arrived", double(a.arrived), double(sums.arrived));
    differences.compare("completed", double(a.completed), double(sums.completed));
    differences.compare("dropped", double(a.dropped), double(sums.dropped));
    differences.compare("in flight", double(a.in_flight), double(sums.in_flight));
    differences.compare("late", double(a.late), double(sums.late));
    differences.compare("fell back", double(a.fell_back), double(sums.fell_back));
    differences.compare("failures", double(a.failures), double(sums.failures));
  }
  differences.set_prefix("run, ");
  differences.compare("in flight, late", double(run.in_flight_late), double(in_flight_late));
  differences.compare("in flight, age", run.in_flight_age.si(), age);
  differences.compare("in flight, oldest", run.oldest_in_flight.si(), oldest);
}

std::string differences_of(const Simulation& simulation, const Recorded& recorded) {
  const NaiveRun naive = NaiveSimulator(simulation).run();
  Differences differences;
  differences.compare("requests", double(recorded.requests.size()), double(naive.requests.size()));
  differences.compare("duration", recorded.run.duration.si(), naive.duration);
  if (recorded.requests.size() != naive.requests.size()) {
    return differences.text();
  }
  for (const RequestRecord& request : recorded.requests) {
    compare_request(differences, simulation, naive, request);
  }
  for (std::size_t i = 0; i < naive.tiers.size(); ++i) {
    compare_tier(differences, recorded.run.tiers[i], naive.tiers[i], naive.duration);
  }
  for (std::size_t i = 0; i < naive.hops.size(); ++i) {
    compare_hop(differences, recorded.run.hops[i], naive.hops[i], naive.duration);
  }
  compare_classes(differences, simulation, recorded.run, naive);
  return differences.text();
}

/// OFFCUT_SMALL=first-last replaces the seeds, to repeat one or to try others.
void check_systems(std::uint64_t first, std::uint64_t last, SmallRandomSystem::Times times) {
  if (const char* chosen = std::getenv("OFFCUT_SMALL")) {
    char* rest = nullptr;
    first = std::strtoull(chosen, &rest, 10);
    last = *rest == '-' ? std::strtoull(rest + 1, nullptr, 10) : first;
  }
  constexpr std::uint64_t kAtOnce = 20;
  for (; first <= last; first += kAtOnce) {
    std::vector<std::unique_ptr<SmallRandomSystem>> systems;
    std::vector<Simulation> simulations;
    for (std::uint64_t seed = first; seed <= std::min(last, first + kAtOnce - 1); ++seed) {
      systems.push_back(std::make_unique<SmallRandomSystem>(seed, times));
      simulations.push_back(systems.back()->simulation);
    }
    const std::vector<Recorded> recorded = record_all(simulations);
    for (std::size_t i = 0; i < recorded.size(); ++i) {
      INFO(describe(simulations[i]));
      CHECK(differences_of(simulations[i], recorded[i]) == "");
    }
  }
}

}  // namespace

TEST_CASE("naive simulator: 250 small random systems, request by request" *
          doctest::test_suite("slow")) {
  check_systems(1, 250, SmallRandomSystem::Times::any);
}

TEST_CASE("naive simulator: 250 small random systems, many of whose events are at one time" *
          doctest::test_suite("slow")) {
  check_systems(1, 250, SmallRandomSystem::Times::quarters);
}

TEST_CASE("naive simulator: 250 others, request by request" * doctest::test_suite("slow")) {
  check_systems(251, 500, SmallRandomSystem::Times::any);
}

TEST_CASE("naive simulator: 250 others, many of whose events are at one time" *
          doctest::test_suite("slow")) {
  check_systems(251, 500, SmallRandomSystem::Times::quarters);
}

}  // namespace offcut::engine::naive_test
