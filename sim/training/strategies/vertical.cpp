// `vertical`: parties hold different features of the same samples, the server holds the labels. In
// each step, all parties send the embeddings of a batch, the head at the server goes forward and
// back, and each party gets the slopes of its embeddings. A round is a step; a party or a link that
// is down delays it.

#include <fmt/format.h>

#include <algorithm>

#include "models/base/error.h"
#include "sim/training/client_pool.h"
#include "sim/training/forecasts.h"
#include "sim/training/job_run.h"
#include "sim/training/loading.h"
#include "sim/training/parted_trainer.h"
#include "sim/training/split_turn.h"
#include "sim/training/step_order.h"
#include "sim/training/vertical_network.h"

namespace offcut::training {
namespace {

/// Returns the parts of the job's network. Throws InputError unless client i is party i.
VerticalParts checked_parts(const Job& job) {
  const VerticalParts parts = vertical_parts(*job.network);
  const std::vector<std::vector<std::int64_t>>& held = job.data->features;
  if (held.size() != parts.features.size()) {
    throw InputError(
        {job.network->name()},
        fmt::format("model: the network joins {} parties, but the data is split by feature "
                    "among {}",
                    parts.features.size(), held.size()));
  }
  for (std::size_t party = 0; party < held.size(); ++party) {
    std::vector<std::int64_t> own = held[party];
    std::sort(own.begin(), own.end());
    if (own != parts.features[party]) {
      throw InputError(
          {job.network->name()},
          fmt::format("model: party {} of the network reads other features than client {} "
                      "holds",
                      party, party));
    }
  }
  return parts;
}

/// Returns the bytes of a sample's embeddings from a bottom.
Bytes embedding_bytes(const Graph& network, const VerticalParts& parts, std::size_t party) {
  double bytes = 0;
  for (const LayerId id : parts.bottoms[party]) {
    for (const TensorId output : network.layer(id).outputs) {
      const std::vector<LayerId>& readers = network.tensor(output).consumers;
      if (std::any_of(readers.begin(), readers.end(), [&](LayerId reader) {
            return parts.part_of[reader] == parts.features.size();
          })) {
        bytes += static_cast<double>(network.tensor(output).type.bytes());
      }
    }
  }
  return Bytes(bytes);
}

class Vertical final : public JobRun {
 public:
  explicit Vertical(const Job& job)
      : JobRun(checked_for_steps(job)),
        network_(checked_parts(job)),
        order_(work_of(this->job(), clients().front(), 1)),
        trainer_(this->job(), network_.part_of),
        optimizer_(trainer_.optimizer()),
        state_(std::make_shared<State>(job.trainer->initial())) {
    for (std::size_t party = 0; party < network_.features.size(); ++party) {
      embeddings_.push_back(embedding_bytes(*job.network, network_, party));
    }
  }

  TrainingRecord close(Seconds end) override {
    TrainingRecord record = JobRun::close(end);
    for (const std::size_t part : network_.part_of) {
      record.level_of.push_back(part == network_.features.size() ? server_level() : 0);
    }
    return record;
  }

 private:
  struct Party {
    VisitHandle visit;
    StepParts times;  // Of its bottom.
  };

  void start() override { begin_step(); }
  SharedState state() override { return state_; }

  void begin_step() {
    open_round();
    samples_ = order_.next();
    batch_ = static_cast<std::int64_t>(samples_.size());
    parties_.clear();
    left_ = network_.features.size();
    for (std::size_t i = 0; i < network_.features.size(); ++i) {
      parties_.push_back({parts().books.select(i), job().times->of(parts().machine(i, 0).group, 0,
                                                                   batch_, network_.bottoms[i])});
    }
    for (std::size_t i = 0; i < parties_.size(); ++i) {
      compute(i, parties_[i].times.forward, 0, [this, i] {
        carry(i, 0, server_level(), [this] {
          if (--left_ == 0) {
            join();
          }
        });
      });
    }
  }

  void compute(std::size_t party, Seconds service, std::int64_t steps, std::function<void()> then) {
    if (service == Seconds(0)) {
      then();
      return;
    }
    book().insist({.device = party, .level = 0, .service = service, .model = {}},
                  [=, this, then = std::move(then)](const engine::TaskReport&) {
                    parts().books.add_steps(party, steps);
                    then();
                  });
  }

  void carry(std::size_t party, std::size_t from, std::size_t to, std::function<void()> then) {
    const Bytes bytes = static_cast<double>(batch_) * embeddings_[party];
    book().insist_on_carrying(party, from, to, bytes,
                              [then = std::move(then)](const Trip&) { then(); });
  }

