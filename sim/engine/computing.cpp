#include "sim/engine/computing.h"

#include <algorithm>
#include <simgrid/s4u.hpp>
#include <stdexcept>

#include "sim/engine/noise.h"

namespace offcut {
namespace {

bool shares(const Tier& tier) {
  return tier.scheduling.queue && tier.scheduling.queue.kind->shares;
}

std::size_t station_count(const Simulation& simulation, std::size_t tier) {
  const Tier& of = simulation.tiers[tier];
  return tier == 0 || of.scheduling.dispatch ? of.servers : of.sites;
}

void push_front(Batch*& first, Batch* batch) {
  batch->previous = nullptr;
  batch->next = first;
  if (first != nullptr) {
    first->previous = batch;
  }
  first = batch;
}

void take_out(Batch*& first, Batch* batch) {
  (batch->previous != nullptr ? batch->previous->next : first) = batch->next;
  if (batch->next != nullptr) {
    batch->next->previous = batch->previous;
  }
}

}  // namespace

// --- building

Computing::Computing(const Simulation& simulation, const std::vector<Route>& routes,
                     EventQueue& events, const Observers& observers, Listener& listener)
    : simulation_(simulation),
      routes_(routes),
      events_(events),
      observers_(observers),
      listener_(listener) {
  for (std::size_t tier = 0; tier < simulation.tiers.size(); ++tier) {
    tiers_.push_back(make_tier(tier));
  }
  for (TierState& tier : tiers_) {  // where they stay
    for (Station& station : tier.stations) {
      station.noise = &tier.noise[tier.noise.size() == 1 ? 0 : station.index];
    }
  }
}

std::vector<std::size_t> Computing::simgrid_hosts(const Simulation& simulation) {
  std::vector<std::size_t> hosts;
  for (std::size_t tier = 0; tier < simulation.tiers.size(); ++tier) {
    const bool needed = shares(simulation.tiers[tier]) && !simulation.own_links;
    hosts.push_back(needed ? station_count(simulation, tier) : 0);
  }
  return hosts;
}

Computing::TierState Computing::make_tier(std::size_t number) {
  const Tier& of = simulation_.tiers[number];
  const Scheduling& scheduling = of.scheduling;
  const std::size_t devices = simulation_.tiers[0].servers;
  const std::size_t stations = station_count(simulation_, number);
  TierState tier{.books = TierBooks(of.name, of.servers * of.cores)};
  tier.stations_per_site = number == 0 ? 1 : stations / of.sites;
  tier.servers_per_station = of.servers / stations;
  tier.devices_per_site = number == 0 ? 1 : (devices + of.sites - 1) / of.sites;
  tier.dispatch = scheduling.dispatch ? scheduling.dispatch.make() : nullptr;
  tier.dispatching = random_stream(simulation_.seed, "dispatch, tier", number);
  tier.shares = shares(of);
  tier.by_class = scheduling.batching || of.memory;
  for (std::size_t i = 0; i < (number == 0 ? devices : 1); ++i) {
    tier.noise.push_back(number == 0
                             ? random_stream(simulation_.seed, "compute noise, device", i)
                             : random_stream(simulation_.seed, "compute noise, tier", number));
  }
  if (tier.shares && simulation_.own_links) {
    FairShares::Listener& listener = *this;
    tier.sharing =
        std::make_unique<FairShares>(events_, listener, stations, static_cast<double>(of.cores), 1);
  }
  if (tier.shares && (tier.servers_per_station > 1 || tier.by_class)) {
    throw std::invalid_argument("processor sharing is of one server, without batches and memory");
  }
  tier.states.resize(stations);
  for (std::size_t i = 0; i < stations; ++i) {
    make_station(tier, number, i);
  }
  return tier;
}

void Computing::make_station(TierState& tier, std::size_t number, std::size_t index) {
  const Tier& of = simulation_.tiers[number];
  const Scheduling& scheduling = of.scheduling;
  const std::size_t classes = simulation_.classes.size();
  Station& at = tier.stations.emplace_back();
  at.tier = number;
  at.index = index;
  at.queues.resize(tier.by_class ? classes * Request::kParts : 1);
  for (std::size_t server = tier.servers_per_station; server-- > 0;) {
    at.free.insert(at.free.end(), of.cores, static_cast<std::uint32_t>(server));
  }
  at.down.resize(of.faults.any() ? tier.servers_per_station : 0);
  if (scheduling.queue && !tier.shares) {
    at.discipline = scheduling.queue.make();
  }
  at.batching = scheduling.batching ? scheduling.batching.make() : nullptr;
  at.admission = scheduling.admission ? scheduling.admission.make() : nullptr;
  if (of.memory) {
    std::vector<Bytes> models;
    for (const RequestClass& request_class : simulation_.classes) {
      models.push_back(request_class.stages[number].model);
    }
    at.memory.assign(tier.servers_per_station, ModelMemory(models, *of.memory));
  }
  if (classes > 1) {
    at.busy_with_others.resize(classes);
    at.busy_with.resize(classes);
  }
  tier.states[index].cores = of.cores * tier.servers_per_station;
}

// --- what requests are to a tier

Seconds Computing::service_of(std::size_t tier, std::size_t request_class, Request::Part part,
                              std::size_t batch) const {
  const RequestClass& of = simulation_.classes[request_class];
  return part == Request::Part::plan   ? of.stages[tier].service[batch - 1]
         : part == Request::Part::tail ? of.stages[0].tail
                                       : of.local;
}

/// In the best batch.
Seconds Computing::least_work(const Request* request) const {
  const std::size_t request_class = request->record.request_class;
  return request->part == Request::Part::plan
             ? routes_[request_class].least[request->stage]
             : service_of(request->stage, request_class, request->part, 1);
}

std::size_t Computing::largest_batch(std::size_t tier, std::size_t queue) const {
  const auto part = static_cast<Request::Part>(queue % Request::kParts);
  return part == Request::Part::plan
             ? simulation_.classes[queue / Request::kParts].stages[tier].service.size()
             : 1;
}

std::size_t Computing::queue_of(const TierState& tier, const Request* request) const {
  return tier.by_class ? request->record.request_class * Request::kParts +
                             static_cast<std::size_t>(request->part)
                       : 0;
}

Job Computing::job_of(const Request* request) const {
  const RequestRecord& record = request->record;
  const RequestClass& of = simulation_.classes[record.request_class];
  return {.request = record.request,
          .device = record.device,
          .request_class = record.request_class,
          .priority = of.priority,
          .queued = Seconds(request->since),
          .service = service_of(request->stage, record.request_class, request->part, 1),
          .rest = request->part == Request::Part::plan
                      ? routes_[record.request_class].rest[request->stage]
                      : Seconds(0),
          .deadline = record.arrival + of.deadline};
}

// --- coming

void Computing::submit(Request* request) {
  TierState& tier = tiers_[request->stage];
  request->since = events_.now();
  request->sending = false;
  const Job job = job_of(request);
  const auto station = choose_station(tier, request, job);
  if (!station) {
    listener_.no_machine(request);
    return;
  }
  Station& at = tier.stations[*station];
  request->station = *station;
  if (!admit(tier, at, request, job)) {
    ++tier.books.usage.rejected;
    listener_.rejected(request);
    return;
  }
  request->on_tier = true;
  tier.books.came(events_.now(), least_work(request), tier.waiting_work);
  if (tier.shares) {
    start_sharing(tier, at, request);
  } else {
    queue_up(tier, at, request, job);
  }
}

bool Computing::is_up(std::size_t tier, std::size_t device) const {
  const TierState& of = tiers_[tier];
  const std::size_t first = first_station(of, device);
  return std::any_of(of.states.begin() + static_cast<std::ptrdiff_t>(first),
                     of.states.begin() + static_cast<std::ptrdiff_t>(first + of.stations_per_site),
                     [](const ServerState& state) { return state.is_up; });
}

/// None where no machine is up.
std::optional<std::size_t> Computing::choose_station(TierState& tier, const Request* request,
                                                     const Job& job) {
  const std::size_t first = first_station(tier, request->record.device);
  if (!tier.dispatch) {
    return tier.states[first].is_up ? std::optional(first) : std::nullopt;
  }
  if (!is_up(request->stage, request->record.device)) {
    return std::nullopt;
  }
  return first +
         tier.dispatch->choose(std::span(tier.states).subspan(first, tier.stations_per_site), job,
                               Seconds(events_.now()), tier.dispatching);
}

bool Computing::admit(TierState& tier, Station& at, const Request* request, const Job& job) {
  // A device does not reject what it has fallen back to, nor answers that are back.
  const bool admitted = !at.admission || request->part != Request::Part::plan ||
                        at.admission->admits(tier.states[at.index], job, Seconds(events_.now()));
  if (observers_.decision && (tier.dispatch || at.admission)) {
    const std::size_t first = first_station(tier, request->record.device);
    observers_.decision({.time = Seconds(events_.now()),
                         .request = request->record.request,
                         .request_class = request->record.request_class,
                         .tier = request->stage,
                         .servers = std::span(tier.states).subspan(first, tier.stations_per_site),
                         .first = first,
                         .chosen = at.index - first,
                         .admitted = admitted});
  }
  return admitted;
}

void Computing::queue_up(TierState& tier, Station& at, Request* request, const Job& job) {
  const double key = at.discipline ? at.discipline->key(job) : 0;
  if (!at.busy_with.empty()) {
    count_busy(at, 0, 0);
    request->blocked = at.busy_with_others[request->record.request_class];
  }
  at.queues[queue_of(tier, request)].push({key, joined_++, request});
  ServerState& state = tier.states[at.index];
  ++state.waiting;
  state.waiting_work += job.service;
  tier.waiting_work += least_work(request);
  start_what_can(at);
  tier.books.waits(static_cast<std::int64_t>(state.waiting));
}

// --- queues

void Computing::start_what_can(Station& at) {
  while (!at.free.empty()) {
    const auto turn = next_turn(at);
    if (!turn) {
      return;
    }
    start(at, *turn);
  }
}

std::optional<Computing::Turn> Computing::next_turn(Station& at) {
  if (tiers_[at.tier].by_class) {
    return next_turn_by_class(at);
  }
  return at.queues[0].empty() ? std::nullopt : std::optional(Turn{0, 1, at.free.size() - 1});
}

/// The queue whose next request is the first of all gets its turn, unless it waits for a larger
/// batch or there is no memory for its model; then the one behind it.
std::optional<Computing::Turn> Computing::next_turn_by_class(Station& at) {
  std::vector<std::size_t> order;
  for (std::size_t queue = 0; queue < at.queues.size(); ++queue) {
    if (!at.queues[queue].empty()) {
      order.push_back(queue);
    }
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return at.queues[a].top().before(at.queues[b].top());
  });
  double again = kNever.si();
  for (const std::size_t queue : order) {
    const auto core = core_for(at, queue / Request::kParts);
    if (!core) {
      continue;
    }
    const std::size_t most = largest_batch(at.tier, queue);
    if (!at.batching || most == 1) {
      return Turn{queue, 1, *core};
    }
    const WaitingHeap& waiting = at.queues[queue];
    // To look for the oldest of a long queue takes long, and changes nothing: its batch is full.
    const double oldest = waiting.size() <= most ? waiting.oldest() : waiting.top().request->since;
    const BatchDecision decision =
        at.batching->decide(waiting.size(), Seconds(oldest), Seconds(events_.now()));
    if (decision.take > 0) {
      return Turn{queue, std::min({decision.take, most, waiting.size()}), *core};
    }
    again = std::min(again, decision.again.si());
  }
  ask_again(at, again);
  return std::nullopt;
}

