// The rows of a viewer. Processes come in the order of a request's way: the requests of the
// devices, the devices, the later tiers, and the links; threads are by number within their process.
// Numbers of threads differ between processes, too, since some viewers know a thread by its number
// alone.

#include "analysis/timeline/timeline_tracks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace offcut::analysis {

using engine::RunEvent;
using engine::Span;

TimelineTracks::TimelineTracks(const engine::Simulation& simulation)
    : simulation_(simulation),
      attachment_(engine::attachment_of(simulation.tiers, simulation.hops, simulation.groups)),
      legs_(simulation),
      processes_{"run"} {
  const auto add = [&](std::string name) {
    processes_.push_back(std::move(name));
    return processes_.size() - 1;
  };
  for (std::size_t group = 0; group < simulation.groups; ++group) {
    requests_.push_back(add(fmt::format("requests of {}", simulation.tiers[group].name)));
  }
  for (const engine::Tier& tier : simulation.tiers) {
    tiers_.push_back(add(tier.name));
  }
  for (std::size_t leg = 0; leg < legs_.count(); ++leg) {
    std::vector<std::string> hops;
    for (const std::size_t hop : legs_.hops(leg)) {
      hops.push_back(simulation.hops[hop].name);
    }
    legs_of_.push_back(add(fmt::format("links {}", fmt::join(hops, ", "))));
  }
  if (simulation.teams) {
    teams_ = add(fmt::format("links {0}-{0}", simulation.tiers[0].name));
  }
}

TimelineTracks::Key TimelineTracks::of_requests(std::size_t device) const {
  const std::size_t group = attachment_.group_of(device);
  return {requests_[group], device - attachment_.first_device(group)};
}

TimelineTracks::Key TimelineTracks::of_device(std::size_t device) const {
  const std::size_t group = attachment_.group_of(device);
  return of_machine(group, device - attachment_.first_device(group));
}

TimelineTracks::Key TimelineTracks::of_span(const Span& span) const {
  switch (span.kind) {
    case Span::Kind::computation:
      break;
    case Span::Kind::message:
      return of_link(span.place, span.which, span.up);
    case Span::Kind::team_message:
      return {teams_, 2 * span.which + (span.up ? 0 : 1)};
  }
  return of_machine(span.place, span.which);
}

TimelineTracks::Key TimelineTracks::of_event(const RunEvent& event) const {
  switch (event.kind) {
    case RunEvent::Kind::link_down:
    case RunEvent::Kind::link_up:
      return of_link(event.where, event.which, true);
    case RunEvent::Kind::model_pushed:
    case RunEvent::Kind::model_updated:
    case RunEvent::Kind::data_uploaded:  // Of a later tier, `which` is a site.
      return event.where < simulation_.groups ? of_machine(event.where, event.which) : of_run();
    default:
      return of_machine(event.where, event.which);
  }
}

std::string TimelineTracks::machine_name(std::size_t tier, std::size_t machine) const {
  const engine::Tier& settings = simulation_.tiers[tier];
  return settings.servers == 1 ? settings.name : fmt::format("{} {}", settings.name, machine);
}

/// Returns the name of a link without its direction, with a space; empty if a hop has only one.
std::string TimelineTracks::link_name(std::size_t hop, std::size_t link) const {
  if (attachment_.links(hop) == 1) {
    return "";
  }
  return machine_name(hop < simulation_.groups ? hop : 0, link) + " ";
}

std::string TimelineTracks::name_of(const Key& key) const {
  const auto index_in = [&](const std::vector<std::size_t>& processes) {
    return static_cast<std::size_t>(
        std::find(processes.begin(), processes.end(), key.process) - processes.begin());
  };
  if (const std::size_t group = index_in(requests_); group < requests_.size()) {
    return machine_name(group, key.position);
  }
  if (const std::size_t tier = index_in(tiers_); tier < tiers_.size()) {
    return machine_name(tier, key.position);
  }
  const char* direction = key.position % 2 == 0 ? "up" : "down";
  if (const std::size_t leg = index_in(legs_of_); leg < legs_of_.size()) {
    return link_name(legs_.hops(leg).front(), key.position / 2) + direction;
  }
  return key.process == 0 ? "events"
                          : fmt::format("{} {}", machine_name(0, key.position / 2), direction);
}

void TimelineTracks::write(TraceFile& file) {
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    file.process(static_cast<std::int64_t>(i) + 1, processes_[i], static_cast<std::int64_t>(i));
  }
  std::int64_t thread = static_cast<std::int64_t>(processes_.size()) + 1;
  for (auto& [key, track] : tracks_) {
    track.first_thread = thread;
    const std::string name = name_of(key);
    for (std::size_t lane = 0; lane < std::max<std::size_t>(track.lanes.count(), 1); ++lane) {
      file.thread({process(key), thread}, lane == 0 ? name : fmt::format("{} ({})", name, lane + 1),
                  thread);
      ++thread;
    }
  }
}

TraceFile::Track TimelineTracks::thread(const Key& key, std::size_t lane) const {
  return {process(key), tracks_.at(key).first_thread + static_cast<std::int64_t>(lane)};
}

}  // namespace offcut::analysis
