// Fates are counted when they are decided, and a round takes what was decided since the one before.
// Differences of running totals give a round its bytes and its energy, so that nothing is counted
// twice or between two rounds. The totals are those of TaskBook, which sees every task.

#include "sim/training/round_books.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace offcut::training {
namespace {

Carried operator-(const Carried& a, const Carried& b) { return {a.up - b.up, a.down - b.down}; }
void operator+=(Carried& a, const Carried& b) {
  a.up += b.up;
  a.down += b.down;
}

}  // namespace

RoundBooks::RoundBooks(const ClientSamples& samples) : clients_(samples.size()) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    clients_[i].samples = samples.count(i);
  }
}

void RoundBooks::begin(TaskBook& book) {
  book_ = &book;
  clients_.resize(std::max(clients_.size(), book.tasks().devices()));
  last_ = totals();
}

void RoundBooks::begin_rounds() {
  has_loaded_ = true;
  last_ = totals();
  of_loading_ = last_.carried;
  loading_ = book_->time_of_messages();
}

RoundBooks::Totals RoundBooks::totals() const {
  return {.carried = book_->carried(), .energy = book_->tasks().energy()};
}

VisitHandle RoundBooks::select(std::size_t client) {
  if (book_->times().is_at_work(client)) {
    throw std::logic_error("a client that is at work was selected");
  }
  VisitHandle& current = current_[client];
  if (current != nullptr) {
    end_visit(*current);
  }
  auto visit = std::make_shared<Visit>();
  visit->client = client;
  visit->start = visit->until = book_->now();
  visit->worked = book_->times().of(client).all();
  ++clients_.at(client).selected;
  visit->serial = selections_++;
  open_.emplace(visit->serial, visit);
  current = visit;
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
  if (fate != Visit::Fate::late) {  // A late client may be at work.
    visit->until = book_->now();
    leave(visit);
  }
}

void RoundBooks::leave(const VisitHandle& visit) {
  const auto current = current_.find(visit->client);
  const bool is_current = current != current_.end() && current->second == visit;
  if (is_current && visit->fate != Visit::Fate::open && !book_->times().is_at_work(visit->client)) {
    end_visit(*visit);
    current_.erase(current);
  }
}

/// Counts the time of a visit in which its client did nothing. REQUIRES: nothing is under way for
/// the client.
void RoundBooks::end_visit(const Visit& visit) {
  const ClientTimes::Work& work = book_->times().of(visit.client);
  const bool is_open = visit.fate == Visit::Fate::open;  // The client is selected again.
  const Seconds until = std::max(is_open ? book_->now() : visit.until, work.last);
  const Seconds waited = until - visit.start - (work.all() - visit.worked);
  clients_[visit.client].waiting += std::max(Seconds(0), waited);  // But for rounding errors.
}

const RoundRecord& RoundBooks::end_round(RoundRecord record) {
  return end_round(std::move(record), totals());
}

const RoundRecord& RoundBooks::end_round(RoundRecord record, const Totals& now) {
  record.selected = tally_.selected;
  record.participants = tally_.participants;
  record.late = tally_.late;
  record.lost = tally_.lost;
  if (record.selected != record.participants + record.late + record.lost) {
    throw std::logic_error("a round lost one of its clients");
  }
  const Seconds rest =
      record.end - record.start - record.compute - record.communication - record.waiting;
  if (std::abs(rest.si()) > 1e-9 * (1 + record.end.si()) ||
      std::min({record.compute, record.communication, record.waiting}) < Seconds(0)) {
    throw std::logic_error("the parts of a round are not its time");
  }
  tally_ = {};
  const Carried carried = now.carried - last_.carried;
  record.bytes_up = carried.up;
  record.bytes_down = carried.down;
  record.energy = now.energy - last_.energy;
  last_ = now;
  rounds_.push_back(std::move(record));
  return rounds_.back();
}

void RoundBooks::end_rounds() {
  if (!has_loaded_) {
    begin_rounds();  // The run ended before.
  }
  end_ = totals();
}

void RoundBooks::close(TrainingRecord& record, Seconds end,
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
    last.has_ended = false;
    last.compute = last.communication = {};
    last.waiting = end - last.start;
    end_round(std::move(last), end_);
  }
  close_clients();
  record.rounds = std::move(rounds_);
  record.clients = std::move(clients_);  // Of a million devices, a copy would be 100 MB.
  record.of_loading = of_loading_;
  record.after_end = book_->carried() - last_.carried;
  record.of_sites = book_->carried_of_sites();
  record.sync = book_->time_of_messages() - loading_;
  check(record);
}

void RoundBooks::close_clients() {
  book_->times().close();
  for (const auto& [client, visit] : current_) {
    end_visit(*visit);
  }
  for (std::size_t i = 0; i < book_->tasks().devices(); ++i) {
    ClientRecord& client = clients_[i];
    const ClientTimes::Work& work = book_->times().of(i);
    client.compute = work.compute;
    client.communication = work.communication;
    client.bytes_up = book_->carried_of(i).up;
    client.bytes_down = book_->carried_of(i).down;
    client.energy = book_->tasks().energy_of(i);
  }
}

void RoundBooks::check(const TrainingRecord& record) const {
  std::int64_t selected = 0;
  std::int64_t counted = 0;
  Carried carried = record.of_loading;
  carried += record.after_end;
  for (const RoundRecord& round : record.rounds) {
    selected += round.selected;
    counted += round.participants;
    carried += {round.bytes_up, round.bytes_down};
  }
  Carried of_owners = record.of_sites;
  for (const ClientRecord& client : record.clients) {
    selected -= client.selected;
    counted -= client.counted;
    of_owners += {client.bytes_up, client.bytes_down};
    if (client.selected != client.counted + client.late + client.lost) {
      throw std::logic_error("a client's work was lost from the books");
    }
  }
  if (selected != 0 || counted != 0) {
    throw std::logic_error("the books of rounds and of clients differ");
  }
  if (carried.up != of_owners.up || carried.down != of_owners.down) {
    throw std::logic_error("the bytes of rounds and of clients differ");
  }
}

}  // namespace offcut::training
