// Makes a training job of a scenario: each part is loaded or built by the library that knows it,
// and what does not fit is an error at the key of the scenario that is to blame.

#include "sim/experiment/training_job.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/error.h"
#include "models/dataset/open.h"
#include "models/onnx/import.h"
#include "models/train/default_loss.h"
#include "models/train/initial_weights.h"
#include "models/train/sample_checks.h"
#include "models/train/step_plan.h"
#include "sim/experiment/load_model.h"
#include "sim/experiment/training_keys.h"
#include "sim/scenario/data_path.h"
#include "sim/training/vertical_network.h"

namespace offcut::experiment {
namespace {

/// Throws the error of a key of the section.
[[noreturn]] void refuse(const Place& place, const std::string& key, const std::string& message) {
  throw InputError({place, fmt::format("training.{}: {}", key, message)});
}

/// Calls a function whose errors without a line are about files, a network or a data set, and
/// throws them at the keys that name these: `key_of` returns "model" or "dataset" for each.
template <class Call, class KeyOf>
auto at_sources(const scenario::TrainingChoice& choice, KeyOf key_of, Call call) {
  try {
    return call();
  } catch (const InputError& error) {
    std::vector<Diagnostic> diagnostics = error.diagnostics();
    for (Diagnostic& diagnostic : diagnostics) {
      if (diagnostic.place.line > 0) {
        continue;
      }
      const std::string key = key_of(diagnostic.place.file);
      diagnostic = {
          key == "model"  ? choice.model_place
          : key == "loss" ? choice.loss_place
                          : choice.dataset_place,
          fmt::format("training.{}: {}: {}", key, diagnostic.place.file, diagnostic.message)};
    }
    throw InputError(std::move(diagnostics));
  }
}

Graph from_file(const std::string& path, const scenario::ModelChoice& as,
                const scenario::Registries& registries) {
  return onnx::import_onnx(path, registries.operators,
                           {.bind = as.bind, .fix = as.fix, .untie = true});
}

/// Loads one of the scenario's models, with a weight for each layer that reads it. A network that
/// its passes have changed is trained as they leave it.
Graph from_model(const scenario::ModelChoice& model, const scenario::Registries& registries,
                 std::uint64_t seed) {
  if (model.source == scenario::ModelChoice::Source::onnx && model.passes.empty()) {
    return from_file(model.source_name, model, registries);
  }
  LayerColumns unused;
  return load_model(model, registries, seed, unused);
}

}  // namespace

TrainingJob::TrainingJob(const scenario::Scenario& scenario, const scenario::Registries& registries)
    : choice_(*scenario.training),
      libraries_(registries.training()),
      strategy_(choice_.strategy),
      system_(scenario) {
  load_samples(registries);
  divide(scenario);
  load_network(scenario, registries);
  const train::Weights weights = chosen_weights(registries);
  const Named used_loss = loss(registries);
  make_trainer(registries, used_loss);
  times_ = std::make_unique<TrainingTimes>(
      scenario, network_,
      train::step_work(network_, registries.gradients, weights,
                       train::found_loss(libraries_, used_loss),
                       *registries.optimizers.find(choice_.optimizer.name)));
  if (!times_->derived().empty()) {
    notes_.push_back(fmt::format(
        "the way back on {} is derived from measured ways forward, by the ratio of their work",
        fmt::join(times_->derived(), ", ")));
  }
  for (const scenario::TierChoice& tier : scenario.tiers) {
    if (tier.states_forwarding && tier.forwards_packets) {
      notes_.push_back(
          fmt::format("'forwarding: packets' of '{}' is about requests: messages of training are "
                      "received there "
                      "whole and sent on",
                      tier.name));
    }
  }
  fill_in_job(scenario);
}

TrainingJob::~TrainingJob() = default;

void TrainingJob::load_network(const scenario::Scenario& scenario,
                               const scenario::Registries& registries) {
  const std::uint64_t seed = choice_.init.value_or(scenario.seed);
  if (choice_.joint) {
    network_ = joint_network(registries, seed);
    return;
  }
  const bool is_own = !choice_.model;
  const bool is_of_zoo =
      is_own ? !choice_.network.empty()
             : scenario.models[*choice_.model].source == scenario::ModelChoice::Source::zoo;
  if (!is_own) {
    network_ = from_model(scenario.models[*choice_.model], registries, seed);
  } else if (is_of_zoo) {
    network_ = zoo::build_network(*registries.networks.find(choice_.network), registries.operators,
                                  seed, {});
  } else {
    network_ = at_sources(
        choice_, [](const std::string& /*file*/) { return "model"; },
        [&] { return from_file(choice_.onnx, {}, registries); });
  }
  if (choice_.init && !is_of_zoo) {
    try {
      network_ = train::with_initial_weights(network_, registries.gradients, seed);
    } catch (const std::invalid_argument& error) {
      refuse(choice_.model_place, "model", error.what());
    }
  }
}

Graph TrainingJob::joint_network(const scenario::Registries& registries, std::uint64_t seed) const {
  const scenario::JointNetwork& joint = *choice_.joint;
  const training::VerticalForm form{.features = shares_.features,
                                    .hidden = joint.hidden,
                                    .embedding = joint.embedding,
                                    .head = joint.head,
                                    .classes = data_.training.labels.absent()
                                                   ? data_.training.targets.shape()[1]
                                                   : data_.training.classes()};
  return training::vertical_network(form, data_.training.item(), registries.operators, seed);
}

void TrainingJob::load_samples(const scenario::Registries& registries) {
  try {
    data_ = dataset::open_dataset(choice_.dataset, registries.datasets,
                                  scenario::data_root() / "models" / "data", "training.dataset");
  } catch (const InputError& error) {
    std::vector<Diagnostic> diagnostics = error.diagnostics();
    for (Diagnostic& diagnostic : diagnostics) {
      if (diagnostic.place.file == "training.dataset") {
        diagnostic.place = choice_.dataset_place;
        diagnostic.message.insert(0, "training.dataset: ");
      }
    }
    throw InputError(std::move(diagnostics));
  }
  const std::string name = choice_.dataset.substr(0, choice_.dataset.find(':'));
  if (registries.datasets.find(name) != nullptr) {  // Its files are not the user's.
    for (dataset::Samples* const samples : {&data_.training, &data_.test}) {
      samples->source = choice_.dataset;
      samples->source_of_labels.clear();
    }
  }
}

/// Returns the networks of the zoo that take the samples.
std::vector<std::string> TrainingJob::fitting_networks(
    const scenario::Registries& registries) const {
  std::vector<std::string> names;
  for (const auto& [name, kind] : registries.networks) {
    const Graph network = zoo::build_network(kind, registries.operators, 1, {});
    try {
      const train::Loss& loss =
          *registries.losses.find(train::default_loss(network, data_.training, false));
      train::check_samples(network, data_.training, train::exits_of(network, {}), loss,
                           defaults(loss.parameters));
      names.push_back(name);
    } catch (const InputError&) {  // It does not.
    }
  }
  return names;
}

/// Refuses a network whose input is not a sample, at the key that names it, unless an option has
/// changed the data set.
void TrainingJob::check_shapes(const scenario::Registries& registries) const {
  if (network_.inputs().size() != 1) {
    return;  // The trainer refuses it.
  }
  const TensorNode& input = network_.tensor(network_.inputs().front());
  const Shape item = data_.training.item();
  if (elements(input.type.shape) == elements(item)) {
    return;
  }
  const bool is_of_model = choice_.places.contains("model") && choice_.dataset_place.line > 0;
  const std::vector<std::string> names = fitting_networks(registries);
  refuse(
      is_of_model ? choice_.model_place : choice_.dataset_place, is_of_model ? "model" : "dataset",
      fmt::format(
          "the samples are {}{}, but the network's {} is {}{}", to_text(item),
          item.size() == 1 ? " numbers each" : "", in_quotes(input.name), to_text(input.type.shape),
          names.empty()
              ? std::string()
              : fmt::format("; networks that take these samples: {}", fmt::join(names, ", "))));
}

Named TrainingJob::loss(const scenario::Registries& registries) const {
  return choice_.loss ? *choice_.loss
                      : named_from(train::default_loss(network_, data_.training, false), "loss",
                                   registries.losses);
}

train::Weights TrainingJob::chosen_weights(const scenario::Registries& registries) const {
  try {
    return {network_, registries.gradients, choice_.weights};
  } catch (const std::invalid_argument& error) {
    const bool is_chosen = !choice_.weights.only.empty() || !choice_.weights.freeze.empty();
    refuse(is_chosen ? choice_.weights_place : choice_.model_place,
           choice_.weights.only.empty() ? is_chosen ? "freeze" : "model" : "only", error.what());
  }
}

void TrainingJob::make_trainer(const scenario::Registries& registries, const Named& loss) {
  // Samples that don't fit the loss are the fault of the loss if the user chose it.
  const auto key_of = [&](const std::string& source) {
    return source == network_.name() ? "model" : choice_.loss ? "loss" : "dataset";
  };
  check_shapes(registries);
  at_sources(choice_, key_of, [&] {
    trainer_ = std::make_unique<training::LocalTrainer>(
        network_, data_.training, libraries_,
        training::LocalSettings{.loss = loss,
                                .optimizer = choice_.optimizer,
                                .weights = choice_.weights,
                                .clip = choice_.clip});
    if (data_.test.count() > 0) {
      train::check_samples(network_, data_.test, train::exits_of(network_, {}),
                           *registries.losses.find(loss.name), loss.parameters);
    }
  });
}

void TrainingJob::divide(const scenario::Scenario& scenario) {
  const training::SplitKind& kind = *choice_.split.kind;
  try {
    shares_ = kind.divide(choice_.split.parameters, data_.training,
                          scenario::device_count(scenario), scenario.seed);
  } catch (const std::invalid_argument& error) {
    refuse(choice_.split_place, "data", fmt::format("the split '{}': {}", kind.name, error.what()));
  }
}

void TrainingJob::fill_in_job(const scenario::Scenario& scenario) {
  job_.name = network_.name();
  job_.network = &network_;
  job_.trainer = trainer_.get();
  job_.training = &data_.training;
  job_.test = data_.test.count() > 0 ? &data_.test : nullptr;
  job_.data = &shares_;
  job_.times = times_.get();
  job_.settings = choice_.settings;
  job_.stop = choice_.stop;
  job_.loading = choice_.loading;
  job_.aggregator = choice_.aggregator.kind;
  job_.aggregator_parameters = choice_.aggregator.parameters;
  job_.selection = choice_.selection.kind;
  job_.selection_parameters = choice_.selection.parameters;
  job_.codec = choice_.codec;
  job_.judge_every = choice_.judge_every;
  job_.seed = scenario.seed;
  if (choice_.stop.accuracy && data_.training.labels.absent()) {
    refuse(choice_.place, "stop",
           fmt::format("{} has no classes, so there is no accuracy", choice_.dataset));
  }
}

std::unique_ptr<training::Strategy> TrainingJob::make(
    training::Job job, const training::RoundForecast& forecast) const {
  if (strategy_->cuts && job.level_of.empty()) {
    job.level_of = forecast.level_of;  // The plan's and the run's cuts are the same.
  }
  return at_strategy(choice_, [&] { return strategy_->make(job); });
}

std::unique_ptr<training::Strategy> TrainingJob::start(unsigned threads) const {
  training::Job job = job_;
  job.threads = threads;
  return make(std::move(job), forecast());  // Which also checks what only a system shows.
}

TrainingJob::Rehearsal TrainingJob::rehearse(const training::RoundForecast& forecast,
                                             std::int64_t rounds) const {
  training::LocalSettings settings = trainer_->settings();
  settings.is_rehearsal = true;
  Rehearsal rehearsal;
  rehearsal.trainer = std::make_unique<training::LocalTrainer>(network_, data_.training, libraries_,
                                                               std::move(settings));
  training::Job job = job_;
  job.trainer = rehearsal.trainer.get();
  job.settings.rounds = rounds;
  job.stop = {};
  job.judge_every = rounds;
  rehearsal.strategy = make(std::move(job), forecast);
  return rehearsal;
}

training::RoundForecast TrainingJob::forecast() const {
  return at_strategy(choice_, [&] { return strategy_->forecast(job_, system_); });
}

Graph TrainingJob::network_with(const training::State& state) const {
  return trainer_->network(state);
}

}  // namespace offcut::experiment
