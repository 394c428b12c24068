// One object per round follows all of its clients: download, local work, upload. It lives as long
// as one of them is on the way, since late clients work on after the round has ended.

#include "sim/training/sync_round.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "models/base/error.h"
#include "sim/training/forecasts.h"

namespace offcut::training {
namespace {

class SyncRound : public std::enable_shared_from_this<SyncRound> {
 public:
  SyncRound(RunParts& parts, RoundOrder order, std::function<void(std::vector<Arrival>)> then)
      : parts_(parts), order_(std::move(order)), then_(std::move(then)) {}

  void begin() {
    left_ = order_.clients.size();
    for (const std::size_t client : order_.clients) {
      order_.pool->take(client);
      const VisitHandle visit = parts_.books.select(client);
      KnownClient& known = order_.pool->known(client);
      known.last_round = order_.number;
      visits_.push_back(visit);
      LocalWork work = work_of(parts_.job, client, order_.number);
      if (order_.aggregator != nullptr) {
        order_.aggregator->prepare(client, work);
      }
      download(visit, work);
    }
    if (order_.until) {
      parts_.book.at(*order_.until, [self = shared_from_this()] { self->end(); });
    }
  }

 private:
  void download(const VisitHandle& visit, const LocalWork& work) {
    if (std::binary_search(order_.holders.begin(), order_.holders.end(), visit->client)) {
      compute(visit, work);
      return;
    }
    const Bytes bytes = bytes_down(parts_, order_.aggregator);
    parts_.book.carry(visit->client, order_.level, 0, bytes,
                      [=, self = shared_from_this()](const Trip& trip) {
                        if (trip.is_done) {
                          self->compute(visit, work);
                        } else {
                          self->lose(visit);
                        }
                      });
  }

  void compute(const VisitHandle& visit, LocalWork work) {
    const Machine machine = parts_.machine(visit->client, 0);
    shorten(visit->client, machine, work);
    const ClientRuns::Handle piece = parts_.runs.train(order_.state, work);
    parts_.book.compute({.device = visit->client,
                         .level = 0,
                         .service = time_of_work(*parts_.job.times, machine, work),
                         .model = {}},
                        [=, self = shared_from_this()](const engine::TaskReport& report) {
                          if (report.is_done) {
                            self->parts_.books.add_steps(visit->client, work.steps());
                            self->upload(visit, work, piece);
                          } else {
                            self->parts_.runs.forget(piece);
                            self->lose(visit);
                          }
                        });
  }

  /// Partial work: as many steps as leave time for an upload on an idle way.
  void shorten(std::size_t client, Machine machine, LocalWork& work) const {
    if (!order_.until || !parts_.job.settings.partial_work) {
      return;
    }
    const Bytes bytes = parts_.codec.bound() + extra_bytes_up(parts_, order_.aggregator);
    Seconds left = *order_.until - parts_.book.now();
    for (std::size_t hop = 0; hop < order_.level; ++hop) {
      left -=
          parts_.book.tasks().idle_time({.device = client, .hop = hop, .up = true, .bytes = bytes});
    }
    const std::int64_t steps = steps_within(*parts_.job.times, machine, work, left);
    if (steps < work.steps()) {
      work.most_steps = steps;
    }
  }

  void upload(const VisitHandle& visit, const LocalWork& work, const ClientRuns::Handle& piece) {
    auto arrival = std::make_shared<Arrival>();
    Bytes bytes = parts_.state_bytes();
    if (has_ended_ && parts_.codec.is_plain()) {
      parts_.runs.forget(piece);  // Nobody will look at the update, and its size is known.
    } else {
      bytes = fill(*arrival, visit, work, piece);
    }
    bytes += extra_bytes_up(parts_, order_.aggregator);
    parts_.book.carry(visit->client, 0, order_.level, bytes,
                      [=, self = shared_from_this()](const Trip& trip) {
                        if (trip.is_done) {
                          self->arrive(visit, std::move(*arrival));
                        } else {
                          self->lose(visit);
                        }
                      });
  }

  /// Returns the bytes of the encoded update.
  Bytes fill(Arrival& arrival, const VisitHandle& visit, const LocalWork& work,
             const ClientRuns::Handle& piece) {
    const LocalResult& result = parts_.runs.result(piece);
    State change = result.state;
    for (std::size_t i = 0; i < change.size(); ++i) {
      change[i] -= (*order_.state)[i];
    }
    UpdateCodec::Encoded encoded = parts_.codec.encode(visit->client, change);
    arrival.update.client = visit->client;
    arrival.update.samples = static_cast<std::int64_t>(work.samples.size());
    arrival.update.steps = result.steps;
    arrival.update.change = std::move(encoded.decoded);
    arrival.update.from = order_.state;
    arrival.residual = std::move(encoded.residual);
    arrival.visit = visit;
    arrival.work = work;
    arrival.piece = piece;
    arrival.loss = result.loss;
    return encoded.bytes;
  }

  void arrive(const VisitHandle& visit, Arrival arrival) {
    KnownClient& known = order_.pool->known(visit->client);
    known.took = parts_.book.now() - visit->start;
    if (has_ended_) {
      leave(visit);
      return;
    }
    known.loss = arrival.loss;
    arrival.way = parts_.book.way();
    arrivals_.push_back(std::move(arrival));
    leave(visit);
  }

