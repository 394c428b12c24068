#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../sim/engine/recorded.h"
#include "../sim/scheduling/policy.h"
#include "batch_means.h"

namespace offcut::theory_tests {

template <class Kind>
scheduling::Choice<Kind> choose(const Registry<Kind>& registry, const std::string& name,
                                scheduling::Values values = {}) {
  const Kind* kind = registry.find(name);
  return {kind, scheduling::with(kind->parameters, values)};
}

/// A tier of servers as a queueing system: a device passes its requests on to it at once.
class QueueingSystem {
 public:
  QueueingSystem(engine::Tier servers, std::int64_t requests, std::uint64_t seed = 1) {
    servers.name = "station";
    simulation.seed = seed;
    simulation.tiers = {{.name = "device"}, std::move(servers)};
    simulation.hops = {{.name = "hop", .hop = {BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}};
    simulation.stop.requests = requests;
  }

  /// Adds a class of requests. `service` has the times of batches of 1, 2, ...
  engine::RequestClass& add(std::unique_ptr<workload::Arrivals> arrivals,
                            std::vector<Seconds> service) {
    engine::RequestClass added{.name = "class" + std::to_string(simulation.classes.size())};
    added.itinerary = simulation.itineraries.size();
    simulation.itineraries.push_back({.stages = {{}, {.used = true, .service = std::move(service)}},
                                      .crossings = {{.goes_up = true}}});
    added.arrivals = arrivals_.emplace_back(std::move(arrivals)).get();
    return simulation.classes.emplace_back(std::move(added));
  }
  engine::RequestClass& add_poisson(double rate, double service) {
    return add(engine::make_arrivals("poisson", {{"rate", rate}}), {Seconds(service)});
  }

  engine::Tier& servers() { return simulation.tiers[1]; }

  engine::Simulation simulation;

 private:
  std::vector<std::unique_ptr<workload::Arrivals>> arrivals_;
};

/// Returns the value of each request, in order of arrival.
template <class Value>
std::vector<double> each(const engine::Recorded& recorded, Value value) {
  std::vector<engine::RequestRecord> requests = recorded.requests;
  std::sort(requests.begin(), requests.end(),
            [](const auto& a, const auto& b) { return a.request < b.request; });
  std::vector<double> values;
  for (const engine::RequestRecord& request : requests) {
    values.push_back(value(request));
  }
  return values;
}

inline double wait_of(const engine::RequestRecord& request) { return request.server_wait.si(); }
inline double sojourn_of(const engine::RequestRecord& request) { return request.latency().si(); }
inline double dropped(const engine::RequestRecord& request) { return request.completed() ? 0 : 1; }

/// Returns the values of the requests of one class alone.
template <class Value>
std::vector<double> each_of(std::size_t request_class, engine::Recorded recorded, Value value) {
  std::erase_if(recorded.requests, [&](const auto& r) { return r.request_class != request_class; });
  return each(recorded, value);
}

}  // namespace offcut::theory_tests

/// Checks that the interval includes the theoretical value and is narrow enough to mean something.
#define CHECK_THEORY(estimate, theory, finest)                                                \
  do {                                                                                        \
    const offcut::theory_tests::Estimate seen_ = (estimate);                                  \
    const double theory_ = (theory);                                                          \
    INFO(seen_.mean, " +- ", seen_.half_width, " (", 100 * seen_.precision(), " %), theory ", \
         theory_, ": ", 100 * (seen_.mean / theory_ - 1), " % off");                          \
    CHECK(seen_.holds(theory_));                                                              \
    CHECK(seen_.precision() < (finest));                                                      \
  } while (false)