/// A free core whose server has the model in memory, else one whose server has room for it.
std::optional<std::size_t> Computing::core_for(const Station& at, std::size_t request_class) const {
  if (at.memory.empty()) {
    return at.free.size() - 1;
  }
  std::optional<std::size_t> with_room;
  for (std::size_t i = at.free.size(); i-- > 0;) {
    const ModelMemory& memory = at.memory[at.free[i]];
    if (memory.holds(request_class)) {
      return i;
    }
    if (!with_room && memory.can_hold(request_class)) {
      with_room = i;
    }
  }
  return with_room;
}

void Computing::ask_again(Station& at, double time) {
  if (time < at.asks_at) {
    if (time <= events_.now()) {
      throw std::logic_error("batching wants to decide at once what it has just decided");
    }
    at.asks_at = time;
    events_.schedule(time, *this, kAskAgain, 0, &at);
  }
}

void Computing::flush() {
  for (TierState& tier : tiers_) {
    for (Station& at : tier.stations) {
      for (std::size_t queue = 0; at.batching && queue < at.queues.size(); ++queue) {
        while (!at.queues[queue].empty() && !at.free.empty()) {
          const auto core = core_for(at, queue / Request::kParts);
          if (!core) {
            break;
          }
          start(at,
                {queue, std::min(largest_batch(at.tier, queue), at.queues[queue].size()), *core});
        }
      }
    }
  }
}

