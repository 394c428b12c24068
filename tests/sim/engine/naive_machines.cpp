// The machines of the naive simulator: queues, batches, and processors that all requests share.

#include <algorithm>

#include "naive_simulator.h"

namespace offcut::engine {

void NaiveSimulator::build_stations(std::size_t tier) {
  const Tier& settings = simulation_.tiers[tier];
  const bool one_each = bool(settings.scheduling.dispatch);
  const std::size_t servers = one_each ? 1 : servers_per_site(tier);
  std::deque<Station>& stations = stations_.emplace_back();
  for (std::size_t i = 0; i < settings.servers / servers; ++i) {
    Station& station = stations.emplace_back();
    station.tier = tier;
    station.number = i;
    station.up.assign(servers, true);
    for (std::size_t server = servers; server-- > 0;) {
      station.free.insert(station.free.end(), settings.cores, server);
    }
  }
}

NaiveSimulator::Station& NaiveSimulator::station_of(std::size_t tier, std::size_t machine) {
  return stations_[tier][machine / stations_[tier][0].up.size()];
}

/// Returns the number of its route, in the order in which routes are first needed.
std::size_t NaiveSimulator::route_of(const Job& job) {
  return routes_.emplace(std::pair(job.record.request_class, job.itinerary), routes_.size())
      .first->second;
}

// --- arrivals

void NaiveSimulator::compute(std::size_t tier, Job& job) {
  job.place = tier;
  job.retries = 0;
  submit(job);
}

void NaiveSimulator::submit(Job& job) {
  job.since = now_;
  job.sending = false;
  if (!is_up({false, job.place, site_of(job)})) {
    recover(job);
    return;
  }
  job.station = choose_station(job);
  Station& station = stations_[job.place][job.station];
  NaiveTier& sums = result_.tiers[job.place];
  if (!admits(station, job)) {
    ++sums.rejected;
    class_of(job).failures.local_when_rejected
        ? fall_back(job)
        : drop(job, simulation_.tiers[job.place].name + " rejects");
    return;
  }
  if (shares_processor(job.place)) {
    job.state = State::computing;
    const double work = job.tail ? itinerary_of(job).stages[0].tail.si()
                                 : itinerary_of(job).stages[job.place].service[0].si();
    station.sharing.push_back({.job = &job, .left = work, .since = now_, .number = flows_++});
    share(station);
    const auto present = static_cast<std::int64_t>(station.sharing.size());
    const auto cores = static_cast<std::int64_t>(simulation_.tiers[job.place].cores);
    sums.most_waiting = std::max(sums.most_waiting, present - cores);
    return;
  }
  job.state = State::queued;
  begin_wait(job);
  station.queue.push_back(
      {key_of(station, job), station.joined++, &job, {route_of(job), job.tail}});
  start_waiting(station);
  sums.most_waiting = std::max(sums.most_waiting, static_cast<std::int64_t>(station.queue.size()));
}

std::size_t NaiveSimulator::choose_station(const Job& job) {
  const std::size_t site = site_of(job);
  if (!simulation_.tiers[job.place].scheduling.dispatch) {
    return site;
  }
  const std::size_t machines = servers_per_site(job.place);
  std::size_t& next = next_server_[{job.place, site}];
  while (down_.contains({false, job.place, site * machines + next % machines})) {
    ++next;
  }
  return site * machines + next++ % machines;
}

bool NaiveSimulator::admits(const Station& station, const Job& job) const {
  const Tier& tier = simulation_.tiers[job.place];
  if (!tier.scheduling.admission || job.tail || job.record.fell_back) {
    return true;
  }
  std::size_t waiting = station.queue.size();
  bool has_free_core = !station.free.empty();
  if (shares_processor(job.place)) {
    waiting = std::max(station.sharing.size(), tier.cores) - tier.cores;
    has_free_core = station.sharing.size() < tier.cores;
  }
  return (waiting == 0 && has_free_core) ||
         static_cast<double>(waiting) < tier.scheduling.admission.parameters.at("capacity");
}

/// Requests with the smallest keys are served first.
double NaiveSimulator::key_of(const Station& station, const Job& job) const {
  const auto& queue = simulation_.tiers[job.place].scheduling.queue;
  const std::string name = queue ? queue.kind->name : "fifo";
  const Itinerary& itinerary = itinerary_of(job);
  return name == "lifo"       ? -static_cast<double>(station.joined)
         : name == "priority" ? class_of(job).priority
         : name == "edf"      ? (job.record.arrival + class_of(job).deadline).si()
         : name == "sjf"
             ? (job.tail ? itinerary.stages[0].tail : itinerary.stages[job.place].service[0]).si()
             : 0;
}

// --- queues

void NaiveSimulator::start_waiting(Station& station) {
  double again = kNever.si();
  while (!station.free.empty() && start_one(station, false, again)) {
    again = kNever.si();
  }
  again = station.free.empty() ? kNever.si() : again;
  if (again == station.decides_at) {
    return;
  }
  station.decides_at = again;
  if (again < kNever.si()) {
    schedule(again, [this, &station] {
      if (now_ >= station.decides_at) {
        start_waiting(station);
      }
    });
  }
}

/// Starts a batch of the kind of requests whose next one comes first, unless it has to wait until
/// `again`; then of another kind. To flush is to wait for nothing. Returns whether one has started.
bool NaiveSimulator::start_one(Station& station, bool flush, double& again) {
  std::map<std::pair<std::size_t, bool>, std::vector<Waiting*>> kinds;
  const auto& batching = simulation_.tiers[station.tier].scheduling.batching;
  for (Waiting& waiting : station.queue) {
    kinds[batching ? waiting.kind : std::pair<std::size_t, bool>()].push_back(&waiting);
  }
  const auto before = [](const Waiting* a, const Waiting* b) {
    return std::pair(a->key, a->order) < std::pair(b->key, b->order);
  };
  std::vector<std::vector<Waiting*>> queues;
  for (auto& [kind, queue] : kinds) {
    std::sort(queue.begin(), queue.end(), before);
    queues.push_back(queue);
  }
  if (!flush) {
    std::sort(queues.begin(), queues.end(),
              [&](auto& a, auto& b) { return before(a.front(), b.front()); });
  }
  for (std::vector<Waiting*>& queue : queues) {
    const Job& first = *queue.front()->job;
    const std::size_t possible =
        first.tail || !batching ? 1 : itinerary_of(first).stages[station.tier].service.size();
    double oldest = kNever.si();
    for (const Waiting* waiting : queue) {
      oldest = std::min(oldest, waiting->job->since);
    }
    std::size_t take = queue.size();
    if (batching && !flush && possible > 1) {
      const bool waits_long = batching.kind->name == "fixed";
      const double size = batching.parameters.at(waits_long ? "size" : "max");
      if (static_cast<double>(queue.size()) >= size) {
        take = static_cast<std::size_t>(size);
      } else if (waits_long) {
        continue;
      } else if (now_ < oldest + batching.parameters.at("delay")) {
        again = std::min(again, oldest + batching.parameters.at("delay"));
        continue;
      }
    }
    queue.resize(std::min({take, possible, queue.size()}));
    begin(station, queue);
    return true;
  }
  return false;
}

void NaiveSimulator::begin(Station& station, std::vector<Waiting*> chosen) {
  Computation computation;
  computation.number = computations_++;
  computation.server = station.free.back();
  computation.began = now_;
  station.free.pop_back();
  for (const Waiting* waiting : chosen) {
    Job& job = *waiting->job;
    end_wait(job);
    job.state = State::computing;
    computation.jobs.push_back(&job);
  }
  const Job& first = *computation.jobs.front();
  const Stage& stage = itinerary_of(first).stages[station.tier];
  computation.service = first.tail ? stage.tail.si() : stage.service[chosen.size() - 1].si();
  std::erase_if(station.queue,
                [&](const Waiting& waiting) { return waiting.job->state == State::computing; });
  schedule(now_ + computation.service,
           [this, &station, number = computation.number] { served(station, number); });
  station.running.push_back(std::move(computation));
}

void NaiveSimulator::served(Station& station, std::int64_t number) {
  const auto found =
      std::find_if(station.running.begin(), station.running.end(),
                   [number](const Computation& running) { return running.number == number; });
  if (found == station.running.end()) {
    return;  // It was lost.
  }
  const Computation computation = *found;
  station.running.erase(found);
  station.free.push_back(computation.server);
  ++result_.tiers[station.tier].batches;
  for (Job* job : computation.jobs) {
    count_served(*job, computation.began - job->since, computation.service);
  }
  start_waiting(station);
  for (Job* job : computation.jobs) {
    if (!job->ghost) {
      job->tail ? end(*job, Ending::completed) : leave_tier(station.tier, *job);
    }
  }
}

void NaiveSimulator::count_served(Job& job, double waited, double service) {
  job.state = State::gone;
  ++result_.tiers[job.place].served;
  result_.tiers[job.place].waited += waited;
  if (!job.ghost) {
    (job.place == 0 ? job.record.device_wait : job.record.server_wait) += Seconds(waited);
    (job.place == 0 ? job.record.device_compute : job.record.server_compute) += Seconds(service);
  }
}

void NaiveSimulator::flush() {
  for (std::deque<Station>& tier : stations_) {
    for (Station& station : tier) {
      double never = 0;
      while (simulation_.tiers[station.tier].scheduling.batching && !station.free.empty() &&
             start_one(station, true, never)) {
      }
    }
  }
}

// --- processor sharing

/// Each of n requests on c cores gets min(1, c / n) of a core.
void NaiveSimulator::share(Station& station) {
  const double cores = static_cast<double>(simulation_.tiers[station.tier].cores);
  const double rate = std::min(1.0, cores / static_cast<double>(station.sharing.size()));
  const std::vector<double> rates(station.sharing.size(), rate);
  set_rates(station.sharing, rates, [this, &station](std::int64_t number) {
    const auto flow = std::find_if(station.sharing.begin(), station.sharing.end(),
                                   [number](const Flow& one) { return one.number == number; });
    Job& job = *flow->job;
    station.sharing.erase(flow);
    share(station);
    ++result_.tiers[station.tier].batches;
    const Stage& stage = itinerary_of(job).stages[station.tier];
    const double service = (job.tail ? stage.tail : stage.service[0]).si();
    count_served(job, now_ - job.since - service, service);
    if (!job.ghost) {
      job.tail ? end(job, Ending::completed) : leave_tier(station.tier, job);
    }
  });
}

// --- failures

void NaiveSimulator::machine_down(std::size_t tier, std::size_t machine) {
  Station& station = station_of(tier, machine);
  const std::size_t server = machine % station.up.size();
  station.up[server] = false;
  std::vector<Job*> lost;
  for (const Computation& running : station.running) {
    if (running.server == server) {
      lost.insert(lost.end(), running.jobs.begin(), running.jobs.end());
    }
  }
  for (const Flow& flow : station.sharing) {
    lost.push_back(flow.job);
  }
  station.sharing.clear();
  std::erase_if(station.running,
                [server](const Computation& running) { return running.server == server; });
  std::erase(station.free, server);
  if (std::count(station.up.begin(), station.up.end(), true) == 0) {
    for (const Waiting& waiting : station.queue) {
      end_wait(*waiting.job);
      lost.push_back(waiting.job);
    }
    station.queue.clear();
    station.decides_at = kNever.si();
  }
  std::sort(lost.begin(), lost.end(),
            [](const Job* a, const Job* b) { return a->record.request < b->record.request; });
  for (Job* job : lost) {
    job->state = State::gone;
  }
  for (Job* job : lost) {
    ++result_.tiers[tier].lost;
    if (!job->ghost) {
      fails(*job);
    }
  }
}

void NaiveSimulator::machine_up(std::size_t tier, std::size_t machine) {
  Station& station = station_of(tier, machine);
  const std::size_t server = machine % station.up.size();
  station.up[server] = true;
  if (!shares_processor(tier)) {
    station.free.insert(station.free.end(), simulation_.tiers[tier].cores, server);
    start_waiting(station);
  }
}

}  // namespace offcut::engine
