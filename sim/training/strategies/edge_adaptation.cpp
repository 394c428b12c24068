// `edge-adaptation`: every device fine-tunes the last layers of the network to its own data, and
// nothing is sent. A part of its samples is set aside for judgements: the accuracy is the mean over
// the devices, each with its own weights on its own samples. Weights before those layers are frozen
// and are shared by all.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/base/error.h"
#include "sim/training/client_pool.h"
#include "sim/training/client_runs.h"
#include "sim/training/job_run.h"
#include "sim/training/loading.h"
#include "sim/training/work_time.h"

namespace offcut::training {
namespace {

/// The layers that a device trains.
struct TrainedLayers {
  train::WeightChoice weights;
  std::vector<LayerId> layers;  // From the first trained one on: the way back passes them.
};

bool has_weights(const Graph& network, LayerId layer,
                 const std::function<bool(const std::string&)>& is_weight) {
  const std::vector<TensorId>& inputs = network.layer(layer).inputs;
  return std::any_of(inputs.begin(), inputs.end(), [&](TensorId input) {
    return input != kAbsent && network.tensor(input).is_parameter() &&
           is_weight(network.tensor(input).name);
  });
}

/// Returns the job's own choice of weights, or else those of the last layers.
TrainedLayers trained_layers(const Job& job) {
  const Graph& network = *job.network;
  TrainedLayers found{job.trainer->settings().weights, {}};
  const train::Weights all(network, job.trainer->libraries().gradients, found.weights);
  const auto is_weight = [&](const std::string& name) { return all.find(name).has_value(); };
  auto left = static_cast<std::int64_t>(job.settings.parameters.at("layers"));
  const bool is_stated = !found.weights.only.empty() || !found.weights.freeze.empty();
  LayerId first = network.layer_count();
  for (LayerId id = network.layer_count(); id-- > 0 && (is_stated || left > 0);) {
    if (!has_weights(network, id, is_weight)) {
      continue;
    }
    first = id;
    --left;
    for (const TensorId input : network.layer(id).inputs) {
      if (!is_stated && input != kAbsent && is_weight(network.tensor(input).name)) {
        found.weights.only.push_back(network.tensor(input).name);
      }
    }
  }
  if (!is_stated && left > 0) {
    throw InputError({network.name()},
                     fmt::format("layers: the network has {} fewer layers with weights", left));
  }
  for (LayerId id = first; id < network.layer_count(); ++id) {
    found.layers.push_back(id);
  }
  return found;
}

/// A client's samples: those that it trains on, and those that it is judged by.
struct OwnSamples {
  std::vector<std::int64_t> training, held_out;
};

OwnSamples own_samples(const Job& job, std::size_t client) {
  const std::vector<std::int64_t> all = job.data->samples[client];
  const auto count = static_cast<std::int64_t>(all.size());
  if (count < 2) {
    throw InputError({}, fmt::format("client {} has {} sample; adaptation needs one to train on "
                                     "and one to be judged by",
                                     client, count));
  }
  const std::int64_t held = std::clamp<std::int64_t>(
      std::llround(job.settings.parameters.at("held-out") * static_cast<double>(count)), 1,
      count - 1);
  const auto order = dataset::shuffled(count, random_stream(job.seed, "held out", client)(), 0);
  OwnSamples own;
  for (std::int64_t i = 0; i < count; ++i) {
    (i < held ? own.held_out : own.training)
        .push_back(all[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
  }
  std::sort(own.training.begin(), own.training.end());
  std::sort(own.held_out.begin(), own.held_out.end());
  return own;
}

LocalWork work_of_client(const Job& job, std::size_t client, const OwnSamples& own,
                         std::int64_t round) {
  LocalWork work = work_of(job, client, round);
  work.samples = own.training;
  return work;
}

/// All layers go forward; the way back ends at the first trained one.
Seconds time_of_adaptation(const Job& job, const TrainedLayers& trained, Machine machine,
                           const LocalWork& work) {
  const auto samples = static_cast<std::int64_t>(work.samples.size());
  const std::int64_t full = work.batch == 0 ? samples : std::min(work.batch, samples);
  const auto step = [&](std::int64_t batch) {
    const StepParts back = job.times->of(machine.group, machine.level, batch, trained.layers);
    return job.times->forward(machine.group, machine.level, batch) + back.backward + back.update;
  };
  Seconds time = static_cast<double>(work.epochs * (samples / full)) * step(full);
  if (samples % full > 0) {
    time += static_cast<double>(work.epochs) * step(samples % full);
  }
  return time;
}

const Job& checked_adaptation(const Job& job) {
  check_job(job);
  refuse_settings(job, {"fraction", "over-selection", "deadline", "partial-work"},
                  "every device adapts the network for itself, and none waits for another one");
  return job;
}

class EdgeAdaptation final : public JobRun {
 public:
  explicit EdgeAdaptation(const Job& job)
      : JobRun(checked_adaptation(job)),
        trained_(trained_layers(job)),
        trainer_(make_trainer(job, trained_)) {
    runs_.emplace(*trainer_, job.threads);
    const auto initial = std::make_shared<State>(trainer_->initial());
    for (const std::size_t client : clients()) {
      devices_.push_back({client, own_samples(job, client), initial, 0});
    }
    whole_ = std::make_shared<State>(job.trainer->initial());
  }

  TrainingRecord close(Seconds end) override {
    TrainingRecord record = JobRun::close(end);
    record.before = before_;
    return record;
  }

 private:
  struct Device {
    std::size_t client;
    OwnSamples own;
    SharedState state;  // Of the trained weights.
    double loss;        // Of its last work.
  };

  static std::unique_ptr<LocalTrainer> make_trainer(const Job& job, const TrainedLayers& trained) {
    LocalSettings settings = job.trainer->settings();
    settings.weights = trained.weights;
    return std::make_unique<LocalTrainer>(*job.network, *job.training, job.trainer->libraries(),
                                          std::move(settings));
  }

  void start() override {
    if (has_classes()) {
      before_ = mean_judgement().accuracy;
    }
    pool_.emplace(book(), *job().data, clients(), server_level());
    begin_round();
  }

  /// The network of the first device, as a state of all weights.
  SharedState state() override { return whole_; }

  train::Judgement judgement(const State& /*at*/) override { return mean_judgement(); }

  train::Judgement mean_judgement() {
    train::Judgement mean;
    for (const Device& device : devices_) {
      const train::Judgement one =
          trainer_->judge(*device.state, job().training->chosen(device.own.held_out));
      mean.loss += one.loss / static_cast<double>(devices_.size());
      mean.accuracy += one.accuracy / static_cast<double>(devices_.size());
      mean.samples += one.samples;
    }
    return mean;
  }

  void begin_round() {
    if (pool_->free().empty()) {
      pool_->when_free([this] { begin_round(); });
      return;
    }
    open_round();
    done_ = {};
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      if (pool_->is_reachable(devices_[i].client)) {
        done_.left += 1;
      }
    }
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      if (pool_->is_reachable(devices_[i].client)) {
        adapt(i);
      }
    }
  }

  void adapt(std::size_t index) {
    const Device& device = devices_[index];
    const VisitHandle visit = parts().books.select(device.client);
    const LocalWork work = work_of_client(job(), device.client, device.own, round());
    const ClientRuns::Handle piece = runs_->train(device.state, work);
    book().compute(
        {.device = device.client,
         .level = 0,
         .service = time_of_adaptation(job(), trained_, parts().machine(device.client, 0), work),
         .model = {}},
        [=, this](const engine::TaskReport& report) {
          if (report.is_done) {
            parts().books.add_steps(visit->client, work.steps());
            take(devices_[index], runs_->result(piece));
            parts().books.decide(visit, Visit::Fate::counted);
          } else {
            runs_->forget(piece);
            parts().books.decide(visit, Visit::Fate::lost);
          }
          if (--done_.left == 0) {
            end_round();
          }
        });
  }

  void take(Device& device, const LocalResult& result) {
    device.state = std::make_shared<State>(result.state);
    const auto weight = static_cast<double>(device.own.training.size());
    done_.loss += weight * result.loss;
    done_.samples += weight;
  }

  void end_round() {
    whole_ = whole_state();
    const double loss = done_.samples > 0 ? done_.loss / done_.samples : 0;
    if (finish_round(loss)) {
      begin_round();
    }
  }

  SharedState whole_state() const {
    State whole = job().trainer->initial();
    for (const Layout::Part& part : trainer_->layout().parts()) {
      for (const Layout::Part& place : job().trainer->layout().parts()) {
        if (place.name == part.name) {
          std::copy_n(devices_.front().state->begin() + static_cast<std::ptrdiff_t>(part.first),
                      part.size, whole.begin() + static_cast<std::ptrdiff_t>(place.first));
        }
      }
    }
    return std::make_shared<State>(std::move(whole));
  }

  struct Progress {
    std::size_t left = 0;
    double loss = 0, samples = 0;
  };

  TrainedLayers trained_;
  std::unique_ptr<LocalTrainer> trainer_;
  std::optional<ClientRuns> runs_;
  std::vector<Device> devices_;
  SharedState whole_;
  std::optional<double> before_;
  std::optional<ClientPool> pool_;
  Progress done_;  // Of the round.
};

RoundForecast forecast_edge_adaptation(const Job& job, const System& system) {
  checked_adaptation(job);
  const TrainedLayers trained = trained_layers(job);
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  RoundForecast forecast;
  for (const std::size_t client : clients) {
    const OwnSamples own = own_samples(job, client);
    forecast.round =
        std::max(forecast.round,
                 time_of_adaptation(job, trained, {.group = system.group_of(client), .level = 0},
                                    work_of_client(job, client, own, 1)));
  }
  forecast.compute = forecast.round;
  forecast.loading = time_of_loading(job, system, clients);
  forecast.note =
      fmt::format("layers from {} on", in_quotes(job.network->layer(trained.layers.front()).name));
  return forecast;
}

}  // namespace

void register_edge_adaptation(Registry<StrategyKind>& registry) {
  registry.add({.name = "edge-adaptation",
                .doc = "every device fine-tunes the last layers to its own data; nothing is sent",
                .citation = "Yosinski et al., NeurIPS 2014; Wang et al., \"Federated evaluation of "
                            "on-device personalization\", 2019",
                .parameters = {{.name = "layers",
                                .is_whole = true,
                                .fallback = 1,
                                .least = 1,
                                .doc = "so many last layers with weights are trained, unless the "
                                       "job chooses weights by name"},
                               {.name = "held-out",
                                .fallback = 0.2,
                                .most = 1,
                                .doc = "the share of a device's samples by which it is judged"}},
                .make = [](const Job& job) -> std::unique_ptr<Strategy> {
                  return std::make_unique<EdgeAdaptation>(job);
                },
                .forecast = forecast_edge_adaptation});
}

}  // namespace offcut::training