// --- serving

void Computing::start(Station& at, const Turn& turn) {
  TierState& tier = tiers_[at.tier];
  ServerState& state = tier.states[at.index];
  const double now = events_.now();
  Batch* batch = batches_.take();
  batch->requests = {};
  batch->station = &at;
  batch->size = turn.take;
  batch->started = now;
  batch->server = at.free[turn.free];
  at.free.erase(at.free.begin() + static_cast<std::ptrdiff_t>(turn.free));
  Request::Part part = Request::Part::plan;
  for (std::size_t i = 0; i < turn.take; ++i) {
    const WaitingHeap::Entry entry = at.queues[turn.queue].pop();
    Request* request = entry.request;
    part = request->part;
    batch->request_class = request->record.request_class;
    if (at.discipline) {
      at.discipline->served(job_of(request), entry.key);
    }
    state.waiting_work -= service_of(at.tier, batch->request_class, part, 1);
    tier.waiting_work -= least_work(request);
    batch->requests.push(request);
  }
  batch->loading = load_model(at, batch->server, batch->request_class);
  const Seconds predicted = service_of(at.tier, batch->request_class, part, turn.take);
  batch->service = predicted.si() * draw(simulation_.tiers[at.tier].noise, *at.noise);
  batch->ends = now + batch->loading + predicted.si();
  state.waiting -= turn.take;
  state.running += turn.take;
  ++state.busy;
  state.running_ends += Seconds(batch->ends);
  if (state.waiting == 0) {  // what rounding left
    state.waiting_work = Seconds(0);
  }
  push_front(at.running, batch);
  count_busy(at, batch->request_class, 1);
  tier.books.cores_busy(now, 1);
  for (Request* request = batch->requests.first(); !at.busy_with.empty() && request != nullptr;
       request = request->next) {
    request->blocked = at.busy_with_others[batch->request_class] - request->blocked;
  }
  events_.schedule(now + batch->loading + batch->service, *this, kServed, batch->version, batch);
}

