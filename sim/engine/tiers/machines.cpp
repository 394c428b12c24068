// The machines of the tiers that go down and come up in failures, or start and are taken away by
// autoscalers. A machine that is taken away keeps its busy cores until they are done; one that has
// a queue of its own also computes the requests that wait there.

#include <algorithm>

#include "sim/engine/tiers/computing.h"

namespace offcut::engine {

// --- failures

void Computing::lose(Request* request) {
  TierState& tier = tiers_[request->stage];
  const Station& station = tier.stations[request->station];
  const int requests = request->of_tasks ? 0 : 1;
  tier.books.usage.lost += requests;
  if (station.kind < tier.kinds.size()) {  // Otherwise take_off_server() counts them.
    tier.books.usage.groups[station.kind].lost += requests;
  }
  leave(request);
  listener_.computation_lost(request);
}

void Computing::machine_down(std::size_t number, std::size_t machine) {
  TierState& tier = tiers_[number];
  Station& station = tier.station_of(machine);
  const std::size_t server = tier.server_of(machine);
  const auto cores = static_cast<std::ptrdiff_t>(tier.cores_of(station, server));
  const unsigned char before = station.features->out[server];
  station.features->out[server] = kFailed;
  if (tier.is_scaled()) {
    station.features->out[server] = kFailed | kAbsent;
    tier.books.cores_exist(events_.now(), before == kAbsent ? 0 : -cores);
  }
  if ((before & kAbsent) != 0) {
    return;
  }
  tier.books.cores_up(events_.now(), -cores, station.index);
  if (before == kFinishing) {
    --station.features->finishing;
    station.features->finishing_cores -= station.servers > 1 ? station.busy_cores(server) : 0;
  }
  count_cores(tier, station);
  tier.states[station.index].is_up = station.is_up();
  if (tier.sharing) {
    tier.sharing->server_down(station.index);
    return;
  }
  std::vector<Request*> lost;
  take_off_server(station, server, lost);
  if (!station.is_up()) {
    take_out_of_queues(station, lost);
  }
  for (Request* request : in_order_of_arrival(std::move(lost))) {
    lose(request);
  }
}

void Computing::take_off_server(Station& station, std::size_t server, std::vector<Request*>& lost) {
  for (Batch* batch = station.running.first(); batch != nullptr;) {
    Batch* const next = batch->next;
    if (batch->server == server) {
      for (Request* request = batch->requests.first(); request != nullptr;
           request = request->next) {
        lost.push_back(request);
      }
      if (station.kind >= tiers_[station.tier].kinds.size()) {  // See lose().
        MachineGroupUsage* own = tiers_[station.tier].usage_of(station, server);
        if (own != nullptr && !batch->requests.first()->of_tasks) {
          own->lost += static_cast<std::int64_t>(batch->size);
        }
      }
      report_batch(batch, Span::Outcome::lost, events_.now());
      take_off(batch);
      release(batch);
    }
    batch = next;
  }
  station.remove_free_cores(server);
  if (!station.features->memory.empty()) {
    station.features->memory[server].reset();
  }
  if (station.features->warmth) {
    station.features->warmth->make_cold(server);
  }
}

void Computing::take_out_of_queues(Station& station, std::vector<Request*>& lost) {
  TierState& tier = tiers_[station.tier];
  for (std::size_t i = 0; i < station.queues(); ++i) {
    WaitingHeap& queue = station.queue(i);
    while (!queue.empty()) {
      lost.push_back(queue.pop().request);
      time_outs_.leaves_queue(lost.back());
      tier.waiting_work -= tier.predicted_work(lost.back(), station);
    }
  }
  tier.states[station.index].waiting = 0;
  tier.states[station.index].waiting_work = Seconds(0);
  decide_again_at(station, kNever.si());
}

/// Counts the cores of the station's servers that are in service, and those that finish what they
/// have begun. If there are none, it counts those of one server, since policies divide by the
/// number.
void Computing::count_cores(TierState& tier, const Station& station) {
  std::size_t cores = station.features->finishing_cores;
  for (std::size_t server = 0; server < station.servers; ++server) {
    const bool serves = station.features->out[server] == kInService;
    cores += serves ? tier.cores_of(station, server) : 0;
  }
  tier.states[station.index].cores = cores > 0 ? cores : tier.cores_of(station, 0);
}

void Computing::machine_up(std::size_t number, std::size_t machine) {
  TierState& tier = tiers_[number];
  Station& station = tier.station_of(machine);
  const std::size_t server = tier.server_of(machine);
  if (tier.is_scaled()) {
    station.features->out[server] = kAbsent;  // The autoscaler may start it again.
    return;
  }
  station.features->out[server] = kInService;
  enter_service(tier, station, server);
}

/// Lets a server take requests.
void Computing::enter_service(TierState& tier, Station& station, std::size_t server) {
  const std::size_t cores = tier.cores_of(station, server);
  tier.books.cores_up(events_.now(), static_cast<std::ptrdiff_t>(cores), station.index);
  count_cores(tier, station);
  tier.states[station.index].is_up = true;
  if (tier.sharing) {
    tier.sharing->server_up(station.index);
    return;
  }
  station.free.insert(station.free.end(), cores, static_cast<std::uint32_t>(server));
  start_waiting(station);
}

// --- autoscalers

scheduling::SiteLoad Computing::read_load(std::size_t number, std::size_t site) {
  TierState& tier = tiers_[number];
  const LoadMeter::Reading reading = tier.meters[site].read(events_.now());
  scheduling::SiteLoad load{
      .machines = 0,
      .busy = reading.busy_cores / static_cast<double>(simulation_.tiers[number].cores),
      .requests = reading.requests};
  const std::size_t first = site * tier.machines_per_site();
  for (std::size_t machine = first; machine < first + used_places(number, site); ++machine) {
    const unsigned char out = tier.station_of(machine).features->out[tier.server_of(machine)];
    load.machines += out == kInService || (out & kStarting) != 0 ? 1 : 0;
  }
  return load;
}

std::size_t& Computing::used_places(std::size_t number, std::size_t site) {
  used_places_.resize(tiers_.size());
  std::vector<std::size_t>& of_sites = used_places_[number];
  of_sites.resize(tiers_[number].meters.size(), simulation_.tiers[number].autoscaler->at_start);
  return of_sites[site];
}

std::optional<std::size_t> Computing::start_machine(std::size_t number, std::size_t site) {
  TierState& tier = tiers_[number];
  const std::size_t first = site * tier.machines_per_site();
  for (std::size_t machine = first; machine < first + tier.machines_per_site(); ++machine) {
    Station& station = tier.station_of(machine);
    const std::size_t server = tier.server_of(machine);
    if (station.features->out[server] != kAbsent) {
      continue;
    }
    station.features->out[server] = kAbsent | kStarting;
    std::size_t& used = used_places(number, site);
    used = std::max(used, machine - first + 1);
    tier.books.cores_exist(events_.now(),
                           static_cast<std::ptrdiff_t>(simulation_.tiers[number].cores));
    ++tier.books.usage.starts;
    report_machine(RunEvent::Kind::machine_starting, station, server);
    return machine;
  }
  return std::nullopt;
}

bool Computing::is_starting(std::size_t number, std::size_t machine) {
  TierState& tier = tiers_[number];
  return (tier.station_of(machine).features->out[tier.server_of(machine)] & kStarting) != 0;
}

void Computing::machine_ready(std::size_t number, std::size_t machine) {
  TierState& tier = tiers_[number];
  Station& station = tier.station_of(machine);
  const std::size_t server = tier.server_of(machine);
  station.features->out[server] = kInService;
  if (!station.features->memory.empty()) {
    station.features->memory[server].reset();
  }
  if (station.features->warmth) {
    station.features->warmth->make_warm(server, events_.now());
  }
  report_machine(RunEvent::Kind::machine_ready, station, server);
  enter_service(tier, station, server);
}

void Computing::stop_machine(std::size_t number, std::size_t site) {
  TierState& tier = tiers_[number];
  const std::size_t first = site * tier.machines_per_site();
  std::optional<std::size_t> starting, serving;
  for (std::size_t machine = first; machine < first + used_places(number, site); ++machine) {
    const unsigned char out = tier.station_of(machine).features->out[tier.server_of(machine)];
    if ((out & kStarting) != 0) {
      starting = machine;
    } else if (out == kInService && (!serving || tier.jobs_of(machine) <= tier.jobs_of(*serving))) {
      serving = machine;
    }
  }
  const std::size_t machine = starting ? *starting : serving.value();
  Station& station = tier.station_of(machine);
  const std::size_t server = tier.server_of(machine);
  if (!starting) {
    finish(tier, station, server);
    return;
  }
  station.features->out[server] = kAbsent;
  tier.books.cores_exist(events_.now(),
                         -static_cast<std::ptrdiff_t>(simulation_.tiers[number].cores));
  report_machine(RunEvent::Kind::machine_stopped, station, server);
}

/// Lets the server finish what it has begun, without taking further requests.
void Computing::finish(TierState& tier, Station& station, std::size_t server) {
  station.features->out[server] = kFinishing;
  ++station.features->finishing;
  if (station.servers > 1) {
    station.remove_free_cores(server);
    station.features->finishing_cores += station.busy_cores(server);
  }
  count_cores(tier, station);
  tier.states[station.index].is_up = station.is_up();
  report_machine(RunEvent::Kind::machine_stopping, station, server);
  look_whether_finished(station, server);
}

/// Takes back a core of a station of which some servers finish what they have begun. Such a server
/// gets no more of a queue that it shares.
void Computing::give_back_core(TierState& tier, Station& station, std::size_t server) {
  if (station.features->out[server] != kFinishing || station.servers == 1) {
    station.free.push_back(static_cast<std::uint32_t>(server));
    return;
  }
  --station.features->finishing_cores;
  count_cores(tier, station);
}

void Computing::look_whether_finished(Station& station, std::size_t server) {
  if (station.features->out[server] != kFinishing) {
    return;
  }
  TierState& tier = tiers_[station.tier];
  bool is_finished = station.busy_cores(server) == 0;
  if (station.servers == 1) {
    empty_queue(station);
    decide_again_at(station, kNever.si());
    is_finished = tier.states[station.index].jobs() == 0;
  }
  if (!is_finished) {
    return;
  }
  const auto cores = static_cast<std::ptrdiff_t>(simulation_.tiers[station.tier].cores);
  station.features->out[server] = kAbsent;
  --station.features->finishing;
  station.remove_free_cores(server);
  tier.books.cores_up(events_.now(), -cores, station.index);
  tier.books.cores_exist(events_.now(), -cores);
  report_machine(RunEvent::Kind::machine_stopped, station, server);
}

void Computing::report_machine(RunEvent::Kind kind, const Station& station,
                               std::size_t server) const {
  if (observers_.event) {
    observers_.event({.kind = kind,
                      .time = Seconds(events_.now()),
                      .where = station.tier,
                      .which = tiers_[station.tier].machine_of(station, server)});
  }
}

}  // namespace offcut::engine
