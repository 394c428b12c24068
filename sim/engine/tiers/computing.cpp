#include "sim/engine/tiers/computing.h"

#include <algorithm>

namespace offcut::engine {

// --- building

Computing::Computing(const Simulation& simulation, const network::Places& places,
                     const std::vector<const Route*>& routes, EventQueue& events,
                     const Observers& observers, Listener& listener)
    : simulation_(simulation),
      events_(events),
      observers_(observers),
      listener_(listener),
      intake_(places, events, observers) {
  ProcessorSharing::Listener& sharing = *this;
  for (std::size_t i = 0; i < simulation.tiers.size(); ++i) {
    TierState& tier = tiers_.emplace_back(simulation, places.start(), i, routes);
    if (shares(simulation.tiers[i])) {
      tier.sharing = std::make_unique<ProcessorSharing>(simulation, simulation.tiers[i],
                                                        tier.stations.size(), events, sharing);
    }
  }
}

std::vector<std::size_t> Computing::simgrid_hosts(const Simulation& simulation,
                                                  const network::Attachment& attachment) {
  std::vector<std::size_t> hosts;
  for (std::size_t tier = 0; tier < simulation.tiers.size(); ++tier) {
    const Tier& of = simulation.tiers[tier];
    const bool needed = shares(of) && !simulation.own_links;
    hosts.push_back(needed ? attachment.sites(tier) * stations_per_site_of(of, attachment, tier)
                           : 0);
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

// --- coming

void Computing::submit(Request* request) {
  TierState& tier = tiers_[request->stage];
  request->since = events_.now();
  request->sending = false;
  const scheduling::Job job = job_of(simulation_, request);
  const auto station = intake_.choose_station(tier, request, job);
  if (!station) {
    listener_.no_machine(request);
    return;
  }
  Station& at = tier.stations[*station];
  request->station = *station;
  if (!intake_.admit(tier, at, request, job)) {
    ++tier.books.usage.rejected;
    listener_.rejected(request);
    return;
  }
  request->on_tier = true;
  tier.books.came(events_.now(), request->offered ? Seconds(0) : request->least_work(),
                  tier.waiting_work);
  request->offered = true;
  if (tier.sharing) {
    start_sharing(tier, at, request);
  } else {
    queue_up(tier, at, request, job);
  }
}

void Computing::queue_up(TierState& tier, Station& at, Request* request,
                         const scheduling::Job& job) {
  const double key = at.discipline ? at.discipline->key(job) : 0;
  if (at.head_of_line) {
    request->held_up = at.head_of_line->held_up(request->record.request_class, events_.now());
  }
  if (!at.memory.empty()) {
    tier.meet(*request->route, simulation_.classes[request->record.request_class]);
  }
  at.push({key, joined_++, request});
  scheduling::ServerState& state = tier.states[at.index];
  ++state.waiting;
  const Seconds work = request->least_work();
  state.waiting_work += work;
  tier.waiting_work += work;
  start_what_can(at);
  tier.books.waits(static_cast<std::int64_t>(state.waiting));
}

// --- queues

void Computing::start_what_can(Station& at) {
  Station::Next next;
  while (!at.free.empty()) {
    next = at.next_turn(events_.now());
    if (!next.turn) {
      break;
    }
    start(at, *next.turn);
  }
  ask_again(at, at.free.empty() ? kNever.si() : next.again);
}

/// At that time instead of the one before; never: not at all.
void Computing::ask_again(Station& at, double time) {
  if (time == at.asks_at) {
    return;
  }
  if (at.asks_at < kNever.si()) {
    events_.release();
  }
  at.asks_at = time;
  if (time < kNever.si()) {
    events_.hold();
    events_.schedule_in_background(time, *this, kAskAgain, 0, &at);
  }
}

void Computing::flush() {
  for (TierState& tier : tiers_) {
    for (Station& at : tier.stations) {
      while (const auto turn = at.batching ? at.any_turn() : std::nullopt) {
        start(at, *turn);
      }
    }
  }
}

// --- serving

void Computing::start(Station& at, const Turn& turn) {
  TierState& tier = tiers_[at.tier];
  scheduling::ServerState& state = tier.states[at.index];
  const double now = events_.now();
  Batch* batch = batches_.take();
  batch->requests = {};
  batch->station = &at;
  batch->size = turn.take;
  batch->started = now;
  batch->server = at.free[turn.core];
  at.free.erase(at.free.begin() + static_cast<std::ptrdiff_t>(turn.core));
  WaitingHeap& queue = at.queues[turn.queue];
  batch->route = queue.top().request->route;
  const Seconds predicted = queue.top().request->service(turn.take);
  for (std::size_t i = 0; i < turn.take; ++i) {
    const WaitingHeap::Entry entry = queue.pop();
    Request* request = entry.request;
    if (at.discipline) {
      at.discipline->served(job_of(simulation_, request), entry.key);
    }
    const Seconds work = request->least_work();
    state.waiting_work -= work;
    tier.waiting_work -= work;
    batch->requests.push(request);
  }
  const std::size_t request_class = batch->route->request_class;
  batch->loading = load_model(at, batch->server, *batch->route);
  batch->service = predicted.si() * tier.noise(at.index, request_class);
  batch->ends = now + batch->loading + predicted.si();
  state.waiting -= turn.take;
  state.running += turn.take;
  ++state.busy;
  state.running_ends += Seconds(batch->ends);
  if (state.waiting == 0) {  // what rounding left
    state.waiting_work = Seconds(0);
  }
  at.running.add(batch);
  tier.books.cores_busy(now, 1);
  if (at.head_of_line) {
    at.head_of_line->begins(request_class, now);
    const double held_up = at.head_of_line->held_up(request_class, now);
    for (Request* request = batch->requests.first(); request != nullptr; request = request->next) {
      request->held_up = held_up - request->held_up;
    }
  }
  events_.hold();
  events_.schedule_in_background(now + batch->loading + batch->service, *this, kServed,
                                 batch->version, batch);
}

/// Seconds until the model is there; with it, it is in use.
double Computing::load_model(Station& at, std::size_t server, const Route& route) {
  if (at.memory.empty()) {
    return 0;
  }
  TierState& tier = tiers_[at.tier];
  const Tier& of = simulation_.tiers[at.tier];
  ModelMemory& memory = at.memory[server];
  const std::size_t model = tier.models.slot_of(route);
  const auto tell = [&](RunEvent::Kind kind, std::size_t which) {
    if (observers_.event) {
      observers_.event({.kind = kind,
                        .time = Seconds(events_.now()),
                        .where = at.tier,
                        .which = tier.machine_of(at, server),
                        .request_class = tier.models.first_class(which)});
    }
  };
  const double now = events_.now();
  double loading = 0;
  if (memory.holds(model)) {  // or another core's request is waiting for it
    loading = std::max(memory.ready(model) - now, 0.0);
  } else {
    loading = of.load_rate().time_for(now, route.stage(at.tier).model.si());
    for (const std::size_t evicted : memory.load(model, now + loading)) {
      tell(RunEvent::Kind::model_evicted, evicted);
    }
    tell(RunEvent::Kind::model_loading, model);
    ++tier.books.usage.loads;
  }
  memory.begin_use(model);
  return loading;
}

void Computing::handle(std::uint32_t kind, std::uint32_t version, void* subject) {
  if (kind == kServed) {
    if (auto* batch = static_cast<Batch*>(subject); batch->version == version) {
      served(batch);
    }
  } else if (auto* at = static_cast<Station*>(subject); events_.now() >= at->asks_at) {
    start_what_can(*at);
  }
}

void Computing::served(Batch* batch) {
  Station& at = *batch->station;
  TierState& tier = tiers_[at.tier];
  RequestList requests = batch->requests;
  const double began = batch->started + batch->loading;
  const Seconds service(batch->service);
  const std::size_t size = batch->size;
  ++tier.books.usage.batches;
  take_off(batch);
  at.free.push_back(static_cast<std::uint32_t>(batch->server));
  release(batch);
  if (at.batching) {
    at.batching->finished(size, service);
  }
  for (Request* request = requests.first(); request != nullptr; request = request->next) {
    count_served(tier, request, Seconds(began - request->since), service);
    tier.books.usage.blocked += Seconds(at.head_of_line ? request->held_up : 0);
  }
  start_what_can(at);
  while (!requests.empty()) {
    listener_.computed(requests.pop());
  }
}

/// Ends its use of its core, whether or not it is done.
void Computing::take_off(Batch* batch) {
  events_.release();
  Station& at = *batch->station;
  TierState& tier = tiers_[at.tier];
  scheduling::ServerState& state = tier.states[at.index];
  state.running -= batch->size;
  --state.busy;
  state.running_ends = state.busy == 0 ? Seconds(0) : state.running_ends - Seconds(batch->ends);
  at.running.remove(batch);
  if (at.head_of_line) {
    at.head_of_line->ends(batch->route->request_class, events_.now());
  }
  tier.books.cores_busy(events_.now(), -1);
  count_work(tier, batch, events_.now());
  if (!at.memory.empty()) {
    at.memory[batch->server].end_use(tier.models.slot_of(*batch->route));
  }
}

/// What its core has done until now: loaded a model, and computed.
void Computing::count_work(TierState& tier, const Batch* batch, double now) {
  tier.books.was_busy(now - batch->started);
  tier.books.usage.loading += Seconds(std::min(now - batch->started, batch->loading));
}

void Computing::count_served(TierState& tier, Request* request, Seconds waited, Seconds service) {
  RequestRecord& record = request->record;
  (request->stage == 0 ? record.device_wait : record.server_wait) += waited;
  (request->stage == 0 ? record.device_compute : record.server_compute) += service;
  ++tier.books.usage.served;
  tier.books.usage.waited += waited;
  leave(request);
}

/// It is no longer the tier's.
void Computing::leave(Request* request) {
  request->on_tier = false;
  tiers_[request->stage].books.went(events_.now(), events_.now() - request->since);
}

// --- processor sharing

void Computing::start_sharing(TierState& tier, Station& at, Request* request) {
  const Seconds predicted = request->least_work();
  scheduling::ServerState& state = tier.states[at.index];
  request->work = predicted.si() * tier.noise(at.index, request->record.request_class);
  state.waiting_work += predicted;
  tier.waiting_work += predicted;
  if (state.running < state.cores) {
    ++state.running;
    ++state.busy;
    tier.books.cores_busy(events_.now(), 1);
  } else {
    ++state.waiting;  // though it is served: as many are beyond the cores
  }
  tier.sharing->start(request);
}

void Computing::stop_sharing(const Request* request) {
  TierState& tier = tiers_[request->stage];
  const Seconds predicted = request->least_work();
  scheduling::ServerState& state = tier.states[request->station];
  if (state.waiting > 0) {
    --state.waiting;
  } else {
    --state.running;
    --state.busy;
    tier.books.cores_busy(events_.now(), -1);
  }
  state.waiting_work = state.jobs() == 0 ? Seconds(0) : state.waiting_work - predicted;
  tier.waiting_work -= predicted;
}

void Computing::execution_ended(Request* request, bool failed) {
  tiers_[request->stage].sharing->execution_ended(request, failed);
}

void Computing::shared(Request* request) {
  stop_sharing(request);
  TierState& tier = tiers_[request->stage];
  ++tier.books.usage.batches;
  tier.books.was_busy(request->work);
  const Seconds service(request->work);
  // Rounding alone can make it a little shorter than its own work.
  const Seconds waited = std::max(Seconds(events_.now() - request->since) - service, Seconds(0));
  count_served(tier, request, waited, service);
  listener_.computed(request);
}

void Computing::sharing_lost(Request* request) {
  stop_sharing(request);
  tiers_[request->stage].books.busy_is_unknown();
  lose(request);
}

// --- failures

void Computing::lose(Request* request) {
  ++tiers_[request->stage].books.usage.lost;
  leave(request);
  listener_.computation_lost(request);
}

void Computing::machine_down(std::size_t number, std::size_t machine) {
  TierState& tier = tiers_[number];
  Station& at = tier.station_of(machine);
  const std::size_t server = tier.server_of(machine);
  tier.books.cores_up(events_.now(), -static_cast<std::ptrdiff_t>(simulation_.tiers[number].cores));
  at.down[server] = 1;
  count_cores(tier, at);
  tier.states[at.index].is_up = at.is_up();
  if (tier.sharing) {
    tier.sharing->server_down(at.index);
    return;
  }
  std::vector<Request*> lost;
  take_off_server(at, server, lost);
  if (!at.is_up()) {
    take_out_of_queues(at, lost);
  }
  for (Request* request : in_order_of_arrival(std::move(lost))) {
    lose(request);
  }
}

void Computing::take_off_server(Station& at, std::size_t server, std::vector<Request*>& lost) {
  for (Batch* batch = at.running.first(); batch != nullptr;) {
    Batch* const next = batch->next;
    if (batch->server == server) {
      for (Request* r = batch->requests.first(); r != nullptr; r = r->next) {
        lost.push_back(r);
      }
      take_off(batch);
      release(batch);
    }
    batch = next;
  }
  std::erase(at.free, static_cast<std::uint32_t>(server));
  if (!at.memory.empty()) {
    at.memory[server].reset();
  }
}

void Computing::take_out_of_queues(Station& at, std::vector<Request*>& lost) {
  TierState& tier = tiers_[at.tier];
  for (WaitingHeap& queue : at.queues) {
    while (!queue.empty()) {
      lost.push_back(queue.pop().request);
      tier.waiting_work -= lost.back()->least_work();
    }
  }
  tier.states[at.index].waiting = 0;
  tier.states[at.index].waiting_work = Seconds(0);
  ask_again(at, kNever.si());
}

/// Those of its servers that are up; where none is, of one: policies divide by them.
void Computing::count_cores(TierState& tier, const Station& at) const {
  const auto up = std::count(at.down.begin(), at.down.end(), 0);
  tier.states[at.index].cores =
      simulation_.tiers[at.tier].cores * static_cast<std::size_t>(std::max<std::ptrdiff_t>(up, 1));
}

void Computing::machine_up(std::size_t number, std::size_t machine) {
  TierState& tier = tiers_[number];
  Station& at = tier.station_of(machine);
  const std::size_t server = tier.server_of(machine);
  tier.books.cores_up(events_.now(), static_cast<std::ptrdiff_t>(simulation_.tiers[number].cores));
  at.down[server] = 0;
  count_cores(tier, at);
  tier.states[at.index].is_up = true;
  if (tier.sharing) {
    tier.sharing->server_up(at.index);
    return;
  }
  at.free.insert(at.free.end(), simulation_.tiers[number].cores,
                 static_cast<std::uint32_t>(server));
  start_what_can(at);
}

// --- ends

void Computing::still_there(const Request* request, double end) {
  TierState& tier = tiers_[request->stage];
  tier.books.went(end, end - request->since);
  if (tier.sharing) {
    tier.books.busy_is_unknown();
  }
}

std::vector<TierUsage> Computing::report(double end) {
  std::vector<TierUsage> usage;
  for (TierState& tier : tiers_) {
    for (const Station& at : tier.stations) {
      for (const Batch* batch = at.running.first(); batch != nullptr; batch = batch->next) {
        count_work(tier, batch, end);
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
