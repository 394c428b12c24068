#include "small_systems.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/study/isolate.h"

namespace offcut::engine {
namespace {

double parts(const RequestRecord& r) {
  return (r.device_wait + r.device_compute + r.upload_wait + r.upload + r.server_wait +
          r.server_compute + r.download + r.lost + r.team + r.handover)
      .si();
}

const char* name_of(RunEvent::Kind kind) {
  constexpr const char* kNames[] = {
      "machine_down",     "machine_up",      "link_down",     "link_up",          "model_loading",
      "model_evicted",    "battery_low",     "battery_empty", "machine_starting", "machine_ready",
      "machine_stopping", "machine_stopped", "cold_start",    "handover_begins",  "handover_ends"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

Seconds Times::next(Seconds, workload::ArrivalSource& source) const {
  const std::vector<double>& times = times_.at(source.number);
  return source.count < times.size() ? Seconds(times[source.count++]) : kNever;
}

RequestClass& add_class(Simulation& simulation, PlannedClass planned) {
  planned.itinerary = simulation.itineraries.size();
  simulation.itineraries.push_back(std::move(static_cast<Itinerary&>(planned)));
  return simulation.classes.emplace_back(std::move(static_cast<RequestClass&>(planned)));
}

void set_fallback(Simulation& simulation, std::size_t request_class, Seconds alone) {
  const Stage& on_device = simulation.itinerary_of(request_class).stages.front();
  simulation.classes[request_class].fallback = simulation.itineraries.size();
  simulation.itineraries.push_back(
      on_device_alone(alone, simulation.tiers.size(), on_device.model));
}

PlannedClass asks(const workload::Arrivals& arrivals, std::vector<double> service, double bytes) {
  PlannedClass planned;
  planned.arrivals = &arrivals;
  planned.stages = {{}, {.used = true}};
  planned.crossings = {{.goes_up = true, .up_bytes = Bytes(bytes)}};
  planned.stages[1].service.clear();
  for (const double seconds : service) {
    planned.stages[1].service.emplace_back(seconds);
  }
  return planned;
}

Simulation system_of(std::size_t devices, Tier servers, std::vector<PlannedClass> classes) {
  if (servers.name.empty()) {
    servers.name = "edge";
  }
  Simulation simulation;
  simulation.tiers = {{.name = "device", .servers = devices}, std::move(servers)};
  simulation.hops = {{.name = "hop", .hop = {BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}};
  for (PlannedClass& planned : classes) {
    add_class(simulation, std::move(planned));
  }
  for (std::size_t i = 0; simulation.classes.size() > 1 && i < simulation.classes.size(); ++i) {
    simulation.classes[i].name = fmt::format("class {}", i);
  }
  simulation.stop.requests = 1'000'000'000;
  return simulation;
}

Recorded run(const Simulation& simulation) {
  Recorded recorded = record(simulation);
  std::sort(recorded.requests.begin(), recorded.requests.end(),
            [](const auto& a, const auto& b) { return a.request < b.request; });
  const auto wrong =
      std::find_if(recorded.requests.begin(), recorded.requests.end(), [](const RequestRecord& r) {
        return r.completed() &&
               std::abs(parts(r) - r.latency().si()) > 1e-9 * std::max(1.0, r.completion.si());
      });
  CHECK(wrong - recorded.requests.begin() == std::ssize(recorded.requests));
  return recorded;
}

std::string ends(const Recorded& recorded) {
  std::string text;
  for (const RequestRecord& r : recorded.requests) {
    text += text.empty() ? "" : " ";
    text += r.ending == Ending::in_flight
                ? "-"
                : fmt::format("{}{:.10g}", r.completed() ? "" : "x", r.completion.si());
  }
  return text;
}

std::string ends(const Simulation& simulation) { return ends(run(simulation)); }

std::string events(const Simulation& simulation) {
  const study::IsolatedJob job = [&](const ProgressSink&) {
    std::string text;
    simulate(simulation, {.event = [&](const RunEvent& event) {
               const bool is_model = event.kind == RunEvent::Kind::model_loading ||
                                     event.kind == RunEvent::Kind::model_evicted;
               const bool is_handover = event.kind == RunEvent::Kind::handover_begins ||
                                        event.kind == RunEvent::Kind::handover_ends;
               text += fmt::format("{:.10g} {} {}.{}{}\n", event.time.si(), name_of(event.kind),
                                   event.where, event.which,
                                   is_model      ? fmt::format(" of {}", event.request_class)
                                   : is_handover ? fmt::format(" {}-{}", event.from, event.to)
                                                 : "");
             }});
    return text;
  };
  return study::run_isolated({job}, 1).front();
}

std::string decisions(const Simulation& simulation) {
  const study::IsolatedJob job = [&](const ProgressSink&) {
    std::string text;
    simulate(simulation, {.decision = [&](const Decision& d) {
               text += fmt::format("{:.10g}: {} {} {}.{}", d.time.si(), d.request,
                                   d.admitted ? "to" : "rejected by", d.tier, d.first + d.chosen);
               for (const scheduling::ServerState& server : d.servers) {
                 text += fmt::format(", {}+{} {:.10g} s", server.waiting, server.running,
                                     server.work(d.time).si());
               }
               text += '\n';
             }});
    return text;
  };
  return study::run_isolated({job}, 1).front();
}

}  // namespace offcut::engine
