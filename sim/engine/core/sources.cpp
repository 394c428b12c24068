// The arrivals of all classes. A source schedules its next request when the last one arrives, or in
// a closed loop when the last one ends. Each source has a random stream of its own.

#include "sim/engine/core/sources.h"

#include <fmt/format.h>

#include <boost/random/uniform_int_distribution.hpp>
#include <stdexcept>

#include "sim/engine/core/class_stream.h"

namespace offcut::engine {

Sources::Sources(const Simulation& simulation, EventQueue& events, Listener& listener)
    : simulation_(simulation), events_(events), listener_(listener) {
  const std::size_t devices = simulation.tiers[0].servers;
  for (const RequestClass& request_class : simulation.classes) {
    ClassSources& sources = classes_.emplace_back();
    sources.devices = class_stream(simulation.seed, "arrivals", request_class, ", device");
    sources.has_details = request_class.arrivals->has_details();
    for (std::size_t source = 0; source < (request_class.in_total ? 1 : devices); ++source) {
      sources.sources.push_back(
          {.number = source,
           .stream = class_stream(simulation.seed, "arrivals", request_class, "", source)});
    }
    if (request_class.closed_loop) {
      progress_.resize(devices);
    }
  }
}

void Sources::start() {
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    for (std::size_t source = 0; source < classes_[i].sources.size(); ++source) {
      schedule(i, source);
    }
  }
}

void Sources::schedule(std::size_t request_class, std::size_t source) {
  const Seconds time = simulation_.classes[request_class].arrivals->next(
      Seconds(events_.now()), classes_[request_class].sources[source]);
  if (time < kNever) {
    ++scheduled_;
    events_.schedule_in_background(time.si(), *this, static_cast<std::uint32_t>(request_class),
                                   static_cast<std::uint32_t>(source));
  }
}

void Sources::handle(std::uint32_t request_class, std::uint32_t source, void* /*subject*/) {
  const bool was_over = is_over();
  --scheduled_;
  if (was_over) {
    return;
  }
  const RequestClass& settings = simulation_.classes[request_class];
  const std::size_t device =
      settings.in_total ? boost::random::uniform_int_distribution<std::size_t>(
                              0, simulation_.tiers[0].servers - 1)(classes_[request_class].devices)
                        : source;
  workload::RequestDetail detail;
  if (classes_[request_class].has_details) {
    detail = settings.arrivals->detail(classes_[request_class].sources[source]);
  }
  if (!settings.closed_loop && (settings.in_total || !is_silent(device))) {
    schedule(request_class, source);
  }
  if (is_silent(device)) {
    listener_.does_not_arrive();
    return;
  }
  if (settings.closed_loop) {
    check_progress(progress_[device]);
  }
  ++arrived_;
  listener_.arrives(request_class, device, detail);
}

void Sources::silence(std::size_t device) {
  silent_.resize(simulation_.tiers[0].servers);
  silent_[device] = 1;
  ++silent_devices_;
}

void Sources::ended(std::size_t request_class, std::size_t device) {
  if (simulation_.classes[request_class].closed_loop && !is_silent(device)) {
    schedule(request_class, device);
  }
}

bool Sources::is_over() const {
  return scheduled_ == 0 || silent_devices_ == simulation_.tiers[0].servers ||
         (simulation_.stop.requests && arrived_ >= *simulation_.stop.requests);
}

/// A closed loop without think time, whose requests all end at once, would never reach the time at
/// which the run ends.
void Sources::check_progress(Progress& device) const {
  constexpr std::int64_t kMost = 1'000'000;
  device.at_once = events_.now() > device.last ? 0 : device.at_once + 1;
  device.last = events_.now();
  if (simulation_.stop.after && device.at_once >= kMost) {
    throw std::runtime_error(fmt::format(
        "a device sends requests endlessly at {} s: they end at once, and it does not think",
        device.last));
  }
}

}  // namespace offcut::engine
