// Builds the stations of a tier, with their policies, cores, memories and random streams. Stations
// are numbered by site, and machines by station.

#include "sim/engine/tiers/tier_state.h"

#include <algorithm>
#include <limits>
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

std::vector<std::size_t> cores_of_stations(const Tier& tier, const network::Attachment& attachment,
                                           std::size_t number) {
  const MachineGroups machines(tier);
  std::vector<std::size_t> cores;
  for (std::size_t site = 0; site < attachment.sites(number); ++site) {
    const std::size_t first = attachment.first_server(number, site);
    for (std::size_t server = 0; server < attachment.servers_at(number, site); ++server) {
      const std::size_t own = machines.of(first + server).cores;
      if (server == 0 || tier.scheduling.dispatch) {
        cores.push_back(own);
      } else {
        cores.back() += own;
      }
    }
  }
  return cores;
}

TierState::TierState(const Simulation& simulation, const network::Attachment& attachment,
                     std::size_t number, const std::vector<const Route*>& routes)
    : machines(simulation.tiers[number]),
      books(simulation.tiers[number].name, engine::cores_of(simulation.tiers[number]),
            cores_of_stations(simulation.tiers[number], attachment, number).size()),
      slowness_(simulation.tiers[number].slowness),
      number_(number),
      device_groups_(simulation.groups) {
  const Tier& settings = simulation.tiers[number];
  for (std::size_t group = 0; group < machines.size(); ++group) {
    needs_memory_ = needs_memory_ || machines[group].memory;
  }
  if (settings.scheduling.dispatch) {
    dispatch.reserve(attachment.sites(number));
    for (std::size_t site = 0; site < attachment.sites(number); ++site) {
      dispatch.emplace_back(settings.scheduling.dispatch);
    }
  }
  make_streams(simulation, attachment);
  for (const Route* route : routes) {
    add_route(*route, simulation.classes[route->request_class]);
  }
  make_kinds(routes);
  make_stations(simulation, attachment);
  books.usage.machines = settings.servers;
  books.usage.parts = settings.parts;
  if (machines.are_unlike()) {
    begin_books();
  }
  if (settings.autoscaler) {
    meters.resize(attachment.sites(number));
    begin_scaling(*settings.autoscaler, settings.cores);
  }
}

void TierState::make_stations(const Simulation& simulation, const network::Attachment& attachment) {
  const bool one_each = bool(simulation.tiers[number_].scheduling.dispatch);
  const std::size_t sites = attachment.sites(number_);
  stations_per_site_ = one_each ? attachment.servers_per_site(number_) : 1;
  servers_per_station_ = one_each ? 1 : attachment.servers_per_site(number_);
  const bool is_unlike = attachment.has_unlike_sites(number_);
  const std::size_t count =
      one_each ? simulation.tiers[number_].servers : sites;  // A device is a site, too.
  states.resize(count);
  stations.reserve(count);
  for (std::size_t site = 0; site < sites; ++site) {
    const std::size_t first = attachment.first_server(number_, site);
    const std::size_t servers = attachment.servers_at(number_, site);
    if (is_unlike) {
      first_stations_.push_back(stations.size());
    }
    for (std::size_t i = 0; i < (one_each ? servers : 1); ++i) {
      station_of_.insert(station_of_.end(),
                         !is_unlike ? 0
                         : one_each ? 1
                                    : servers,
                         stations.size());
      make_station(simulation, site, first + i, one_each ? 1 : servers);
    }
  }
  if (is_unlike) {
    first_stations_.push_back(stations.size());
  }
}

/// Begins the books of unlike machines.
void TierState::begin_books() {
  std::vector<MachineGroupUsage> groups;
  for (std::size_t group = 0; group < machines.size(); ++group) {
    const std::size_t count = machines.machines(group);
    groups.push_back({.name = machines[group].name,
                      .machines = count,
                      .servers = count * machines[group].cores});
  }
  books.begin_groups(std::move(groups));
  std::vector<std::size_t> cores;
  for (const scheduling::ServerState& state : states) {
    cores.push_back(state.cores);
  }
  books.set_cores(std::move(cores));
}

/// Describes unlike machines to policies.
void TierState::make_kinds(const std::vector<const Route*>& routes) {
  for (std::size_t group = 0; machines.are_unlike() && group < machines.size(); ++group) {
    double planned = 0, own = 0;
    for (const Route* route : routes) {
      const Stage& stage = route->stage(number_);
      if (stage.used && !stage.of_groups.empty()) {
        planned += stage.service[0].si();
        own += stage.of_groups[group][0].si();
      }
    }
    kinds.push_back(
        {.group = group, .speed = own > 0 ? planned / own : 1, .memory = machines[group].memory});
  }
}

