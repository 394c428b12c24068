// The loop of the naive simulator, and the path of its requests from their arrival to their end.

#include "naive_simulator.h"

#include <algorithm>

namespace offcut::engine {

NaiveSimulator::NaiveSimulator(const Simulation& simulation) : simulation_(simulation) {
  result_.tiers.resize(simulation.tiers.size());
  result_.hops.resize(simulation.hops.size());
  links_.resize(simulation.hops.size());
  senders_.resize(simulation.tiers[0].servers);
  for (std::size_t i = 0; i < simulation.tiers.size(); ++i) {
    build_stations(i);
  }
  for (std::size_t i = 0; i < simulation.classes.size(); ++i) {
    const RequestClass& request_class = simulation.classes[i];
    routes_.emplace(std::pair(i, request_class.itinerary), routes_.size());
    if (request_class.fallback) {
      routes_.emplace(std::pair(i, *request_class.fallback), routes_.size());
    }
  }
}

// --- the loop

NaiveRun NaiveSimulator::run() {
  for (std::size_t i = 0; i < simulation_.classes.size(); ++i) {
    sources_.emplace_back();
    for (std::size_t device = 0; device < simulation_.tiers[0].servers; ++device) {
      sources_[i].push_back({.number = device, .stream = random_stream(0, "unused")});
    }
    for (std::size_t device = 0; device < sources_[i].size(); ++device) {
      schedule_arrival(i, device);
    }
  }
  for (std::size_t i = 0; i < simulation_.tiers.size(); ++i) {
    for (std::size_t machine = 0; machine < simulation_.tiers[i].servers; ++machine) {
      schedule_outages(simulation_.tiers[i].faults, {false, i, machine});
    }
  }
  for (std::size_t i = 0; i < simulation_.hops.size(); ++i) {
    for (std::size_t link = 0; link <= link_of(i, simulation_.tiers[0].servers - 1); ++link) {
      schedule_outages(simulation_.hops[i].faults, {true, i, link});
    }
  }
  if (simulation_.stop.after) {
    schedule(simulation_.stop.after->si(), [this] { stopped_ = true; });
  }
  while (!events_.empty() && !stopped_) {
    const auto next = std::min_element(events_.begin(), events_.end(), [](auto& a, auto& b) {
      return std::pair(a.time, a.order) < std::pair(b.time, b.order);
    });
    const Event event = *next;
    events_.erase(next);
    integrate(event.time);
    event.happen();
    look_for_end();
  }
  return results();
}

void NaiveSimulator::schedule(double time, std::function<void()> happen) {
  events_.push_back({time, scheduled_++, std::move(happen)});
}

/// Adds what holds from now until a later time to the sums.
void NaiveSimulator::integrate(double time) {
  const double passed = time - now_;
  for (const Job& job : jobs_) {
    if (job.state == State::queued || job.state == State::computing) {
      result_.tiers[job.place].job_time += passed;
    } else if (job.state == State::on_link || job.state == State::lined_up) {
      direction_of(job).message_time += passed;
    }
  }
  for (std::size_t tier = 0; tier < stations_.size(); ++tier) {
    for (const Station& station : stations_[tier]) {
      const std::size_t cores = std::min(station.sharing.size(), simulation_.tiers[tier].cores);
      result_.tiers[tier].busy += static_cast<double>(station.running.size() + cores) * passed;
    }
  }
  now_ = time;
}

bool NaiveSimulator::sources_are_over() const {
  return arrivals_to_come_ == 0 ||
         static_cast<std::int64_t>(jobs_.size()) >= simulation_.stop.requests.value_or(1L << 60);
}

/// Returns whether only arrivals, outages and time-outs can happen by themselves.
bool NaiveSimulator::is_idle() const {
  const bool none_moves = std::none_of(jobs_.begin(), jobs_.end(), [](const Job& job) {
    return job.state == State::computing || job.state == State::on_link ||
           job.state == State::latency || job.state == State::pausing;
  });
  return none_moves && std::all_of(stations_.begin(), stations_.end(), [](const auto& tier) {
           return std::all_of(tier.begin(), tier.end(), [](const Station& station) {
             return station.decides_at == kNever.si();
           });
         });
}

void NaiveSimulator::look_for_end() {
  if (stopped_ || !sources_are_over()) {
    return;
  }
  const bool all_ended = ended_ == static_cast<std::int64_t>(jobs_.size());
  if (all_ended && !simulation_.stop.after) {
    // Work for requests that gave up counts until now, and with it what else happens now.
    is_idle() ? void(stopped_ = true) : schedule(now_, [this] { stopped_ = true; });
  } else if (all_ended) {
    return;
  } else if (is_idle() && parked_.empty()) {
    flush();
  }
}

// --- arrivals

void NaiveSimulator::schedule_arrival(std::size_t request_class, std::size_t source) {
  const Seconds time = simulation_.classes[request_class].arrivals->next(
      Seconds(now_), sources_[request_class][source]);
  if (time < kNever) {
    ++arrivals_to_come_;
    schedule(time.si(), [=, this] { arrives(request_class, source); });
  }
}

void NaiveSimulator::arrives(std::size_t request_class, std::size_t device) {
  const bool was_over = sources_are_over();
  --arrivals_to_come_;
  if (was_over) {
    return;
  }
  const RequestClass& settings = simulation_.classes[request_class];
  if (!settings.closed_loop) {
    schedule_arrival(request_class, device);
  }
  Job& job = jobs_.emplace_back();
  job.record.request = static_cast<std::int64_t>(jobs_.size()) - 1;
  job.record.input = job.record.request;
  job.record.request_class = request_class;
  job.record.device = device;
  job.record.arrival = Seconds(now_);
  job.itinerary = settings.itinerary;
  job.patience = settings.time_out.after.si();
  if (settings.time_out.after < kNever && settings.time_out.counts != TimeOut::Counts::waiting) {
    set_alarm(job, settings.time_out.after.si());
  }
  enter_tier(0, job);
}

// --- the path

void NaiveSimulator::enter_tier(std::size_t tier, Job& job) {
  itinerary_of(job).stages[tier].used ? compute(tier, job) : leave_tier(tier, job);
}

void NaiveSimulator::leave_tier(std::size_t tier, Job& job) {
  // It goes up as long as a later tier computes or a later hop is to be crossed upwards.
  const Itinerary& itinerary = itinerary_of(job);
  bool goes_on = false;
  for (std::size_t later = tier; later < itinerary.crossings.size(); ++later) {
    goes_on = goes_on || itinerary.crossings[later].goes_up || itinerary.stages[later + 1].used;
  }
  if (goes_on) {
    send(tier, true, job);
    return;
  }
  std::size_t from = 0;
  for (std::size_t hop = 0; hop < itinerary.crossings.size(); ++hop) {
    from = itinerary.crossings[hop].comes_down ? hop + 1 : from;
  }
  send_down(from, job);
}

void NaiveSimulator::send_down(std::size_t tier, Job& job) {
  if (tier > 0) {
    send(tier - 1, false, job);
  } else if (itinerary_of(job).stages[0].tail > Seconds(0)) {
    job.tail = true;
    compute(0, job);
  } else {
    job.state = State::gone;
    end(job, Ending::completed);
  }
}

// --- ends

void NaiveSimulator::drop(Job& job, const std::string& reason) {
  job.reason = reason;
  if (!job.ghost) {
    job.state = State::gone;
  }
  end(job, Ending::dropped);
}

void NaiveSimulator::end(Job& job, Ending ending) {
  job.record.ending = ending;
  job.record.completion = Seconds(now_);
  ++job.alarm;
  ++ended_;
  result_.duration = now_;
  if (class_of(job).closed_loop) {
    schedule_arrival(job.record.request_class, job.record.device);
  }
  if (job.ghost) {
    withdraw(job);
  }
}

/// Takes a request that gave up out of its queue, line or link. It runs on elsewhere, as a ghost.
void NaiveSimulator::withdraw(Job& job) {
  std::erase_if(parked_, [&](const auto& parked) { return parked.second == &job; });
  switch (job.state) {
    case State::on_link:
      if (job.bytes > 0) {
        take_off_link(job);
        message_lost(job);
      }
      break;
    case State::queued:
      std::erase_if(stations_[job.place][job.station].queue,
                    [&](const Waiting& waiting) { return waiting.job == &job; });
      job.state = State::gone;
      break;
    case State::lined_up:
    case State::parked:
      job.state = State::gone;
      break;
    case State::computing:
    case State::latency:
    case State::pausing:
    case State::gone:
      break;
  }
}

// --- time-outs

void NaiveSimulator::set_alarm(Job& job, double after) {
  schedule(now_ + after, [this, &job, alarm = ++job.alarm] {
    if (job.alarm != alarm ||
        (class_of(job).time_out.counts == TimeOut::Counts::unstarted && service_has_begun(job))) {
      return;
    }
    job.ghost = true;
    drop(job, "timed out");
  });
}

/// The request joins a queue, or the line of its device's messages.
void NaiveSimulator::begin_wait(Job& job) {
  const TimeOut& time_out = class_of(job).time_out;
  if (time_out.after < kNever && time_out.counts == TimeOut::Counts::waiting) {
    set_alarm(job, job.patience);
  }
}

void NaiveSimulator::end_wait(Job& job) {
  if (class_of(job).time_out.counts == TimeOut::Counts::waiting) {
    job.patience = std::max(job.patience - (now_ - job.since), 0.0);
    ++job.alarm;
  }
}

/// Returns whether the last tier that computes the request, before a tail, has begun with it.
bool NaiveSimulator::service_has_begun(const Job& job) const {
  const std::vector<Stage>& stages = itinerary_of(job).stages;
  const bool any =
      std::any_of(stages.begin(), stages.end(), [](auto& stage) { return stage.used; });
  const auto computed_before = [&](std::size_t tier) {
    return std::none_of(stages.begin() + static_cast<std::ptrdiff_t>(tier), stages.end(),
                        [](const Stage& stage) { return stage.used; });
  };
  if (job.sending) {
    return !job.up || (any && computed_before(job.place + 1));
  }
  return job.tail || (job.state == State::computing && computed_before(job.place + 1));
}

// --- the end of the run

NaiveRun NaiveSimulator::results() {
  if (simulation_.stop.after) {
    result_.duration = now_;
  }
  for (const Job& job : jobs_) {
    if (job.state == State::queued || job.state == State::computing) {
      ++result_.tiers[job.place].left;
    } else if (job.state == State::on_link || job.state == State::lined_up) {
      ++direction_of(job).left;
    }
  }
  for (std::size_t hop = 0; hop < links_.size(); ++hop) {
    for (const bool up : {true, false}) {
      for (const Flow& flow : up ? links_[hop].first : links_[hop].second) {
        direction_of(*flow.job).in_part +=
            flow.job->bytes - (flow.left - flow.rate * (now_ - flow.since));
      }
    }
  }
  for (Job& job : jobs_) {
    result_.requests.push_back(job.record);
    result_.reasons.push_back(job.reason);
  }
  return result_;
}

}  // namespace offcut::engine
