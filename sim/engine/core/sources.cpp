// The arrivals of all classes. A source schedules its next request when the last one arrives, or in
// a closed loop when the last one ends. Each source has a random stream of its own.

#include "sim/engine/core/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <numeric>
#include <stdexcept>

#include "sim/engine/core/class_stream.h"

namespace offcut::engine {

namespace {

/// Returns the devices of the class if it does not have all of them, in ascending order.
std::vector<std::size_t> devices_of(const Simulation& simulation,
                                    const RequestClass& request_class) {
  std::vector<std::size_t> devices;
  std::size_t first = 0;
  for (std::size_t group = 0; group < simulation.groups; ++group) {
    const std::size_t end = first + simulation.tiers[group].servers;
    const std::vector<std::size_t>& from = request_class.from;
    if (std::find(from.begin(), from.end(), group) != from.end()) {
      devices.resize(devices.size() + end - first);
      std::iota(devices.end() - static_cast<std::ptrdiff_t>(end - first), devices.end(), first);
    }
    first = end;
  }
  return devices;
}

std::size_t count_devices(const Simulation& simulation) {
  if (simulation.teams) {
    return simulation.sending_devices();
  }
  std::size_t devices = 0;
  for (std::size_t group = 0; group < simulation.groups; ++group) {
    devices += simulation.tiers[group].servers;
  }
  return devices;
}

/// Returns when each device is there, null if it always is; empty if all are.
std::vector<const network::Availability*> presence_of_devices(const Simulation& simulation) {
  std::vector<const network::Availability*> presence;
  bool any = false;
  for (std::size_t group = 0; group < simulation.groups; ++group) {
    const auto& own = simulation.tiers[group].faults.presence;
    for (std::size_t device = 0; device < simulation.tiers[group].servers; ++device) {
      presence.push_back(device < own.size() ? own[device].get() : nullptr);
      any = any || presence.back() != nullptr;
    }
  }
  return any ? presence : std::vector<const network::Availability*>();
}

}  // namespace

Sources::Sources(const Simulation& simulation, EventQueue& events, Listener& listener)
    : simulation_(simulation),
      devices_(count_devices(simulation)),
      events_(events),
      listener_(listener),
      presence_(presence_of_devices(simulation)) {
  for (std::size_t device = 0; device < presence_.size(); ++device) {
    if (presence_[device] != nullptr && presence_[device]->is_never_active()) {
      silence(device);
    }
  }
  for (const RequestClass& request_class : simulation.classes) {
    ClassSources& sources = classes_.emplace_back();
    sources.from = devices_of(simulation, request_class);
    const std::size_t devices = sources.from.empty() ? devices_ : sources.from.size();
    sources.devices = class_stream(simulation.seed, "arrivals", request_class, ", device");
    sources.has_details = request_class.arrivals->has_details();
    const std::size_t count = request_class.in_total ? 1 : devices;
    sources.sources.reserve(count);
    for (std::size_t source = 0; source < count; ++source) {
      // Sources have the numbers of their devices, so that other groups change no arrival.
      const std::size_t number =
          sources.from.empty() || request_class.in_total ? source : sources.from[source];
      sources.sources.push_back(
          {.number = number,
           .stream = class_stream(simulation.seed, "arrivals", request_class, "", number)});
    }
    if (request_class.closed_loop) {
      progress_.resize(devices_);
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
  const RequestClass& settings = simulation_.classes[request_class];
  ClassSources& sources = classes_[request_class];
  Seconds time = settings.arrivals->next(Seconds(events_.now()), sources.sources[source]);
  if (!settings.in_total && !presence_.empty() && time < kNever) {
    const std::size_t device = sources.from.empty() ? source : sources.from[source];
    const network::Availability* presence = presence_of(device);
    if (presence != nullptr && (settings.closed_loop || presence->is_never_active())) {
      time = Seconds(presence->next_active(time.si()));
    }
  }
  if (time < kNever) {
    ++scheduled_;
    events_.schedule_in_background(time.si(), *this, static_cast<std::uint32_t>(request_class),
                                   static_cast<std::uint32_t>(source));
  }
}

void Sources::handle(std::uint32_t request_class, std::uint32_t source, void* subject) {
  if (!presence_.empty() && subject == nullptr) {  // Devices that come back now do so first.
    events_.schedule_in_background(events_.now(), *this, request_class, source, this);
    return;
  }
  const bool was_over = is_over();
  --scheduled_;
  if (was_over) {
    return;
  }
  const RequestClass& settings = simulation_.classes[request_class];
  const std::size_t device = device_of(settings, classes_[request_class], source);
  workload::RequestDetail detail;
  if (classes_[request_class].has_details) {
    detail = settings.arrivals->detail(classes_[request_class].sources[source]);
  }
  const bool goes_on = settings.in_total ? any_speaks(request_class, device) : !is_silent(device);
  if (!settings.closed_loop && goes_on) {
    schedule(request_class, source);
  }
  const network::Availability* presence = presence_of(device);
  const bool is_away = presence != nullptr && !presence->is_active(events_.now());
  if (is_silent(device) || is_away) {
    note_away();
    listener_.does_not_arrive();
    return;
  }
  away_in_a_row_ = 0;
  if (settings.closed_loop) {
    check_progress(progress_[device]);
  }
  ++arrived_;
  listener_.arrives(request_class, device, detail);
}

/// Returns the device of the request that a source sends now.
std::size_t Sources::device_of(const RequestClass& settings, ClassSources& sources,
                               std::size_t source) {
  const std::size_t devices = sources.from.empty() ? devices_ : sources.from.size();
  const std::size_t number =
      settings.in_total
          ? boost::random::uniform_int_distribution<std::size_t>(0, devices - 1)(sources.devices)
          : source;
  return sources.from.empty() ? number : sources.from[number];
}

/// Returns whether any device of the class still sends requests; the one given is tried first.
bool Sources::any_speaks(std::size_t request_class, std::size_t device) const {
  const std::vector<std::size_t>& from = classes_[request_class].from;
  return !is_silent(device) || from.empty() ||
         !std::all_of(from.begin(), from.end(),
                      [this](std::size_t other) { return is_silent(other); });
}

void Sources::silence(std::size_t device) {
  silent_.resize(devices_);
  if (silent_[device] == 0) {
    silent_[device] = 1;
    ++silent_devices_;
  }
}

void Sources::ended(std::size_t request_class, std::size_t device) {
  if (simulation_.classes[request_class].closed_loop && !is_silent(device)) {
    const std::vector<std::size_t>& from = classes_[request_class].from;
    const auto place = std::lower_bound(from.begin(), from.end(), device);
    schedule(request_class, from.empty() ? device : static_cast<std::size_t>(place - from.begin()));
  }
}

bool Sources::is_over() const {
  return scheduled_ == 0 || silent_devices_ == devices_ ||
         (simulation_.stop.requests && arrived_ >= *simulation_.stop.requests);
}

/// Arrivals at regular times may meet each device only while it is away.
void Sources::note_away() {
  constexpr std::int64_t kMost = 1'000'000;
  if (simulation_.stop.requests && !presence_.empty() && ++away_in_a_row_ >= kMost) {
    throw std::runtime_error(fmt::format(
        "the run does not reach its {} requests: none of the last {} arrived, since their devices "
        "were away",
        *simulation_.stop.requests, kMost));
  }
}

/// A closed loop without think time, whose requests all end at once, would never reach the time at
/// which the run ends.
void Sources::check_progress(Progress& device) const {
  constexpr std::int64_t kMost = 1'000'000;
  device.at_once = events_.now() > device.last ? 0 : device.at_once + 1;
  device.last = events_.now();
  if (!simulation_.stop.requests && device.at_once >= kMost) {
    throw std::runtime_error(fmt::format(
        "a device sends requests endlessly at {} s: they end at once, and it does not think",
        device.last));
  }
}

}  // namespace offcut::engine