/// Seconds until the model is there; with it, it is in use.
double Computing::load_model(Station& at, std::size_t server, std::size_t request_class) {
  if (at.memory.empty()) {
    return 0;
  }
  TierState& tier = tiers_[at.tier];
  const Tier& of = simulation_.tiers[at.tier];
  ModelMemory& memory = at.memory[server];
  const auto tell = [&](RunEvent::Kind kind, std::size_t model) {
    if (observers_.event) {
      observers_.event({.kind = kind,
                        .time = Seconds(events_.now()),
                        .where = at.tier,
                        .which = at.index * tier.servers_per_station + server,
                        .request_class = model});
    }
  };
  const double now = events_.now();
  double loading = 0;
  if (memory.holds(request_class)) {  // or another core's request is waiting for it
    loading = std::max(memory.ready(request_class) - now, 0.0);
  } else {
    loading = (simulation_.classes[request_class].stages[at.tier].model / of.load).si();
    for (const std::size_t evicted : memory.load(request_class, now + loading)) {
      tell(RunEvent::Kind::model_evicted, evicted);
    }
    tell(RunEvent::Kind::model_loaded, request_class);
    ++tier.books.usage.loads;
  }
  memory.begin_use(request_class);
  return loading;
}

void Computing::handle(std::uint32_t kind, std::uint32_t version, void* subject) {
  switch (kind) {
    case kServed:
      if (auto* batch = static_cast<Batch*>(subject); batch->version == version) {
        served(batch);
      }
      break;
    case kAskAgain: {
      auto* at = static_cast<Station*>(subject);
      if (events_.now() >= at->asks_at) {
        at->asks_at = kNever.si();
        start_what_can(*at);
      }
      break;
    }
    default: {
      auto* request = static_cast<Request*>(subject);
      if (!tiers_[request->stage].states[request->station].is_up) {  // since a moment ago
        execution_ended(request, true);
        break;
      }
      const auto execution = simgrid::s4u::Exec::init()
                                 ->set_flops_amount(request->work)
                                 ->set_host((*hosts_)[request->stage][request->station]);
      execution->set_data(request);
      request->activity = execution;
      events_.activity_started();
      execution->start();
    }
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
    tier.books.usage.blocked += Seconds(at.busy_with.empty() ? 0 : request->blocked);
  }
  start_what_can(at);
  while (!requests.empty()) {
    listener_.computed(requests.pop());
  }
}

