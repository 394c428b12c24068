// `split`: split learning. Clients take turns: each has the head of the network for its batches,
// and hands it to the next one over the server, which has the rest. A round is one turn of each of
// its clients. If a device fails in its turn, the head is again what the server handed to it.

#include <algorithm>

#include "sim/training/split_turn.h"
#include "sim/training/tasks_system.h"

namespace offcut::training {
namespace {

/// The clients of a round: the next ones in a fixed cycle over all of them.
std::vector<std::size_t> next_clients(const std::vector<KnownClient>& free, std::size_t count,
                                      std::size_t& cursor) {
  std::vector<std::size_t> chosen;
  const auto first = std::lower_bound(
      free.begin(), free.end(), cursor,
      [](const KnownClient& known, std::size_t client) { return known.client < client; });
  const auto start = static_cast<std::size_t>(first - free.begin());
  for (std::size_t i = 0; i < std::min(count, free.size()); ++i) {
    chosen.push_back(free[(start + i) % free.size()].client);
  }
  cursor = chosen.back() + 1;
  return chosen;
}

/// The time of a round in which `count` clients take turns: that of as many mean turns.
TurnTime time_in_turns(const Job& job, const NetworkCut& cut, const System& system,
                       std::size_t level, std::size_t count) {
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  const Together alone(system, clients, 1);
  TurnTime sum;
  for (const std::size_t client : clients) {
    const TurnTime turn = time_of_turn(job, cut, client, system.group_of(client), level, alone);
    sum.compute += turn.compute;
    sum.communication += turn.communication;
    sum.up += turn.up;
    sum.down += turn.down;
  }
  const double share = static_cast<double>(count) / static_cast<double>(clients.size());
  return {.compute = share * sum.compute,
          .communication = share * sum.communication,
          .up = share * sum.up,
          .down = share * sum.down};
}

class SplitLearning final : public JobRun {
 public:
  explicit SplitLearning(const Job& job)
      : JobRun(checked_for_cut(job)),
        model_(this->job()),
        working_(job.trainer->initial()),
        state_(std::make_shared<State>(working_)) {}

  TrainingRecord close(Seconds end) override {
    TrainingRecord record = JobRun::close(end);
    record.level_of = cut_ ? levels_of(*cut_, server_level()) : std::vector<std::size_t>();
    return record;
  }

 private:
  void start() override {
    const TasksAsSystem system(book().tasks());
    cut_ = model_.choose(job().settings.parameters.text("cut"), [&](const NetworkCut& cut) {
      return time_in_turns(job(), cut, system, server_level(), per_round()).all();
    });
    trainer_.emplace(job(), cut_->part_of);
    optimizer_ = trainer_->optimizer();
    pool_.emplace(book(), *job().data, clients(), server_level());
    begin_round();
  }

  SharedState state() override { return state_; }

  void begin_round() {
    const std::vector<KnownClient> free = pool_->free();
    if (free.empty()) {
      pool_->when_free([this] { begin_round(); });
      return;
    }
    open_round();
    waiting_ = next_clients(free, per_round(), cursor_);
    std::reverse(waiting_.begin(), waiting_.end());
    loss_ = samples_ = 0;
    next_turn();
  }

  void next_turn() {
    if (waiting_.empty()) {
      end_round();
      return;
    }
    const std::size_t client = waiting_.back();
    waiting_.pop_back();
    const State before = working_;
    TurnOrder order;
    order.client = client;
    order.level = server_level();
    order.work = work_of(job(), client, round());
    order.step = [this, rate = order.work.rate](std::span<const std::int64_t> samples,
                                                std::int64_t /*step*/) {
      return trainer_->step(working_, samples, 1, rate, steps_++, *optimizer_);
    };
    run_turn(parts(), *cut_, order, [this, client, before](const Turn& turn) {
      if (turn.is_done) {
        parts().books.decide(turn.visit, Visit::Fate::counted);
        const auto weight = static_cast<double>(job().data->samples.count(client));
        loss_ += weight * turn.loss;
        samples_ += weight;
      } else {
        parts().books.decide(turn.visit, Visit::Fate::lost);
        cut_->state.copy(before, working_);
      }
      next_turn();
    });
  }

  void end_round() {
    state_ = std::make_shared<State>(working_);
    if (finish_round(samples_ > 0 ? loss_ / samples_ : 0)) {
      begin_round();
    }
  }

  CutModel model_;
  State working_;
  SharedState state_;
  std::optional<NetworkCut> cut_;
  std::optional<PartedTrainer> trainer_;
  std::optional<train::Optimizer> optimizer_;
  std::optional<ClientPool> pool_;
  std::vector<std::size_t> waiting_;  // Clients of the round, the next one at the back.
  std::size_t cursor_ = 0;            // Where the next round begins.
  double loss_ = 0, samples_ = 0;     // Sums over the round's turns.
  std::uint64_t steps_ = 0;
};

RoundForecast forecast_split(const Job& job, const System& system) {
  const CutModel model(checked_for_cut(job));
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  const std::size_t level = level_of_server(job, system.levels(clients.front()));
  const std::size_t count = clients_per_round(job, clients.size());
  const auto time = [&](const NetworkCut& cut) {
    return time_in_turns(job, cut, system, level, count);
  };
  const NetworkCut cut = model.choose(job.settings.parameters.text("cut"),
                                      [&](const NetworkCut& one) { return time(one).all(); });
  const TurnTime round = time(cut);
  return {.round = round.all(),
          .compute = round.compute,
          .communication = round.communication,
          .waiting = {},
          .bytes_up = round.up,
          .bytes_down = round.down,
          .loading = time_of_loading(job, system, clients),
          .note = "the cut " + cut.name,
          .level_of = levels_of(cut, level)};
}

}  // namespace

void register_split(Registry<StrategyKind>& registry) {
  registry.add({.name = "split",
                .doc = "split learning: clients take turns with the head of the network, the "
                       "server has the rest; a round is a turn of each",
                .citation = "Vepakomma, Gupta, Swedish, Raskar, 2018, vanilla split learning",
                .parameters = {cut_parameter()},
                .cuts = true,
                .make = [](const Job& job) -> std::unique_ptr<Strategy> {
                  return std::make_unique<SplitLearning>(job);
                },
                .forecast = forecast_split});
}

}  // namespace offcut::training