  void lose(const VisitHandle& visit) {
    if (visit->fate == Visit::Fate::open) {
      parts_.books.decide(visit, Visit::Fate::lost);
    }
    leave(visit);
  }

  void leave(const VisitHandle& visit) {
    --left_;
    parts_.books.leave(visit);
    order_.pool->give_back(visit->client);
    if (left_ == 0 || arrivals_.size() == order_.needed) {
      end();
    }
  }

  void end() {
    if (has_ended_) {
      return;
    }
    has_ended_ = true;
    std::set<VisitHandle> arrived;
    for (const Arrival& arrival : arrivals_) {
      arrived.insert(arrival.visit);
    }
    for (const VisitHandle& visit : visits_) {
      if (!arrived.contains(visit) && visit->fate == Visit::Fate::open) {
        parts_.books.decide(visit, Visit::Fate::late);
      }
    }
    visits_.clear();
    if (!arrivals_.empty()) {
      parts_.book.follow(arrivals_.back().way);
    }
    std::sort(arrivals_.begin(), arrivals_.end(),
              [](const Arrival& a, const Arrival& b) { return a.update.client < b.update.client; });
    const auto then = std::move(then_);
    then_ = nullptr;
    then(std::move(arrivals_));
  }

  RunParts& parts_;
  RoundOrder order_;
  std::function<void(std::vector<Arrival>)> then_;
  std::vector<VisitHandle> visits_;
  std::vector<Arrival> arrivals_;
  std::size_t left_ = 0;  // Clients on the way.
  bool has_ended_ = false;
};

}  // namespace

void run_round(RunParts& parts, RoundOrder order, std::function<void(std::vector<Arrival>)> then) {
  std::make_shared<SyncRound>(parts, std::move(order), std::move(then))->begin();
}

ServerStep apply_arrivals(RunParts& parts, const SharedState& server, std::vector<Arrival> arrivals,
                          Aggregator& aggregator) {
  ServerStep step{.state = server, .loss = 0};
  if (arrivals.empty()) {
    return step;
  }
  std::vector<Update> updates;
  double samples = 0;
  for (Arrival& arrival : arrivals) {
    aggregator.finish(arrival.update.client, arrival.work, *arrival.update.from,
                      parts.runs.result(arrival.piece), arrival.update);
    parts.books.decide(arrival.visit, Visit::Fate::counted);
    parts.codec.keep(arrival.update.client, std::move(arrival.residual));
    const auto weight = static_cast<double>(arrival.update.samples);
    step.loss += weight * arrival.loss;
    samples += weight;
    updates.push_back(std::move(arrival.update));
  }
  step.loss /= samples;
  auto state = std::make_shared<State>(*server);
  if (aggregator.apply(updates, *state)) {
    step.state = std::move(state);
  }
  return step;
}

void check_aggregation(const Job& job, AggregatorKind::Schedule schedule) {
  if (job.aggregator == nullptr || job.selection == nullptr) {
    throw std::logic_error("a server of clients needs an aggregator and a selection");
  }
  if (job.aggregator->schedule != schedule) {
    const bool is_in_rounds = job.aggregator->schedule == AggregatorKind::Schedule::rounds;
    throw InputError({},
                     fmt::format("'{}' updates its state {}; it needs the strategy '{}'",
                                 job.aggregator->name, is_in_rounds ? "in rounds" : "at any time",
                                 is_in_rounds ? "rounds" : "asynchronous"));
  }
}

std::unique_ptr<Aggregator> make_aggregator(const Job& job) {
  const std::size_t clients = clients_with_samples(*job.data).size();
  return job.aggregator->make(job.aggregator_parameters,
                              {.layout = job.trainer->layout(),
                               .clients = clients,
                               .per_round = clients_per_round(job, clients)});
}

std::size_t clients_to_select(const Job& job, std::size_t needed) {
  // Less than a billionth of a client is an error of the arithmetic.
  const double count = static_cast<double>(needed) * (1 + job.settings.over_selection);
  return static_cast<std::size_t>(std::ceil(count - 1e-9));
}

Bytes bytes_down(const RunParts& parts, const Aggregator* aggregator) {
  return whole((1 + (aggregator != nullptr ? aggregator->extra_down() : 0)) * parts.state_bytes());
}

Bytes extra_bytes_up(const RunParts& parts, const Aggregator* aggregator) {
  return whole((aggregator != nullptr ? aggregator->extra_up() : 0) * parts.state_bytes());
}

std::vector<ClientWay> ways_of_round(const Job& job, const System& system,
                                     const std::vector<std::size_t>& clients, std::size_t level,
                                     std::size_t at_once, double extra_down, double extra_up) {
  const Layout& layout = job.trainer->layout();
  const Together together(system, clients, at_once);
  const Bytes up = UpdateCodec(job.codec, layout).bound() + whole(extra_up * layout.bytes());
  std::vector<ClientWay> ways;
  for (const std::size_t client : clients) {
    ways.push_back(
        {.down = together.time(client, level, 0, whole((1 + extra_down) * layout.bytes())),
         .compute = time_of_client(job, {.group = system.group_of(client), .level = 0}, client),
         .up = together.time(client, 0, level, up)});
  }
  return ways;
}

}  // namespace offcut::training