/// Ends its use of its core, whether or not it is done.
void Computing::take_off(Batch* batch) {
  Station& at = *batch->station;
  TierState& tier = tiers_[at.tier];
  ServerState& state = tier.states[at.index];
  state.running -= batch->size;
  --state.busy;
  state.running_ends = state.busy == 0 ? Seconds(0) : state.running_ends - Seconds(batch->ends);
  take_out(at.running, batch);
  count_busy(at, batch->request_class, -1);
  tier.books.cores_busy(events_.now(), -1);
  count_work(tier, batch, events_.now());
  if (!at.memory.empty()) {
    at.memory[batch->server].end_use(batch->request_class);
  }
}

/// What its core has done until now: loaded a model, and computed.
void Computing::count_work(TierState& tier, const Batch* batch, double now) {
  tier.books.was_busy(now - batch->started);
  tier.books.usage.loading += Seconds(std::min(now - batch->started, batch->loading));
}

/// Writes down until now how long classes were held up by others, and that one more core, or one
/// less, is busy with a class.
void Computing::count_busy(Station& at, std::size_t request_class, int change) {
  if (at.busy_with.empty()) {
    return;
  }
  const double now = events_.now();
  std::size_t all = 0;
  for (const std::size_t busy : at.busy_with) {
    all += busy;
  }
  for (std::size_t i = 0; i < at.busy_with.size(); ++i) {
    at.busy_with_others[i] += all > at.busy_with[i] ? now - at.busy_since : 0;
  }
  at.busy_since = now;
  at.busy_with[request_class] += static_cast<std::size_t>(change);
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
  const Seconds predicted =
      service_of(request->stage, request->record.request_class, request->part, 1);
  ServerState& state = tier.states[at.index];
  request->work = predicted.si() * draw(simulation_.tiers[request->stage].noise, *at.noise);
  state.waiting_work += predicted;
  tier.waiting_work += predicted;
  if (state.running < state.cores) {
    ++state.running;
    ++state.busy;
    tier.books.cores_busy(events_.now(), 1);
  } else {
    ++state.waiting;  // though it is served: as many are beyond the cores
  }
  if (!at.down.empty()) {
    at.sharing.push_back(request);
  }
  if (tier.sharing) {
    tier.sharing->start(at.index, request->work, request);
  } else {
    events_.with_clock(*this, kExecute, 0, request);
  }
}

void Computing::stop_sharing(TierState& tier, Station& at, Request* request) {
  const Seconds predicted =
      service_of(request->stage, request->record.request_class, request->part, 1);
  ServerState& state = tier.states[at.index];
  if (state.waiting > 0) {
    --state.waiting;
  } else {
    --state.running;
    --state.busy;
    tier.books.cores_busy(events_.now(), -1);
  }
  state.waiting_work = state.jobs() == 0 ? Seconds(0) : state.waiting_work - predicted;
  tier.waiting_work -= predicted;
  std::erase(at.sharing, request);
}

