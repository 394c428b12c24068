// Builds the stations of a tier, with their policies, cores, memories and random streams. Stations
// are numbered by site, and machines by station.

#include "sim/engine/tiers/tier_state.h"

#include <algorithm>
#include <string>

#include "sim/engine/core/class_stream.h"
#include "sim/engine/tiers/noise.h"

namespace offcut::engine {
namespace {

/// Makes the chosen policy; null if there is none.
template <class Checked, class Kind>
std::unique_ptr<Checked> checked(const scheduling::Choice<Kind>& choice) {
  return choice ? std::make_unique<Checked>(choice) : nullptr;
}

}  // namespace

std::size_t stations_per_site_of(const Tier& tier, const network::Attachment& attachment,
                                 std::size_t number) {
  return tier.scheduling.dispatch ? attachment.servers_per_site(number) : 1;
}

TierState::TierState(const Simulation& simulation, const network::Attachment& attachment,
                     std::size_t number, const std::vector<const Route*>& routes)
    : books(simulation.tiers[number].name,
            simulation.tiers[number].servers * simulation.tiers[number].cores,
            attachment.sites(number) *
                stations_per_site_of(simulation.tiers[number], attachment, number)),
      noise_(simulation.tiers[number].noise),
      number_(number),
      needs_memory_(simulation.tiers[number].memory.has_value()) {
  const Tier& settings = simulation.tiers[number];
  stations_per_site = stations_per_site_of(settings, attachment, number);
  servers_per_station = attachment.servers_per_site(number) / stations_per_site;
  const std::size_t count = attachment.sites(number) * stations_per_site;
  if (settings.scheduling.dispatch) {
    dispatch.reserve(attachment.sites(number));
    for (std::size_t site = 0; site < attachment.sites(number); ++site) {
      dispatch.emplace_back(settings.scheduling.dispatch);
    }
  }
  make_streams(simulation, number);
  for (const Route* route : routes) {
    add_route(*route, simulation.classes[route->request_class]);
  }
  states.resize(count);
  stations.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    make_station(simulation, number, i);
  }
  books.usage.machines = settings.servers;
  if (settings.autoscaler) {
    meters.resize(attachment.sites(number));
    begin_scaling(*settings.autoscaler, settings.cores);
  }
}

/// Lets the machines of each site exist that do so at the start: its first ones.
void TierState::begin_scaling(const Autoscaler& autoscaler, std::size_t cores) {
  std::vector<std::size_t> cores_of_stations;
  for (Station& station : stations) {
    const std::size_t first = station.index % stations_per_site * servers_per_station;
    for (std::size_t server = 0; server < servers_per_station; ++server) {
      if (first + server >= autoscaler.at_start) {
        station.features->out[server] = kAbsent;
      }
    }
    const auto is_absent = [&station](std::uint32_t server) {
      return station.features->out[server] == kAbsent;
    };
    station.free.erase(std::remove_if(station.free.begin(), station.free.end(), is_absent),
                       station.free.end());
    const std::size_t in_service = station.servers_in_service();
    cores_of_stations.push_back(in_service * cores);
    states[station.index].is_up = in_service > 0;
    states[station.index].cores = std::max<std::size_t>(in_service, 1) * cores;
  }
  books.begin_scaling(cores_of_stations);
}

void TierState::make_streams(const Simulation& simulation, std::size_t number) {
  const std::uint64_t seed = simulation.seed;
  for (const RequestClass& request_class : simulation.classes) {
    if (!dispatch.empty()) {
      make_dispatch_streams(seed, request_class);
    }
    if (noise_.kind == Noise::Kind::none) {
      continue;
    }
    std::vector<RandomStream>& streams = noises_.emplace_back();
    if (number > 0) {
      streams.push_back(class_stream(seed, "compute noise", request_class, ", tier", number));
      continue;
    }
    for (std::size_t device = 0; device < simulation.tiers[0].servers; ++device) {
      streams.push_back(class_stream(seed, "compute noise", request_class, ", device", device));
    }
  }
}

