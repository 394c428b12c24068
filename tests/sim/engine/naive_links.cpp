// The messages of the naive simulator: one after another from a device, shared max-min by
// progressive filling on all links that they cross.

#include <algorithm>

#include "naive_simulator.h"

namespace offcut::engine {

std::size_t NaiveSimulator::link_of(std::size_t hop, std::size_t device) const {
  return hop == 0 && !simulation_.hops[0].shared ? device : 0;
}

NaiveDirection& NaiveSimulator::direction_of(const Job& job) {
  return job.up ? result_.hops[job.place].up : result_.hops[job.place].down;
}

std::vector<NaiveSimulator::Flow>& NaiveSimulator::flows_of(const Job& job) {
  return job.up ? links_[job.place].first : links_[job.place].second;
}

void NaiveSimulator::send(std::size_t hop, bool up, Job& job) {
  const Crossing& crossing = itinerary_of(job).crossings[hop];
  job.place = hop;
  job.up = up;
  job.sending = true;
  job.retries = 0;
  job.bytes = (up ? crossing.up_bytes_of(job.record.input) : crossing.down_bytes).si();
  if (hop == 0) {
    (up ? job.record.upload_bytes : job.record.download_bytes) = Bytes(job.bytes);
  }
  direction_of(job).offered += job.bytes;
  line_up(job);
}

void NaiveSimulator::line_up(Job& job) {
  job.since = now_;
  job.state = State::lined_up;
  if (!job.up || job.place > 0) {
    start_sending(job);
    return;
  }
  begin_wait(job);
  Sender& sender = senders_[job.record.device];
  sender.line.push_back(&job);
  if (!sender.sending) {
    send_next(job.record.device);
  }
}

void NaiveSimulator::send_next(std::size_t device) {
  Sender& sender = senders_[device];
  sender.sending = true;
  while (!sender.line.empty()) {
    Job& job = *sender.line.front();
    sender.line.pop_front();
    if (job.ghost) {
      continue;
    }
    end_wait(job);
    job.record.upload_wait += Seconds(now_ - job.since);
    job.since = now_;
    if (start_sending(job)) {
      return;
    }
  }
  sender.sending = false;
}

bool NaiveSimulator::start_sending(Job& job) {
  const std::size_t hop = job.place;
  const bool up = job.up;
  if (!is_up({true, hop, link_of(hop, job.record.device)})) {
    recover(job);
    return false;
  }
  job.state = State::on_link;
  if (job.bytes == 0) {
    schedule(now_, [this, &job] { sent(job); });
    return true;
  }
  flows_of(job).push_back({.job = &job, .left = job.bytes, .since = now_, .number = flows_++});
  share_link(hop, up);
  return true;
}

void NaiveSimulator::sent(Job& job) {
  const bool from_device = job.up && job.place == 0;
  if (job.ghost) {
    job.state = State::gone;
  } else {
    job.state = State::latency;
    direction_of(job).bytes += job.bytes;
    ++direction_of(job).messages;
    const partition::Hop& hop = simulation_.hops[job.place].hop;
    schedule(now_ + (hop.latency + hop.per_message).si(), [this, &job] {
      job.state = State::gone;
      if (!job.ghost) {
        job.sending = false;
        (job.up ? job.record.upload : job.record.download) += Seconds(now_ - job.since);
        job.up ? enter_tier(job.place + 1, job) : send_down(job.place, job);
      }
    });
  }
  if (from_device) {
    send_next(job.record.device);
  }
}

// --- sharing

/// Gives each message the rate of progressive filling: all rates grow together, and those on a link
/// that is full stay as they are.
std::vector<double> NaiveSimulator::fair_rates(std::size_t hop, bool up) const {
  const std::vector<Flow>& flows = up ? links_[hop].first : links_[hop].second;
  const Link& link = simulation_.hops[hop];
  const auto links_of = [&](const Flow& flow) {
    std::vector<std::size_t> crossed{link_of(hop, flow.job->record.device)};
    if (link.site) {
      crossed.push_back(1000 + flow.job->record.device / link.site->devices);
    }
    return crossed;
  };
  std::map<std::size_t, double> left;  // Of the capacity, by link.
  for (const Flow& flow : flows) {
    for (const std::size_t one : links_of(flow)) {
      left[one] = one < 1000 ? link.hop.rate(up).si()
                             : ((up ? link.site->up : link.site->down) * link.site->payload).si();
    }
  }
  std::vector<double> rates(flows.size(), -1);
  for (std::size_t fixed = 0; fixed < flows.size();) {
    std::map<std::size_t, double> growing;
    for (std::size_t i = 0; i < flows.size(); ++i) {
      for (const std::size_t one : links_of(flows[i])) {
        growing[one] += rates[i] < 0 ? 1 : 0;
      }
    }
    std::size_t fullest = 0;
    double least = kNever.si();
    for (const auto& [one, count] : growing) {
      if (count > 0 && left[one] / count < least) {
        least = left[one] / count;
        fullest = one;
      }
    }
    for (std::size_t i = 0; i < flows.size(); ++i) {
      const std::vector<std::size_t> crossed = links_of(flows[i]);
      if (rates[i] < 0 && std::count(crossed.begin(), crossed.end(), fullest) > 0) {
        rates[i] = least;
        ++fixed;
        for (const std::size_t one : crossed) {
          left[one] -= least;
        }
      }
    }
  }
  return rates;
}

void NaiveSimulator::set_rates(std::vector<Flow>& flows, const std::vector<double>& rates,
                               const std::function<void(std::int64_t number)>& done) {
  for (std::size_t i = 0; i < flows.size(); ++i) {
    Flow& flow = flows[i];
    if (flow.rate == rates[i]) {
      continue;
    }
    flow.left -= std::max(flow.rate, 0.0) * (now_ - flow.since);
    flow.since = now_;
    flow.rate = rates[i];
    schedule(now_ + std::max(flow.left, 0.0) / flow.rate, [&flows, done, number = flow.number,
                                                           version = ++flow.version] {
      const auto found = std::find_if(flows.begin(), flows.end(),
                                      [number](const Flow& one) { return one.number == number; });
      if (found != flows.end() && found->version == version) {
        done(number);
      }
    });
  }
}

void NaiveSimulator::share_link(std::size_t hop, bool up) {
  std::vector<Flow>& flows = up ? links_[hop].first : links_[hop].second;
  set_rates(flows, fair_rates(hop, up), [this, hop, up, &flows](std::int64_t number) {
    const auto flow = std::find_if(flows.begin(), flows.end(),
                                   [number](const Flow& one) { return one.number == number; });
    Job& job = *flow->job;
    flows.erase(flow);
    share_link(hop, up);
    sent(job);
  });
}

// --- failures

/// Takes its message off its link, and counts what has crossed of it.
void NaiveSimulator::take_off_link(Job& job) {
  std::vector<Flow>& flows = flows_of(job);
  const auto flow =
      std::find_if(flows.begin(), flows.end(), [&job](const Flow& one) { return one.job == &job; });
  direction_of(job).in_part += job.bytes - flow->left + flow->rate * (now_ - flow->since);
  flows.erase(flow);
  share_link(job.place, job.up);
}

void NaiveSimulator::message_lost(Job& job) {
  const bool from_device = job.up && job.place == 0;
  if (job.ghost) {
    job.state = State::gone;
  } else {
    ++direction_of(job).lost;
    fails(job);
  }
  if (from_device) {
    send_next(job.record.device);
  }
}

void NaiveSimulator::link_down(std::size_t hop, std::size_t link) {
  std::vector<Job*> lost;
  for (Job& job : jobs_) {
    if (job.state == State::on_link && job.place == hop && job.bytes > 0 &&
        link_of(hop, job.record.device) == link) {
      lost.push_back(&job);
    }
  }
  for (Job* job : lost) {
    take_off_link(*job);
  }
  for (Job* job : lost) {
    message_lost(*job);
  }
}

}  // namespace offcut::engine