void Computing::execution_ended(Request* request, bool failed) {
  if (!failed) {
    shared(request);
    return;
  }
  TierState& tier = tiers_[request->stage];
  stop_sharing(tier, tier.stations[request->station], request);
  lose(request);
}

void Computing::shared(void* job) {
  auto* request = static_cast<Request*>(job);
  TierState& tier = tiers_[request->stage];
  stop_sharing(tier, tier.stations[request->station], request);
  ++tier.books.usage.batches;
  tier.books.was_busy(request->work);
  const Seconds service(request->work);
  // Rounding alone can make it a little shorter than its own work.
  const Seconds waited = std::max(Seconds(events_.now() - request->since) - service, Seconds(0));
  count_served(tier, request, waited, service);
  listener_.computed(request);
}

// --- failures

void Computing::lose(Request* request) {
  TierState& tier = tiers_[request->stage];
  ++tier.books.usage.lost;
  if (tier.shares) {
    tier.books.busy_is_unknown();
  }
  leave(request);
  listener_.computation_lost(request);
}

void Computing::machine_down(std::size_t number, std::size_t machine) {
  TierState& tier = tiers_[number];
  Station& at = tier.stations[machine / tier.servers_per_station];
  const std::size_t server = machine % tier.servers_per_station;
  at.down[server] = 1;
  std::vector<Request*> lost;
  for (Batch* batch = at.running; batch != nullptr;) {
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
  count_cores(tier, at);
  if (!at.memory.empty()) {
    at.memory[server].reset();
  }
  if (std::all_of(at.down.begin(), at.down.end(), [](char is_down) { return is_down != 0; })) {
    tier.states[at.index].is_up = false;
    const std::vector<Request*> others = take_all(tier, at);
    lost.insert(lost.end(), others.begin(), others.end());
  }
  std::sort(lost.begin(), lost.end(), [](const Request* a, const Request* b) {
    return a->record.request < b->record.request;
  });
  for (Request* request : lost) {
    lose(request);
  }
}

/// Those of its servers that are up; where none is, of one: policies divide by them.
void Computing::count_cores(TierState& tier, const Station& at) const {
  const auto up = std::count(at.down.begin(), at.down.end(), 0);
  tier.states[at.index].cores =
      simulation_.tiers[at.tier].cores * static_cast<std::size_t>(std::max<std::ptrdiff_t>(up, 1));
}

/// What waits at a station or shares it.
std::vector<Request*> Computing::take_all(TierState& tier, Station& at) {
  std::vector<Request*> all;
  for (WaitingHeap& queue : at.queues) {
    while (!queue.empty()) {
      Request* request = queue.pop().request;
      --tier.states[at.index].waiting;
      tier.waiting_work -= least_work(request);
      all.push_back(request);
    }
  }
  if (!tier.shares) {
    tier.states[at.index].waiting_work = Seconds(0);
  }
  const std::vector<Request*> sharing = at.sharing;
  for (Request* request : sharing) {
    if (tier.sharing) {
      tier.sharing->remove(at.index, request);
      stop_sharing(tier, at, request);
      all.push_back(request);
    } else if (request->activity != nullptr) {  // else it is about to start, and will see
      request->activity->cancel();
    }
  }
  return all;
}

void Computing::machine_up(std::size_t number, std::size_t machine) {
  TierState& tier = tiers_[number];
  Station& at = tier.stations[machine / tier.servers_per_station];
  const std::size_t server = machine % tier.servers_per_station;
  at.down[server] = 0;
  at.free.insert(at.free.end(), simulation_.tiers[number].cores,
                 static_cast<std::uint32_t>(server));
  count_cores(tier, at);
  tier.states[at.index].is_up = true;
  start_what_can(at);
}

// --- ends

void Computing::still_there(const Request* request, double end) {
  TierState& tier = tiers_[request->stage];
  tier.books.went(end, end - request->since);
  if (tier.shares) {
    tier.books.busy_is_unknown();
  }
}

std::vector<TierUsage> Computing::report(double end) {
  std::vector<TierUsage> usage;
  for (TierState& tier : tiers_) {
    for (const Station& at : tier.stations) {
      for (const Batch* batch = at.running; batch != nullptr; batch = batch->next) {
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

}  // namespace offcut
