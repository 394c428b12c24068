// `split-fed`: split learning of all clients of a round at the same time. Each trains a head of its
// own, and the heads are averaged by their samples at the end of the round. The server's part is
// either averaged as well, with a copy for each client (version 1 of the paper), or one that all
// batches train in the order in which the server is through with them (version 2).

#include <algorithm>

#include "sim/training/drawing.h"
#include "sim/training/split_turn.h"
#include "sim/training/tasks_system.h"

namespace offcut::training {
namespace {

constexpr const char* kShared = "shared";

std::vector<ClientWay> ways_of_turns(const Job& job, const NetworkCut& cut, const System& system,
                                     std::size_t level, std::size_t at_once) {
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  const Together together(system, clients, at_once);
  std::vector<ClientWay> ways;
  for (const std::size_t client : clients) {
    const TurnTime turn = time_of_turn(job, cut, client, system.group_of(client), level, together);
    ways.push_back({.down = {}, .compute = turn.compute, .up = turn.communication});
  }
  return ways;
}

class SplitFed final : public JobRun {
 public:
  explicit SplitFed(const Job& job)
      : JobRun(checked_for_cut(job)),
        model_(this->job()),
        state_(std::make_shared<State>(job.trainer->initial())) {}

  TrainingRecord close(Seconds end) override {
    TrainingRecord record = JobRun::close(end);
    record.level_of = cut_ ? levels_of(*cut_, server_level()) : std::vector<std::size_t>();
    return record;
  }

 private:
  /// A client's part in a round.
  struct Learner {
    std::size_t client;
    State state;  // Its head, and its copy of the server's part if these are averaged.
    train::Optimizer optimizer;
    std::optional<Turn> turn;
  };

  bool is_shared() const { return job().settings.parameters.text("server") == kShared; }

  void start() override {
    const TasksAsSystem system(book().tasks());
    cut_ = model_.choose(job().settings.parameters.text("cut"), [&](const NetworkCut& cut) {
      return forecast_of_slowest(ways_of_turns(job(), cut, system, server_level(), per_round()),
                                 per_round())
          .round;
    });
    tail_ = state_of_layers(*job().network, job().trainer->layout(), cut_->tail);
    trainer_.emplace(job(), cut_->part_of);
    pool_.emplace(book(), *job().data, clients(), server_level());
    stream_ = random_stream(job().seed, "clients of split-fed", 0);
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
    std::vector<std::size_t> chosen = random_sample(free.size(), per_round(), *stream_);
    std::sort(chosen.begin(), chosen.end());
    learners_.clear();
    shared_ = *state_;
    left_ = chosen.size();
    for (const std::size_t index : chosen) {
      learners_.push_back(
          {free[index].client, *state_, trainer_->optimizer(), std::optional<Turn>()});
    }
    if (!shared_optimizer_) {
      shared_optimizer_ = trainer_->optimizer();
    }
    for (std::size_t i = 0; i < learners_.size(); ++i) {
      begin_turn(i);
    }
  }

  void begin_turn(std::size_t index) {
    TurnOrder order;
    order.client = learners_[index].client;
    order.level = server_level();
    order.work = work_of(job(), order.client, round());
    order.step = [this, index, rate = order.work.rate](std::span<const std::int64_t> samples,
                                                       std::int64_t /*step*/) {
      return take_step(learners_[index], samples, rate);
    };
    run_turn(parts(), *cut_, order, [this, index](const Turn& turn) {
      learners_[index].turn = turn;
      parts().books.decide(turn.visit, turn.is_done ? Visit::Fate::counted : Visit::Fate::lost);
      if (--left_ == 0) {
        average();
      }
    });
  }

  double take_step(Learner& learner, std::span<const std::int64_t> samples, double rate) {
    if (!is_shared()) {
      return trainer_->step(learner.state, samples, 1, rate, steps_++, learner.optimizer);
    }
    tail_.copy(shared_, learner.state);
    const double loss =
        trainer_->step(learner.state, samples, 1, rate, steps_++, *shared_optimizer_);
    tail_.copy(learner.state, shared_);
    return loss;
  }

