// Fates are counted when they are decided, and a round takes what was decided since the one before.
// Differences of running totals give a round its bytes and its energy, so that nothing is counted
// twice or between two rounds.

#include "sim/training/round_books.h"

#include <algorithm>
#include <stdexcept>

namespace offcut::training {

Seconds rest_of(Seconds whole, Seconds compute, Seconds communication) {
  return std::max(Seconds(0), whole - compute - communication);
}

RoundBooks::RoundBooks(const std::vector<std::vector<std::int64_t>>& samples)
    : clients_(samples.size()) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    clients_[i].samples = static_cast<std::int64_t>(samples[i].size());
  }
}

void RoundBooks::begin(const engine::Tasks& tasks) {
  tasks_ = &tasks;
  clients_.resize(std::max(clients_.size(), tasks.devices()));
  used_ = energy();
}

void RoundBooks::begin_rounds(const Traffic& traffic) {
  up_ = traffic.up;
  down_ = traffic.down;
  loading_ = traffic.time;
  used_ = energy();
}

Joules RoundBooks::energy() const {
  Joules sum;
  for (std::size_t i = 0; i < tasks_->devices(); ++i) {
    sum += tasks_->energy_of(i);
  }
  return sum;
}

VisitHandle RoundBooks::select(std::size_t client) {
  auto visit = std::make_shared<Visit>();
  visit->client = client;
  visit->start = visit->reported = tasks_->now();
  ++clients_.at(client).selected;
  visit->serial = selections_++;
  open_.emplace(visit->serial, visit);
  return visit;
}

void RoundBooks::decide(const VisitHandle& visit, Visit::Fate fate) {
  if (fate == Visit::Fate::open || visit->fate != Visit::Fate::open ||
      open_.erase(visit->serial) == 0) {
    throw std::logic_error("the fate of a client's work was decided twice");
  }
  visit->fate = fate;
  ++tally_.selected;
  ClientRecord& client = clients_[visit->client];
  switch (fate) {
    case Visit::Fate::counted:
      ++tally_.participants;
      ++client.counted;
      break;
    case Visit::Fate::late:
      ++tally_.late;
      ++client.late;
      break;
    default:
      ++tally_.lost;
      ++client.lost;
  }
  // A late client may be at work, on tasks that report when they end.
  count_waiting(*visit, fate == Visit::Fate::late ? visit->reported : tasks_->now());
}

void RoundBooks::count_waiting(Visit& visit, Seconds until) {
  const Seconds waited =
      std::max(visit.waited, rest_of(until - visit.start, visit.compute, visit.communication));
  clients_[visit.client].waiting += waited - visit.waited;
  visit.waited = waited;
}

void RoundBooks::report(Visit& visit, Seconds end) {
  visit.reported = std::max(visit.reported, end);
  if (visit.fate == Visit::Fate::late) {
    count_waiting(visit, visit.reported);
  }
}

void RoundBooks::computed(Visit& visit, const engine::TaskReport& task, std::int64_t steps) {
  const Seconds busy = task.end - task.begin;
  visit.compute += busy;
  clients_[visit.client].compute += busy;
  if (task.is_done) {
    clients_[visit.client].steps += steps;
  }
  report(visit, task.end);
}

void RoundBooks::carried(Visit& visit, const Trip& trip, Bytes bytes, bool up) {
  visit.communication += trip.busy;
  ClientRecord& client = clients_[visit.client];
  client.communication += trip.busy;
  if (trip.is_done || trip.busy > Seconds(0)) {
    (up ? client.bytes_up : client.bytes_down) += bytes;
  }
  report(visit, trip.end);
}

const RoundRecord& RoundBooks::end_round(RoundRecord record, const Traffic& traffic) {
  record.selected = tally_.selected;
  record.participants = tally_.participants;
  record.late = tally_.late;
  record.lost = tally_.lost;
  if (record.selected != record.participants + record.late + record.lost) {
    throw std::logic_error("a round lost one of its clients");
  }
  tally_ = {};
  record.bytes_up = traffic.up - up_;
  record.bytes_down = traffic.down - down_;
  up_ = traffic.up;
  down_ = traffic.down;
  const Joules now = energy();
  record.energy = now - used_;
  used_ = now;
  rounds_.push_back(record);
  return rounds_.back();
}

void RoundBooks::close(TrainingRecord& record, Seconds end, const Traffic& traffic,
                       const std::optional<RoundRecord>& unfinished) {
  const auto open = open_;
  for (const auto& [serial, visit] : open) {
    decide(visit, Visit::Fate::late);
  }
  if (tally_.selected > 0 && !unfinished && !rounds_.empty() && rounds_.back().end == end) {
    // Whoever is at work when the last round ends comes after it.
    RoundRecord& last = rounds_.back();
    last.selected += tally_.selected;
    last.participants += tally_.participants;
    last.late += tally_.late;
    last.lost += tally_.lost;
    tally_ = {};
  }
  if (tally_.selected > 0 || unfinished) {
    RoundRecord last;
    if (unfinished) {
      last = *unfinished;
    } else {
      last.round = rounds_.empty() ? 1 : rounds_.back().round + 1;
      last.start = rounds_.empty() ? Seconds(0) : rounds_.back().end;
    }
    last.end = end;
    last.compute = last.communication = {};
    last.waiting = end - last.start;
    end_round(last, traffic);
  }
  std::int64_t of_rounds = 0;
  std::int64_t counted = 0;
  for (const RoundRecord& round : rounds_) {
    of_rounds += round.selected;
    counted += round.participants;
  }
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    ClientRecord& client = clients_[i];
    of_rounds -= client.selected;
    counted -= client.counted;
    if (client.selected != client.counted + client.late + client.lost) {
      throw std::logic_error("a client's work was lost from the books");
    }
    client.energy = i < tasks_->devices() ? tasks_->energy_of(i) : Joules(0);
  }
  if (of_rounds != 0 || counted != 0) {
    throw std::logic_error("the books of rounds and of clients differ");
  }
  record.rounds = std::move(rounds_);
  record.clients = std::move(clients_);  // Of a million devices, a copy would be 100 MB.
  record.sync = traffic.time - loading_;
}

}  // namespace offcut::training