  /// All embeddings are there.
  void join() {
    const Seconds service =
        job()
            .times
            ->of(parts().machine(0, server_level()).group, server_level(), batch_, network_.head)
            .all();
    book().insist({.device = 0, .level = server_level(), .service = service, .model = {}},
                  [this](const engine::TaskReport&) { go_back(); });
  }

  void go_back() {
    left_ = parties_.size();
    for (std::size_t i = 0; i < parties_.size(); ++i) {
      carry(i, server_level(), 0, [this, i] {
        compute(i, parties_[i].times.backward + parties_[i].times.update, 1, [this, i] {
          if (--left_ == 0) {
            end_step();
          }
        });
      });
    }
  }

  void end_step() {
    State next = *state_;
    const double loss = trainer_.step(next, samples_, 1, rate_in(job().settings, round()),
                                      static_cast<std::uint64_t>(round() - 1), optimizer_);
    state_ = std::make_shared<State>(std::move(next));
    for (const Party& party : parties_) {
      parts().books.decide(party.visit, Visit::Fate::counted);
    }
    if (finish_round(loss)) {
      begin_step();
    }
  }

  VerticalParts network_;
  StepOrder order_;
  PartedTrainer trainer_;
  train::Optimizer optimizer_;
  SharedState state_;
  std::vector<Bytes> embeddings_;          // Of a sample, by party.
  std::span<const std::int64_t> samples_;  // Of the step.
  std::int64_t batch_ = 0;
  std::vector<Party> parties_;
  std::size_t left_ = 0;
};

/// A mean step of an epoch: the slowest way up, the head, and the slowest way down.
RoundForecast forecast_vertical(const Job& job, const System& system) {
  checked_for_steps(job);
  const VerticalParts network = checked_parts(job);
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  const std::size_t level = level_of_server(job, system.levels(clients.front()));
  const Together together(system, clients);
  RoundForecast forecast;
  const auto add = [&](std::int64_t batch, double share) {
    Seconds up, down;
    Seconds compute_up, compute_down;
    for (std::size_t party = 0; party < network.features.size(); ++party) {
      const Bytes bytes =
          static_cast<double>(batch) * embedding_bytes(*job.network, network, party);
      const StepParts bottom =
          job.times->of(system.group_of(party), 0, batch, network.bottoms[party]);
      const Seconds there = bottom.forward + together.time(party, 0, level, bytes);
      if (there > up) {
        up = there;
        compute_up = bottom.forward;
      }
      const Seconds back = together.time(party, level, 0, bytes) + bottom.backward + bottom.update;
      if (back > down) {
        down = back;
        compute_down = bottom.backward + bottom.update;
      }
      forecast.bytes_up += share * static_cast<double>(level) * bytes;
      forecast.bytes_down += share * static_cast<double>(level) * bytes;
    }
    const Seconds head = job.times->of(system.group_of(0), level, batch, network.head).all();
    forecast.round += share * (up + head + down);
    forecast.compute += share * (compute_up + head + compute_down);
  };
  const std::int64_t all = job.data->samples.count(clients.front());
  const std::int64_t steps = steps_per_epoch(all, job.settings.batch);
  const std::int64_t full = job.settings.batch == 0 ? all : std::min(job.settings.batch, all);
  const std::int64_t rest = all - (steps - 1) * full;
  const double last = 1.0 / static_cast<double>(steps);
  add(full, rest == full ? 1 : 1 - last);
  if (rest != full) {
    add(rest, last);
  }
  forecast.communication = forecast.round - forecast.compute;
  forecast.loading = time_of_loading(job, system, clients);
  forecast.note = fmt::format("{} parties and a head of {} layers", network.features.size(),
                              network.head.size());
  for (const std::size_t part : network.part_of) {
    forecast.level_of.push_back(part == network.features.size() ? level : 0);
  }
  return forecast;
}

}  // namespace

void register_vertical(Registry<StrategyKind>& registry) {
  registry.add({.name = "vertical",
                .doc = "parties with different features of the same samples, and a joint head at "
                       "the server; a round is a step",
                .citation = "Vepakomma, Gupta, Swedish, Raskar, 2018, vertically partitioned data",
                .parameters = {},
                .by_feature = true,
                .make = [](const Job& job) -> std::unique_ptr<Strategy> {
                  return std::make_unique<Vertical>(job);
                },
                .forecast = forecast_vertical});
}

}  // namespace offcut::training
