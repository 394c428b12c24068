// `rounds`: synchronous federated learning with any aggregator for rounds. The server selects free
// clients, sends them its state, and makes its next state of the updates that arrive in time. A
// round without participants changes nothing.

#include <algorithm>

#include "sim/training/forecasts.h"
#include "sim/training/sync_round.h"

namespace offcut::training {
namespace {

constexpr Bytes kLossBytes{8};  // A loss on its way to the server: a double.

const Job& checked_rounds(const Job& job) {
  check_aggregation(job, AggregatorKind::Schedule::rounds);
  return job;
}

class FederatedRounds final : public JobRun {
 public:
  explicit FederatedRounds(const Job& job)
      : JobRun(checked_rounds(job)),
        aggregator_(make_aggregator(job)),
        selection_(job.selection->make(job.selection_parameters, job.seed)),
        state_(std::make_shared<State>(job.trainer->initial())) {}

 private:
  void start() override {
    pool_.emplace(book(), *job().data, clients(), server_level());
    begin_round();
  }

  SharedState state() override { return state_; }

  void begin_round() {
    std::vector<KnownClient> free = pool_->free();
    if (free.empty()) {
      pool_->when_free([this] { begin_round(); });
      return;
    }
    open_round();
    const std::size_t count = std::min(clients_to_select(job(), per_round()), free.size());
    std::vector<std::size_t> asked = selection_->asks(free, count, round());
    if (asked.empty()) {
      select(std::move(free), count);
    } else {
      ask(asked, std::move(free), count);
    }
  }

  /// Gets the loss of the server's state from some clients, which keep that state.
  void ask(const std::vector<std::size_t>& asked, std::vector<KnownClient> free,
           std::size_t count) {
    asked_ = asked.size();
    holders_.clear();
    losses_.clear();
    for (const std::size_t client : asked) {
      pool_->take(client);
      const ClientRuns::Handle piece = parts().runs.loss(state_, job().data->samples[client]);
      const auto answered = [=, this](bool is_done) {
        if (is_done) {
          losses_[client] = parts().runs.result(piece).loss;
          holders_.push_back(client);
        } else {
          parts().runs.forget(piece);
        }
        pool_->give_back(client);
        if (--asked_ == 0) {
          take_answers(free, count);
        }
      };
      const auto answer = [=, this](const engine::TaskReport& report) {
        if (!report.is_done) {
          answered(false);
          return;
        }
        book().carry(client, 0, server_level(), kLossBytes,
                     [answered](const Trip& trip) { answered(trip.is_done); });
      };
      book().carry(client, server_level(), 0, bytes_down(parts(), aggregator_.get()),
                   [=, this](const Trip& trip) {
                     if (!trip.is_done) {
                       answered(false);
                       return;
                     }
                     const Seconds time =
                         time_of_loss(*job().times, parts().machine(client, 0),
                                      job().data->samples.count(client), job().settings.batch);
                     book().compute({.device = client, .level = 0, .service = time, .model = {}},
                                    answer);
                   });
    }
  }

  void take_answers(std::vector<KnownClient> free, std::size_t count) {
    std::sort(holders_.begin(), holders_.end());
    std::erase_if(free, [&](const KnownClient& k) { return !pool_->is_reachable(k.client); });
    for (KnownClient& known : free) {
      const auto found = losses_.find(known.client);
      if (found != losses_.end()) {
        known.loss = found->second;
      }
    }
    select(std::move(free), count);
  }

  void select(std::vector<KnownClient> free, std::size_t count) {
    RoundOrder order;
    order.number = round();
    order.clients = free.empty() ? std::vector<std::size_t>()
                                 : selection_->choose(free, std::min(count, free.size()), round());
    order.holders = std::move(holders_);
    order.state = state_;
    order.level = server_level();
    order.needed = per_round();
    order.aggregator = aggregator_.get();
    order.pool = &*pool_;
    if (job().settings.deadline) {
      order.until = start_of_round() + *job().settings.deadline;
    }
    holders_.clear();
    if (order.clients.empty()) {  // All candidates went down while they were asked.
      end_round(nullptr, 0);
      return;
    }
    run_round(parts(), std::move(order), [this](std::vector<Arrival> arrivals) {
      if (arrivals.empty()) {
        end_round(nullptr, 0);
        return;
      }
      const std::size_t device = arrivals.front().update.client;
      const std::size_t arrived = arrivals.size();
      parts().update_server(
          device, server_level(), arrived, [=, this, arrivals = std::move(arrivals)]() mutable {
            const ServerStep step =
                apply_arrivals(parts(), state_, std::move(arrivals), *aggregator_);
            end_round(step.state, step.loss);
          });
    });
  }

  void end_round(const SharedState& state, double loss) {
    if (state != nullptr) {
      state_ = state;
    }
    if (finish_round(loss)) {
      begin_round();
    }
  }

  std::unique_ptr<Aggregator> aggregator_;
  std::unique_ptr<Selection> selection_;
  SharedState state_;
  std::optional<ClientPool> pool_;
  std::size_t asked_ = 0;
  std::vector<std::size_t> holders_;
  std::map<std::size_t, double> losses_;
};

/// A round lasts as long as its slowest client, or until the deadline, and the server's updates.
RoundForecast forecast_rounds(const Job& job, const System& system) {
  check_job(checked_rounds(job));
  const std::unique_ptr<Aggregator> aggregator = make_aggregator(job);
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  const std::size_t level = level_of_server(job, system.levels(clients.front()));
  const std::size_t count = clients_per_round(job, clients.size());
  const std::size_t at_once = std::min(clients_to_select(job, count), clients.size());
  RoundForecast forecast =
      forecast_of_slowest(ways_of_round(job, system, clients, level, at_once,
                                        aggregator->extra_down(), aggregator->extra_up()),
                          count);
  if (job.settings.deadline && forecast.round > *job.settings.deadline) {
    forecast.note = "the deadline ends the round before its slowest client";
    forecast.round = *job.settings.deadline;
    forecast.communication = std::min(forecast.communication, forecast.round);
    forecast.compute = forecast.round - forecast.communication;
  }
  const Seconds update =
      static_cast<double>(count) * job.times->of(system.group_of(clients.front()), level, 1).update;
  forecast.round += update;
  forecast.compute += update;
  const Layout& layout = job.trainer->layout();
  const double hops = static_cast<double>(at_once) * static_cast<double>(level);
  forecast.bytes_down = hops * (1 + aggregator->extra_down()) * layout.bytes();
  forecast.bytes_up =
      hops * (UpdateCodec(job.codec, layout).bound() + aggregator->extra_up() * layout.bytes());
  forecast.loading = time_of_loading(job, system, clients);
  return forecast;
}

}  // namespace

void register_rounds(Registry<StrategyKind>& registry) {
  registry.add({.name = "rounds",
                .doc = "synchronous rounds of selected clients and a server",
                .citation = "McMahan et al., AISTATS 2017, algorithm 1",
                .parameters = {},
                .aggregates = true,
                .make = [](const Job& job) -> std::unique_ptr<Strategy> {
                  return std::make_unique<FederatedRounds>(job);
                },
                .forecast = forecast_rounds});
}

}  // namespace offcut::training