void TierState::make_dispatch_streams(std::uint64_t seed, const RequestClass& request_class) {
  // The first site's stream has the plain name: it is that of a tier without sites.
  std::vector<RandomStream>& streams = dispatching.emplace_back();
  streams.push_back(class_stream(seed, "dispatch", request_class, ", tier", number_));
  const std::string entity = ", tier " + std::to_string(number_) + ", site";
  for (std::size_t site = 1; site < dispatch.size(); ++site) {
    streams.push_back(class_stream(seed, "dispatch", request_class, entity, site));
  }
}

double TierState::noise(std::size_t station, std::size_t request_class) {
  const double slowdown = batteries != nullptr ? batteries->slowdown(station) : 1;
  if (noises_.empty()) {
    return slowdown;
  }
  std::vector<RandomStream>& streams = noises_[request_class];
  return slowdown * draw(noise_, streams[streams.size() == 1 ? 0 : station]);
}

bool TierState::is_up(std::size_t site) const {
  const auto servers = servers_of(site);
  return std::any_of(servers.begin(), servers.end(),
                     [](const scheduling::ServerState& server) { return server.is_up; });
}

std::size_t TierState::jobs_of(std::size_t machine) const {
  const Station& station = station_of(machine);
  return servers_per_station == 1 ? states[station.index].jobs()
                                  : station.busy_cores(server_of(machine));
}

void TierState::take_out_of_queue(const Request* request) {
  Station& station = stations[request->station];
  scheduling::ServerState& state = states[request->station];
  station.queue(station.queue_of(request)).erase(request);
  const Seconds work = request->least_work();
  --state.waiting;
  state.waiting_work = state.waiting == 0 ? Seconds(0) : state.waiting_work - work;
  waiting_work -= work;
}

void TierState::add_route(const Route& route, const RequestClass& request_class) {
  if (!needs_memory_ || models.knows(route)) {
    return;
  }
  const Bytes size = route.stage(number_).model;
  if (!models.add(route, request_class, size)) {
    return;
  }
  sizes_.push_back(size);
  for (Station& station : stations) {
    for (ModelMemory& memory : station.features->memory) {
      memory.add(size);
    }
  }
}

/// Returns what the station needs beyond a queue, or what those share that need nothing.
Features* TierState::features_for(const Simulation& simulation, std::size_t station) {
  const Tier& settings = simulation.tiers[number_];
  const scheduling::Scheduling& scheduling = settings.scheduling;
  const bool machines_go = settings.faults.any() || settings.battery || settings.autoscaler;
  const bool is_ordered = scheduling.queue && !shares(settings);
  const bool is_plain = !machines_go && !is_ordered && !scheduling.batching &&
                        !scheduling.admission && !settings.memory && !settings.cold_start &&
                        simulation.classes.size() == 1;
  if (is_plain && !features_.empty()) {
    return &features_.front();
  }
  Features& features = features_.emplace_back();
  features.models = &models;
  features.by_work = scheduling.batching || settings.memory;
  features.out.resize(machines_go ? servers_per_station : 0);
  if (is_ordered) {
    features.discipline = checked<scheduling::CheckedQueue>(scheduling.queue);
  }
  features.batching = checked<scheduling::CheckedBatching>(scheduling.batching);
  features.admission = checked<scheduling::CheckedAdmission>(scheduling.admission);
  if (settings.memory) {
    features.memory.assign(servers_per_station, ModelMemory(sizes_, *settings.memory));
  }
  if (settings.cold_start) {
    const std::size_t first = station % stations_per_site * servers_per_station;
    const std::size_t kept =
        std::clamp(settings.cold_start->keep, first, first + servers_per_station) - first;
    features.warmth = std::make_unique<Warmth>(*settings.cold_start, servers_per_station, kept);
  }
  if (simulation.classes.size() > 1) {
    features.head_of_line.emplace(simulation.classes.size());
  }
  return &features;
}

void TierState::make_station(const Simulation& simulation, std::size_t number, std::size_t index) {
  const Tier& settings = simulation.tiers[number];
  Station& station = stations.emplace_back();
  station.tier = static_cast<std::uint32_t>(number);
  station.index = static_cast<std::uint32_t>(index);
  station.features = features_for(simulation, index);
  for (std::size_t server = servers_per_station; server-- > 0;) {
    station.free.insert(station.free.end(), settings.cores, static_cast<std::uint32_t>(server));
  }
  states[index].cores = settings.cores * servers_per_station;
}

}  // namespace offcut::engine