  /// Averages what has arrived by the clients' samples.
  void average() {
    std::vector<const Learner*> done;
    double samples = 0;
    double loss = 0;
    for (const Learner& learner : learners_) {
      if (!learner.turn->is_done) {
        continue;
      }
      const auto weight = static_cast<double>(job().data->samples.count(learner.client));
      done.push_back(&learner);
      samples += weight;
      loss += weight * learner.turn->loss;
    }
    auto next = std::make_shared<State>(is_shared() ? shared_ : *state_);
    if (done.empty()) {
      end_round(std::move(next), 0);
      return;
    }
    State mean(next->size());
    for (std::size_t i = 0; i < mean.size(); ++i) {
      double sum = 0;
      for (const Learner* learner : done) {
        sum += static_cast<double>(job().data->samples.count(learner->client)) *
               static_cast<double>(learner->state[i]);
      }
      mean[i] = static_cast<float>(sum / samples);
    }
    cut_->state.copy(mean, *next);
    if (!is_shared()) {
      tail_.copy(mean, *next);
    }
    parts().update_server(done.front()->client, server_level(), done.size(),
                          [=, this] { end_round(next, loss / samples); });
  }

  void end_round(SharedState state, double loss) {
    state_ = std::move(state);
    if (finish_round(loss)) {
      begin_round();
    }
  }

  CutModel model_;
  SharedState state_;
  std::optional<NetworkCut> cut_;
  StatePart tail_;
  std::optional<PartedTrainer> trainer_;
  std::optional<train::Optimizer> shared_optimizer_;
  std::optional<ClientPool> pool_;
  std::optional<RandomStream> stream_;
  std::vector<Learner> learners_;
  State shared_;          // The server's part that all train.
  std::size_t left_ = 0;  // Learners on the way.
  std::uint64_t steps_ = 0;
};

/// A round lasts as long as its slowest client, and the server's averages; the server has a core
/// for each of them.
RoundForecast forecast_split_fed(const Job& job, const System& system) {
  const CutModel model(checked_for_cut(job));
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  const std::size_t level = level_of_server(job, system.levels(clients.front()));
  const std::size_t count = clients_per_round(job, clients.size());
  const auto slowest = [&](const NetworkCut& cut) {
    return forecast_of_slowest(ways_of_turns(job, cut, system, level, count), count);
  };
  const NetworkCut cut = model.choose(job.settings.parameters.text("cut"),
                                      [&](const NetworkCut& one) { return slowest(one).round; });
  RoundForecast forecast = slowest(cut);
  const Seconds update =
      static_cast<double>(count) * job.times->of(system.group_of(clients.front()), level, 1).update;
  forecast.round += update;
  forecast.compute += update;
  const Together together(system, clients, count);
  for (const std::size_t client : clients) {
    const TurnTime turn = time_of_turn(job, cut, client, system.group_of(client), level, together);
    const double share = static_cast<double>(count) / static_cast<double>(clients.size());
    forecast.bytes_up += share * turn.up;
    forecast.bytes_down += share * turn.down;
  }
  forecast.loading = time_of_loading(job, system, clients);
  forecast.note = "the cut " + cut.name;
  forecast.level_of = levels_of(cut, level);
  return forecast;
}

}  // namespace

void register_split_fed(Registry<StrategyKind>& registry) {
  registry.add(
      {.name = "split-fed",
       .doc = "split learning of all clients at the same time, whose heads are averaged each round",
       .citation = "Thapa, Chamikara, Camtepe, Sun, \"SplitFed\", AAAI 2022",
       .parameters = {cut_parameter(),
                      {.name = "server",
                       .is_text = true,
                       .one_of = {"averaged", kShared},
                       .doc = "the server's part: a copy for each client, averaged each round, or "
                              "one that all of them train in turn"}},
       .cuts = true,
       .make = [](const Job& job) -> std::unique_ptr<Strategy> {
         return std::make_unique<SplitFed>(job);
       },
       .forecast = forecast_split_fed});
}

}  // namespace offcut::training
