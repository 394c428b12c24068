// Queues and services. A request enters through Intake, waits in a queue of its station, and is
// computed in a batch on a free core, or at once on a server that all its requests share. Each
// change of a station updates the ServerState that policies see, and the books of the tier. A batch
// that is lost does not remove its event; its version, which has changed by then, shows that it is
// out of date.

#include "sim/engine/tiers/computing.h"

#include <algorithm>

namespace offcut::engine {

// --- building

Computing::Computing(const Simulation& simulation, const network::Places& places,
                     const std::vector<const Route*>& routes, EventQueue& events,
                     TimeOuts& time_outs, const Observers& observers, Listener& listener)
    : simulation_(simulation),
      events_(events),
      time_outs_(time_outs),
      observers_(observers),
      listener_(listener),
      intake_(places, events, observers) {
  ProcessorSharing::Listener& sharing = *this;
  for (std::size_t i = 0; i < simulation.tiers.size(); ++i) {
    tiers_.push_back(std::make_unique<TierState>(simulation, places.start(), i, routes));
    TierState& tier = tiers_.back();
    if (shares(simulation.tiers[i])) {
      std::vector<std::size_t> cores;
      for (const scheduling::ServerState& state : tier.states) {
        cores.push_back(state.cores);
      }
      tier.sharing =
          std::make_unique<ProcessorSharing>(simulation, std::move(cores), events, sharing);
      if (!simulation.own_links) {
        tier.books.ends_are_rounded();
      }
    }
  }
}

std::vector<std::vector<std::size_t>> Computing::simgrid_hosts(
    const Simulation& simulation, const network::Attachment& attachment) {
  std::vector<std::vector<std::size_t>> hosts;
  for (std::size_t tier = 0; tier < simulation.tiers.size(); ++tier) {
    const Tier& settings = simulation.tiers[tier];
    const bool needed = shares(settings) && !simulation.own_links;
    hosts.push_back(needed ? cores_of_stations(settings, attachment, tier)
                           : std::vector<std::size_t>());
  }
  return hosts;
}

void Computing::use(const Platform& platform) {
  for (std::size_t tier = 0; tier < tiers_.size(); ++tier) {
    if (tiers_[tier].sharing) {
      tiers_[tier].sharing->use(platform.computing[tier]);
    }
  }
}

// --- arrivals

void Computing::submit(Request* request) {
  TierState& tier = tiers_[request->stage];
  request->since = events_.now();
  request->sending = false;
  scheduling::Job job = job_of(simulation_, request);
  const auto chosen = intake_.choose_station(tier, request, job);
  if (!chosen) {
    listener_.no_machine(request);
    return;
  }
  Station& station = tier.stations[*chosen];
  request->station = *chosen;
  set_service(tier, station, request, job);
  if (!intake_.admit(tier, station, request, job)) {
    ++tier.books.usage.rejected;
    listener_.rejected(request);
    return;
  }
  request->on_tier = true;
  const Seconds work = request->least_work(station.kind) * tier.slowness(station);
  tier.books.record_arrival(events_.now(), request->offered ? Seconds(0) : work, tier.waiting_work,
                            station.index, tier.states[station.index].waiting_work,
                            request->of_tasks);
  request->offered = true;
  if (tier.is_scaled()) {
    tier.meters[tier.site_of(station)].requests_present(events_.now(), 1);
  }
  if (tier.sharing) {
    start_sharing(tier, station, request);
  } else {
    queue_up(tier, station, request, job);
  }
}

void Computing::set_service(const TierState& tier, const Station& station, const Request* request,
                            scheduling::Job& job) {
  if (station.kind < tier.kinds.size()) {  // One group of machines alone can compute it.
    job.service = request->service_on(station.kind, 1);
  }
  job.service = job.service * tier.slowness(station);
}

void Computing::queue_up(TierState& tier, Station& station, Request* request,
                         const scheduling::Job& job) {
  const double key = station.features->discipline ? station.features->discipline->key(job) : 0;
  if (station.features->head_of_line) {
    request->held_up =
        station.features->head_of_line->held_up(request->record.request_class, events_.now());
  }
  if (!station.features->memory.empty()) {
    tier.add_route(*request->route, simulation_.classes[request->record.request_class]);
  }
  time_outs_.joins_queue(request);
  station.push({key, joined_++, request});
  scheduling::ServerState& state = tier.states[station.index];
  ++state.waiting;
  const Seconds work = tier.predicted_work(request, station);
  state.waiting_work += work;
  tier.waiting_work += work;
  start_waiting(station);
  tier.books.record_waiting(static_cast<std::int64_t>(state.waiting));
}

// --- queues

void Computing::withdraw(Request* request) {
  tiers_[request->stage].take_out_of_queue(request);
  leave(request);
}

void Computing::start_waiting(Station& station) {
  Station::Next next;
  while (!station.free.empty()) {
    next = station.next_turn(events_.now());
    if (!next.turn) {
      break;
    }
    start(station, *next.turn);
  }
  decide_again_at(station, station.free.empty() ? kNever.si() : next.again);
}

/// Sets the time at which the batching policy decides again, in place of the one before; kNever: it
/// does not.
void Computing::decide_again_at(Station& station, double time) {
  if (time == station.decides_at) {
    return;
  }
  if (station.decides_at < kNever.si()) {
    events_.release();
  }
  station.decides_at = time;
  if (time < kNever.si()) {
    events_.hold();
    events_.schedule_in_background(time, *this, kDecideAgain, 0, &station);
  }
}

void Computing::flush() {
  for (TierState& tier : tiers_) {
    for (Station& station : tier.stations) {
      empty_queue(station);
    }
  }
}

/// Starts batches that can't fill up any more with the requests they have.
void Computing::empty_queue(Station& station) {
  while (const auto turn =
             station.features->batching ? station.any_turn(events_.now()) : std::nullopt) {
    start(station, *turn);
  }
}

// --- serving

void Computing::start(Station& station, const Turn& turn) {
  TierState& tier = tiers_[station.tier];
  scheduling::ServerState& state = tier.states[station.index];
  const double now = events_.now();
  Batch* batch = batches_.take();
  batch->requests = {};
  batch->station = &station;
  batch->size = turn.take;
  batch->started = now;
  batch->server = station.free[turn.core];
  station.free.erase(station.free.begin() + static_cast<std::ptrdiff_t>(turn.core));
  WaitingHeap& queue = station.queue(turn.queue);
  const std::size_t group = tier.group_of(station, batch->server);
  for (std::size_t i = 0; i < turn.take; ++i) {
    const WaitingHeap::Entry entry = queue.pop();
    Request* request = entry.request;
    if (station.features->discipline) {
      scheduling::Job job = job_of(simulation_, request);
      set_service(tier, station, request, job);
      station.features->discipline->served(job, entry.key);
    }
    const Seconds work = tier.predicted_work(request, station);
    state.waiting_work -= work;
    tier.waiting_work -= work;
    time_outs_.leaves_queue(request);
    request->computing = true;
    if (request->of_tasks) {
      request->sent_from = now;
    }
    batch->requests.push(request);
  }
  const Seconds predicted = batch->find_longest(group);
  const std::size_t request_class = batch->route->request_class;
  batch->cold = warm_up(station, batch->server);
  batch->loading =
      batch->cold + load_model(station, batch->server, *batch->route, now + batch->cold);
  batch->service = predicted.si() * tier.noise(station, batch->server, request_class);
  batch->ends = now + batch->loading + predicted.si() * tier.slowness(station);
  state.waiting -= turn.take;
  state.running += turn.take;
  ++state.busy;
  state.running_ends += Seconds(batch->ends);
  if (state.waiting == 0) {
    state.waiting_work = Seconds(0);  // Removes rounding errors.
  }
  station.running.add(batch);
  tier.cores_busy(station, batch->server, now, 1, static_cast<std::ptrdiff_t>(turn.take));
  if (station.features->head_of_line) {
    station.features->head_of_line->begins(request_class, now);
    const double held_up = station.features->head_of_line->held_up(request_class, now);
    for (Request* request = batch->requests.first(); request != nullptr; request = request->next) {
      request->held_up = held_up - request->held_up;
    }
  }
  events_.hold();
  events_.schedule_in_background(now + batch->loading + batch->service, *this, kServed,
                                 batch->version, batch);
}

/// Returns the seconds until the server is warm. A cold one starts, with its models as at the start
/// of the run.
double Computing::warm_up(Station& station, std::size_t server) {
  if (!station.features->warmth) {
    return 0;
  }
  const double now = events_.now();
  if (station.features->warmth->is_cold(server, now)) {
    ++tiers_[station.tier].books.usage.cold_starts;
    if (!station.features->memory.empty()) {
      station.features->memory[server].reset();
    }
    report_machine(RunEvent::Kind::cold_start, station, server);
  }
  return station.features->warmth->begin_use(server, now);
}

/// Returns the seconds from `begin`, at which the server is warm, until the route's model is in its
/// memory, and marks the model as in use.
double Computing::load_model(Station& station, std::size_t server, const Route& route,
                             double begin) {
  if (station.features->memory.empty()) {
    return 0;
  }
  TierState& tier = tiers_[station.tier];
  ModelMemory& memory = station.features->memory[server];
  const std::size_t model = tier.models.slot_of(route);
  const auto report = [&](RunEvent::Kind kind, std::size_t slot) {
    if (observers_.event) {
      observers_.event({.kind = kind,
                        .time = Seconds(events_.now()),
                        .where = station.tier,
                        .which = tier.machine_of(station, server),
                        .request_class = tier.models.first_class(slot)});
    }
  };
  double loading = 0;
  if (memory.holds(model)) {  // It may still be loading, for another core.
    loading = std::max(memory.ready(model) - begin, 0.0);
  } else {
    loading = network::Rate(tier.machines.of(tier.machine_of(station, server)).load)
                  .time_for(begin, route.stage(station.tier).model.si());
    for (const std::size_t evicted : memory.load(model, begin + loading)) {
      report(RunEvent::Kind::model_evicted, evicted);
    }
    report(RunEvent::Kind::model_loading, model);
    ++tier.books.usage.loads;
    if (MachineGroupUsage* own = tier.usage_of(station, server)) {
      ++own->loads;
    }
  }
  memory.begin_use(model);
  return loading;
}

void Computing::handle(std::uint32_t kind, std::uint32_t version, void* subject) {
  if (kind == kServed) {
    if (auto* batch = static_cast<Batch*>(subject); batch->version == version) {
      served(batch);
    }
  } else if (auto* station = static_cast<Station*>(subject); events_.now() >= station->decides_at) {
    start_waiting(*station);
  }
}

void Computing::served(Batch* batch) {
  Station& station = *batch->station;
  TierState& tier = tiers_[station.tier];
  RequestList requests = batch->requests;
  const double began = batch->started + batch->loading;
  const Seconds service(batch->service);
  const std::size_t size = batch->size;
  const std::size_t server = batch->server;
  const std::size_t machine = tier.machine_of(station, server);
  ++tier.books.usage.batches;
  if (MachineGroupUsage* own = tier.usage_of(station, server)) {
    ++own->batches;
  }
  report_batch(batch, Span::Outcome::done, events_.now());
  take_off(batch);
  if (station.features->finishing == 0) {
    station.free.push_back(static_cast<std::uint32_t>(server));
  } else {
    give_back_core(tier, station, server);
  }
  release(batch);
  if (station.features->batching && !requests.first()->of_tasks) {
    station.features->batching->finished(size, service);
  }
  for (Request* request = requests.first(); request != nullptr; request = request->next) {
    count_served(tier, request, Seconds(began - request->since), service, machine);
    const bool may_be_held_up = station.features->head_of_line && !request->of_tasks;
    tier.books.usage.blocked += Seconds(may_be_held_up ? request->held_up : 0);
  }
  start_waiting(station);
  if (station.features->finishing > 0) {
    look_whether_finished(station, server);
  }
  while (!requests.empty()) {
    listener_.computed(requests.pop());
  }
}

/// Takes a batch off its core, whether or not it is done.
void Computing::take_off(Batch* batch) {
  events_.release();
  Station& station = *batch->station;
  TierState& tier = tiers_[station.tier];
  scheduling::ServerState& state = tier.states[station.index];
  state.running -= batch->size;
  --state.busy;
  state.running_ends = state.busy == 0 ? Seconds(0) : state.running_ends - Seconds(batch->ends);
  station.running.remove(batch);
  if (station.features->head_of_line) {
    station.features->head_of_line->ends(batch->route->request_class, events_.now());
  }
  tier.cores_busy(station, batch->server, events_.now(), -1,
                  -static_cast<std::ptrdiff_t>(batch->size));
  count_work(tier, batch, events_.now());
  if (station.features->warmth) {
    station.features->warmth->end_use(batch->server, events_.now());
  }
  if (!station.features->memory.empty()) {
    station.features->memory[batch->server].end_use(tier.models.slot_of(*batch->route));
  }
}

/// Counts the work of the batch's core until now: a cold start, loading a model, and computing.
void Computing::count_work(TierState& tier, const Batch* batch, double now) {
  const double time = now - batch->started;
  const double warming = std::min(time, batch->cold);
  tier.books.add_busy(time);
  tier.books.usage.warming += Seconds(warming);
  const Seconds loading(std::min(time, batch->loading) - warming);
  tier.books.usage.loading += loading;
  if (MachineGroupUsage* own = tier.usage_of(*batch->station, batch->server)) {
    own->loading += loading;
    tier.books.add_group_work(tier.group_of(*batch->station, batch->server), time, batch->size);
  }
}

void Computing::count_served(TierState& tier, Request* request, Seconds waited, Seconds service,
                             std::size_t machine) {
  if (request->of_tasks) {
    count_task(tier, request, waited, service, machine);
    return;
  }
  RequestRecord& record = request->record;
  const bool on_device = request->stage < simulation_.groups;
  (on_device ? record.device_wait : record.server_wait) += waited;
  (on_device ? record.device_compute : record.server_compute) += service;
  if (request->parts != nullptr) {
    TierPart& part = request->parts->tiers[request->route->level(request->stage)];
    part.wait += waited;
    part.compute += service;
    part.server = static_cast<std::int64_t>(machine);
  }
  ++tier.books.usage.served;
  tier.books.usage.waited += waited;
  if (tier.machines.are_unlike()) {
    MachineGroupUsage& own = tier.books.usage.groups[tier.machines.group_of(machine)];
    ++own.served;
    own.waited += waited;
  }
  leave(request);
}

/// Counts a task, which its caller has counted as a batch.
void Computing::count_task(TierState& tier, Request* task, Seconds waited, Seconds service,
                           std::size_t machine) {
  task->sent_from = tier.sharing ? task->since : task->since + waited.si();
  --tier.books.usage.batches;
  ++tier.books.usage.tasks;
  tier.books.usage.task_work += service;
  if (tier.machines.are_unlike()) {
    MachineGroupUsage& own = tier.books.usage.groups[tier.machines.group_of(machine)];
    --own.batches;
    ++own.tasks;
  }
  leave(task);
}

/// Takes the request off its tier.
void Computing::leave(Request* request) {
  request->on_tier = false;
  request->computing = false;
  TierState& tier = tiers_[request->stage];
  tier.books.record_departure(events_.now(), events_.now() - request->since);
  if (tier.is_scaled()) {
    const std::size_t site = tier.site_of(tier.stations[request->station]);
    tier.meters[site].requests_present(events_.now(), -1);
  }
}

// --- ends

void Computing::count_unfinished(const Request* request, double end) {
  TierState& tier = tiers_[request->stage];
  tier.books.record_departure(end, end - request->since);
  tier.books.usage.left += request->of_tasks ? 0 : 1;
  if (tier.sharing) {
    tier.books.busy_is_unknown();
    report_shared(request, Span::Outcome::unfinished, end);
  }
}

std::vector<TierUsage> Computing::report(double end) {
  std::vector<TierUsage> usage;
  for (TierState& tier : tiers_) {
    for (const Station& station : tier.stations) {
      for (const Batch* batch = station.running.first(); batch != nullptr; batch = batch->next) {
        count_work(tier, batch, end);
        report_batch(batch, Span::Outcome::unfinished, end);
      }
    }
    tier.books.close(end);
    usage.push_back(tier.books.usage);
  }
  return usage;
}

void Computing::release(Batch* batch) {
  ++batch->version;
  batches_.give_back(batch);
}

}  // namespace offcut::engine
