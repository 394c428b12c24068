// `asynchronous`: a server that keeps a fraction of the clients at work and makes its next state
// whenever an update arrives (FedAsync), or a buffer of them is full (FedBuff), as the aggregator
// says. A client begins with the state of that moment.

#include <fmt/format.h>

#include <algorithm>

#include "models/base/error.h"
#include "sim/training/forecasts.h"
#include "sim/training/sync_round.h"

namespace offcut::training {
namespace {

const Job& checked_asynchronous(const Job& job) {
  check_aggregation(job, AggregatorKind::Schedule::asynchronous);
  refuse_settings(job, {"over-selection", "deadline", "partial-work"},
                  "an asynchronous server has no rounds that it could end early");
  return job;
}

class AsynchronousServer final : public JobRun {
 public:
  explicit AsynchronousServer(const Job& job)
      : JobRun(checked_asynchronous(job)),
        aggregator_(make_aggregator(job)),
        selection_(job.selection->make(job.selection_parameters, job.seed)),
        state_(std::make_shared<State>(job.trainer->initial())) {}

 private:
  void start() override {
    pool_.emplace(book(), *job().data, clients(), server_level());
    open_round();
    fill();
  }

  SharedState state() override { return state_; }

  /// Sends clients to work until the fraction is at work.
  void fill() {
    while (at_work_ < per_round()) {
      const std::vector<KnownClient> free = pool_->free();
      const std::size_t missing = std::min(per_round() - at_work_, free.size());
      const std::vector<std::size_t> chosen =
          missing == 0 ? std::vector<std::size_t>() : selection_->choose(free, missing, ++picks_);
      if (chosen.empty()) {
        if (free.empty()) {
          pool_->when_free([this] { fill(); });
        }
        return;
      }
      for (const std::size_t client : chosen) {
        begin_work(client);
      }
    }
  }

  void begin_work(std::size_t client) {
    ++at_work_;
    RoundOrder order;
    order.number = ++works_;
    order.clients = {client};
    order.state = state_;
    order.level = server_level();
    order.needed = 1;
    order.aggregator = aggregator_.get();
    order.pool = &*pool_;
    run_round(parts(), std::move(order), [this, version = version_](std::vector<Arrival> arrivals) {
      --at_work_;
      if (!arrivals.empty()) {
        const std::size_t device = arrivals.front().update.client;
        parts().update_server(device, server_level(), 1,
                              [=, this, arrivals = std::move(arrivals)]() mutable {
                                take(std::move(arrivals), version);
                              });
      }
      // The server goes on when it has the update, unless it takes no time.
      book().at(book().now(), [this] { fill(); });
    });
  }

  void take(std::vector<Arrival> arrivals, std::int64_t version) {
    book().note_progress();
    arrivals.front().update.staleness = version_ - version;
    const ServerStep step = apply_arrivals(parts(), state_, std::move(arrivals), *aggregator_);
    loss_ += step.loss;
    ++updates_;
    if (step.state == state_) {
      return;  // The buffer is not full yet.
    }
    state_ = step.state;
    ++version_;
    const double loss = loss_ / static_cast<double>(updates_);
    loss_ = 0;
    updates_ = 0;
    if (finish_round(loss)) {
      open_round();
    }
  }

  std::unique_ptr<Aggregator> aggregator_;
  std::unique_ptr<Selection> selection_;
  SharedState state_;
  std::optional<ClientPool> pool_;
  std::size_t at_work_ = 0;
  std::int64_t version_ = 0;
  std::int64_t picks_ = 0;  // Calls of the selection.
  std::int64_t works_ = 0;
  std::int64_t updates_ = 0;  // Since the last state.
  double loss_ = 0;           // The sum of theirs.
};

/// Clients at work send an update per mean way each; `buffer` updates make a state.
RoundForecast forecast_asynchronous(const Job& job, const System& system) {
  check_job(checked_asynchronous(job));
  const std::unique_ptr<Aggregator> aggregator = make_aggregator(job);
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  const std::size_t level = level_of_server(job, system.levels(clients.front()));
  const std::size_t at_work = clients_per_round(job, clients.size());
  const std::vector<ClientWay> ways = ways_of_round(
      job, system, clients, level, 1, aggregator->extra_down(), aggregator->extra_up());
  double rate = 0;  // Updates per second, if every client were at work.
  ClientWay mean;
  for (const ClientWay& way : ways) {
    rate += 1 / way.all().si();
    mean.compute += way.compute / static_cast<double>(ways.size());
    mean.up += (way.up + way.down) / static_cast<double>(ways.size());
  }
  const auto buffer = static_cast<double>(aggregator->updates_per_state());
  if (at_work < clients.size()) {  // The next one is drawn at random, whatever its way.
    rate = static_cast<double>(at_work) / mean.all().si();
  }
  RoundForecast forecast;
  forecast.round = Seconds(buffer / rate);
  const double share = forecast.round / mean.all();
  forecast.compute = share * mean.compute;
  forecast.communication = share * mean.up;
  const Layout& layout = job.trainer->layout();
  const double hops = buffer * static_cast<double>(level);
  forecast.bytes_down = hops * (1 + aggregator->extra_down()) * layout.bytes();
  forecast.bytes_up =
      hops * (UpdateCodec(job.codec, layout).bound() + aggregator->extra_up() * layout.bytes());
  forecast.loading = time_of_loading(job, system, clients);
  forecast.note = "the mean time between two states, without contention for links";
  return forecast;
}

}  // namespace

void register_asynchronous(Registry<StrategyKind>& registry) {
  registry.add({.name = "asynchronous",
                .doc = "a server that takes updates whenever they arrive; rounds are its states",
                .citation = "Xie, Koyejo, Gupta, 2019, algorithm 1; Nguyen et al., AISTATS 2022",
                .parameters = {},
                .aggregates = true,
                .schedule = AggregatorKind::Schedule::asynchronous,
                .make = [](const Job& job) -> std::unique_ptr<Strategy> {
                  return std::make_unique<AsynchronousServer>(job);
                },
                .forecast = forecast_asynchronous});
}

}  // namespace offcut::training