/// Lets the machines of each site exist that do so at the start: its first ones.
void TierState::begin_scaling(const Autoscaler& autoscaler, std::size_t cores) {
  std::vector<std::size_t> cores_of_stations;
  for (Station& station : stations) {
    const std::size_t first = station.first % machines_per_site();
    for (std::size_t server = 0; server < station.servers; ++server) {
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

void TierState::make_streams(const Simulation& simulation, const network::Attachment& attachment) {
  const std::uint64_t seed = simulation.seed;
  bool varies = false;
  for (std::size_t group = 0; group < machines.size(); ++group) {
    varies = varies || machines[group].noise.kind != Noise::Kind::none;
  }
  for (const RequestClass& request_class : simulation.classes) {
    if (!dispatch.empty()) {
      make_dispatch_streams(seed, request_class);
    }
    if (!varies) {
      continue;
    }
    std::vector<RandomStream>& streams = noises_.emplace_back();
    if (number_ >= device_groups_) {
      const std::size_t level = level_of(number_, device_groups_);
      streams.push_back(class_stream(seed, "compute noise", request_class, ", tier", level));
      continue;
    }
    const std::size_t first = attachment.first_device(number_);
    for (std::size_t device = 0; device < simulation.tiers[number_].servers; ++device) {
      streams.push_back(
          class_stream(seed, "compute noise", request_class, ", device", first + device));
    }
  }
}

void TierState::make_dispatch_streams(std::uint64_t seed, const RequestClass& request_class) {
  // The first site's stream has the plain name: it is that of a tier without sites.
  std::vector<RandomStream>& streams = dispatching.emplace_back();
  const std::size_t level = level_of(number_, device_groups_);
  streams.push_back(class_stream(seed, "dispatch", request_class, ", tier", level));
  const std::string entity = ", tier " + std::to_string(level) + ", site";
  for (std::size_t site = 1; site < dispatch.size(); ++site) {
    streams.push_back(class_stream(seed, "dispatch", request_class, entity, site));
  }
}

double TierState::noise(const Station& station, std::size_t server, std::size_t request_class) {
  const double slowdown =
      slowness(station) * (batteries != nullptr ? batteries->slowdown(station.index) : 1);
  if (noises_.empty()) {
    return slowdown;
  }
  std::vector<RandomStream>& streams = noises_[request_class];
  RandomStream& stream = streams[streams.size() == 1 ? 0 : station.index];
  return slowdown * draw(machines[group_of(station, server)].noise, stream);
}

bool TierState::is_up(std::size_t site) const {
  const auto servers = servers_of(site);
  return std::any_of(servers.begin(), servers.end(),
                     [](const scheduling::ServerState& server) { return server.is_up; });
}

std::size_t TierState::jobs_of(std::size_t machine) const {
  const Station& station = station_of(machine);
  return station.servers == 1 ? states[station.index].jobs()
                              : station.busy_cores(server_of(machine));
}

void TierState::take_out_of_queue(const Request* request) {
  Station& station = stations[request->station];
  scheduling::ServerState& state = states[request->station];
  station.queue(station.queue_of(request)).erase(request);
  const Seconds work = predicted_work(request, station);
  --state.waiting;
  state.waiting_work = state.waiting == 0 ? Seconds(0) : state.waiting_work - work;
  waiting_work -= work;
}

void TierState::add_route(const Route& route, const RequestClass& request_class) {
  const bool of_others = number_ < device_groups_ && route.group != number_;
  if (!needs_memory_ || of_others || models.knows(route)) {
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
Features* TierState::features_for(const Simulation& simulation, const Station& station) {
  const Tier& settings = simulation.tiers[number_];
  const scheduling::Scheduling& scheduling = settings.scheduling;
  const bool machines_go = settings.faults.any() || settings.battery || settings.autoscaler;
  const bool is_ordered = scheduling.queue && !shares(settings);
  const bool is_plain = !machines_go && !is_ordered && !scheduling.batching &&
                        !scheduling.admission && !needs_memory_ && !settings.cold_start &&
                        !machines.are_unlike() && simulation.classes_of_requests() <= 1;
  if (is_plain && !features_.empty()) {
    return &features_.front();
  }
  Features& features = features_.emplace_back();
  features.models = &models;
  features.by_work = scheduling.batching || needs_memory_;
  features.out.resize(machines_go ? station.servers : 0);
  if (is_ordered) {
    features.discipline = checked<scheduling::CheckedQueue>(scheduling.queue);
  }
  features.batching = checked<scheduling::CheckedBatching>(scheduling.batching);
  features.admission = checked<scheduling::CheckedAdmission>(scheduling.admission);
  constexpr Bytes kUnbounded(std::numeric_limits<double>::infinity());  // All models fit.
  for (std::size_t server = 0; needs_memory_ && server < station.servers; ++server) {
    features.memory.emplace_back(
        sizes_, machines.of(machine_of(station, server)).memory.value_or(kUnbounded));
  }
  for (std::size_t server = 0; machines.are_unlike() && server < station.servers; ++server) {
    features.groups.push_back(static_cast<std::uint16_t>(group_of(station, server)));
  }
  if (settings.cold_start) {
    const std::size_t first = station.first - stations[first_station(station.site)].first;
    const std::size_t kept =
        std::clamp(settings.cold_start->keep, first, first + station.servers) - first;
    features.warmth = std::make_unique<Warmth>(*settings.cold_start, station.servers, kept);
  }
  if (simulation.classes_of_requests() > 1) {
    features.head_of_line.emplace(simulation.classes.size());
  }
  return &features;
}

/// Makes a station of a site, whose servers begin with machine `first`.
void TierState::make_station(const Simulation& simulation, std::size_t site, std::size_t first,
                             std::size_t servers) {
  const std::size_t index = stations.size();
  Station& station = stations.emplace_back();
  station.tier = static_cast<std::uint32_t>(number_);
  station.index = static_cast<std::uint32_t>(index);
  station.site = static_cast<std::uint32_t>(site);
  station.servers = static_cast<std::uint32_t>(servers);
  station.first = static_cast<std::uint32_t>(first);
  if (machines.are_unlike()) {
    const bool is_mixed = group_of(station, 0) != group_of(station, servers - 1);
    const StationKind kind = is_mixed ? machines.size() + site : group_of(station, 0);
    station.kind = static_cast<std::uint32_t>(kind);
    states[index].kind = &kinds[group_of(station, 0)];
  }
  station.features = features_for(simulation, station);
  states[index].cores = 0;
  for (std::size_t server = servers; server-- > 0;) {
    const std::size_t cores = cores_of(station, server);
    station.free.insert(station.free.end(), cores, static_cast<std::uint32_t>(server));
    states[index].cores += cores;
  }
}

}  // namespace offcut::engine
