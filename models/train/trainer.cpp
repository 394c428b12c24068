// Runs epochs: a random order of the samples, batches, steps, updates. Weights with a rule exist
// twice: the master, which the optimiser changes, and the rule's result, with which layers compute.

#include "models/train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/number_text.h"
#include "models/ops/batches.h"
#include "models/train/evaluation.h"
#include "models/train/run_identity.h"
#include "models/train/run_state.h"
#include "models/train/sample_checks.h"
#include "models/train/step_plan.h"

namespace offcut::train {
namespace {

constexpr const char* kStateForm = "offcut training run 1";

/// Calls `work`, and rethrows its std::invalid_argument as an InputError about the network.
template <class F>
auto about(const Graph& network, F work) {
  try {
    return work();
  } catch (const std::invalid_argument& error) {
    throw InputError({network.name()}, error.what());
  }
}

template <class T>
const T& entry_of(const Registry<T>& registry, std::string_view kind, const Named& named) {
  const T* const entry = registry.find(named.name);
  if (entry == nullptr) {
    refuse_name(kind, named.name, registry.names());
  }
  return *entry;
}

void check_numbers(const TrainerOptions& options) {
  if (options.epochs < 1 || options.batch < 1) {
    throw std::invalid_argument(fmt::format("{} epochs of batches of {}; expected at least 1",
                                            options.epochs, options.batch));
  }
  if (!(options.rate >= 0) || !std::isfinite(options.rate)) {
    throw std::invalid_argument(fmt::format("the learning rate is {}", number_text(options.rate)));
  }
  if (options.clip && !(*options.clip > 0)) {
    throw std::invalid_argument(
        fmt::format("gradients are clipped to {}", number_text(*options.clip)));
  }
}

}  // namespace

class Trainer::State {
 public:
  State(const Graph& network, const dataset::Samples& training, const Libraries& libraries,
        TrainerOptions options)
      : network_(network),
        training_(training),
        libraries_(libraries),
        options_(std::move(options)),
        loss_(found_loss(libraries, options_.loss)),
        exits_(exits_of(network, options_.exits)),
        final_exit_(final_exit(network, exits_)),
        weights_(network, libraries.gradients, options_.weights),
        optimizer_(entry_of(libraries.optimizers, "optimiser", options_.optimizer),
                   options_.optimizer.parameters) {
    check_numbers(options_);
    for (const Named& schedule : options_.schedules) {
      entry_of(libraries.schedules, "schedule", schedule);
    }
    for (const Named& augmentation : options_.augmentations) {
      entry_of(libraries.augmentations, "augmentation", augmentation);
    }
    check_samples(network, training, exits_, loss_, options_.loss.parameters);
    if (!options_.allow_missing_classes) {
      check_classes(network, training, exits_, loss_);
    }
    prepare_teacher();
    identity_ = run_identity(network, training, libraries, options_);
    masters_.resize(weights_.count());
    set_rules(options_.rules);
    step_for(std::min(options_.batch, training.count()));
  }

  void set_rules(std::map<std::string, WeightRule> rules) {
    for (const auto& [name, rule] : rules) {
      const auto id = network_.find_tensor(name);
      if (!id || !network_.tensor(*id).is_parameter()) {
        throw std::invalid_argument(
            fmt::format("there is no parameter {} for a rule", in_quotes(name)));
      }
      const auto weight = weights_.find(name);
      if (!weight) {  // Frozen: the rule is applied once.
        weights_.set(name, rule(weights_.of(network_.tensor(*id))));
      } else if (masters_[*weight].absent()) {
        masters_[*weight] = copied(weights_.value(*weight));
      }
    }
    for (std::size_t i = 0; i < masters_.size(); ++i) {
      if (!masters_[i].absent() && !rules.contains(weights_.name(i))) {
        weights_.set(weights_.name(i), masters_[i]);
        masters_[i] = {};
      }
    }
    options_.rules = std::move(rules);
    apply_rules();
  }

  std::optional<EpochRecord> run_epoch(const std::function<bool(double done)>& after_step) {
    const std::string before = after_step ? save() : "";
    const auto order =
        dataset::shuffled(training_.count(), options_.seed, static_cast<std::uint64_t>(epoch_));
    EpochRecord record{.epoch = epoch_ + 1, .exit_losses = std::vector<double>(exits_.size())};
    const std::int64_t count = training_.count();
    for (std::int64_t first = 0; first < count; first += options_.batch) {
      const std::int64_t size = std::min(options_.batch, count - first);
      run_step(
          std::span(order).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(size)),
          record);
      const double done = static_cast<double>(first + size) / static_cast<double>(count);
      if (after_step && !after_step(done)) {
        restore(before);
        return std::nullopt;
      }
    }
    check_weights();  // No later step may read those of the last one.
    ++epoch_;
    record.steps = steps_;
    record.loss /= static_cast<double>(count);
    record.accuracy /= static_cast<double>(count);
    for (double& loss : record.exit_losses) {
      loss /= static_cast<double>(count);
    }
    return record;
  }

  Graph network() const { return weights_.applied_to(network_); }
  std::int64_t epochs_done() const { return epoch_; }

  std::string save() const {
    StateWriter out;
    out.text(kStateForm);
    out.integer(static_cast<std::int64_t>(identity_));
    out.integer(epoch_);
    out.integer(steps_);
    for (std::size_t i = 0; i < weights_.count(); ++i) {
      out.tensor(masters_[i].absent() ? weights_.value(i) : masters_[i]);
    }
    out.integer(static_cast<std::int64_t>(weights_.statistics().size()));
    for (const auto& [name, value] : weights_.statistics()) {
      out.text(name);
      out.tensor(value);
    }
    const OptimizerState& state = optimizer_.state();
    out.integer(state.steps);
    out.integer(static_cast<std::int64_t>(state.moments.size()));
    for (const std::vector<Tensor>& moments : state.moments) {
      out.integer(static_cast<std::int64_t>(moments.size()));
      for (const Tensor& moment : moments) {
        out.tensor(moment);
      }
    }
    return out.finished();
  }

  void restore(const std::string& bytes) {
    StateReader in(bytes);
    if (in.text() != kStateForm || in.integer() != static_cast<std::int64_t>(identity_)) {
      throw std::invalid_argument("the state is of another run: network, data or options differ");
    }
    epoch_ = in.integer();
    steps_ = in.integer();
    for (std::size_t i = 0; i < weights_.count(); ++i) {
      Tensor value = in.tensor();
      weights_.set(weights_.name(i), value);
      masters_[i] = masters_[i].absent() ? Tensor() : std::move(value);
    }
    weights_.forget_statistics();
    for (std::int64_t i = in.integer(); i > 0; --i) {
      const std::string name = in.text();
      weights_.set(name, in.tensor());
    }
    OptimizerState state{.steps = in.integer()};
    state.moments.resize(static_cast<std::size_t>(in.integer()));
    for (std::vector<Tensor>& moments : state.moments) {
      for (std::int64_t i = in.integer(); i > 0; --i) {
        moments.push_back(in.tensor());
      }
    }
    optimizer_.restore(std::move(state));
    apply_rules();
  }

 private:
  /// The network in a batch of one size, with its step.
  struct SizedStep {
    SizedStep(const State& state, std::int64_t size, Weights& weights)
        : graph(ops::in_batches(state.network_, size, state.libraries_.operators)),
          step(graph, state.libraries_.gradients, weights, state.loss_,
               state.options_.loss.parameters,
               {.seed = state.options_.seed,
                .exits = state.exits_,
                .checkpoints = state.options_.checkpoints}) {}
    Graph graph;
    TrainingStep step;
  };

  static Tensor copied(const Tensor& tensor) {
    return Tensor(tensor.shape(), tensor.values<float>());
  }

  SizedStep& step_for(std::int64_t size) {
    auto& step = sized_steps_[size];
    if (step == nullptr) {
      step = std::make_unique<SizedStep>(*this, size, weights_);
    }
    return *step;
  }

  void prepare_teacher() {
    if (loss_.needs_teacher && options_.teacher == nullptr) {
      throw std::invalid_argument(fmt::format("the loss {} needs a teacher", loss_.name));
    }
    if (options_.teacher == nullptr || !loss_.needs_teacher) {
      return;
    }
    const Graph& teacher = *options_.teacher;
    const std::vector<Exit> all = exits_of(teacher, {});
    const std::vector<Exit> exit = {all[final_exit(teacher, all)]};
    check_samples(teacher, training_, exit, loss_, options_.loss.parameters);
    teacher_ = std::make_unique<Evaluator>(teacher, libraries_.operators, loss_, exit);
  }

  void apply_rules() {
    for (const auto& [name, rule] : options_.rules) {
      if (const auto weight = weights_.find(name)) {
        weights_.set(name, rule(masters_[*weight]));
      }
    }
  }

  double rate() const {
    const std::int64_t per_epoch = (training_.count() + options_.batch - 1) / options_.batch;
    const Progress progress{steps_, options_.epochs * per_epoch, per_epoch};
    double rate = options_.rate;
    for (const Named& schedule : options_.schedules) {
      rate *= libraries_.schedules.find(schedule.name)->factor(schedule.parameters, progress);
    }
    return rate;
  }

  void run_step(std::span<const std::int64_t> numbers, EpochRecord& record) {
    dataset::Samples batch = training_.chosen(numbers);
    if (!options_.augmentations.empty()) {
      dataset::augment(batch.inputs, numbers, options_.augmentations, libraries_.augmentations,
                       options_.seed, static_cast<std::uint64_t>(epoch_));
    }
    SizedStep& sized = step_for(batch.count());
    const TensorId input = sized.graph.inputs().front();
    Target target{.labels = batch.labels, .values = batch.targets};
    if (teacher_) {
      target.teacher = teacher_->predictions(batch.inputs).front();
    }
    StepResult result =
        sized.step.run({{input, batch.inputs.reshaped(sized.graph.tensor(input).type.shape)}},
                       target, static_cast<std::uint64_t>(steps_));
    update(result);
    const auto count = static_cast<double>(batch.count());
    record.loss += result.loss * count;
    for (std::size_t i = 0; i < exits_.size(); ++i) {
      record.exit_losses[i] += result.losses[i] * count;
    }
    if (!batch.labels.absent()) {
      record.accuracy +=
          static_cast<double>(count_correct(result.predictions[final_exit_], batch.labels));
    }
    record.rate = rate();
    ++steps_;
  }

  void update(StepResult& result) {
    refuse_if_not_finite("loss", result.loss);
    const double norm =
        options_.clip ? clip_norm(result.gradients, *options_.clip) : norm_of(result.gradients);
    refuse_if_not_finite("gradients' norm", norm);
    std::vector<Tensor*> values = weights_.pointers();
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = masters_[i].absent() ? values[i] : &masters_[i];
    }
    optimizer_.step(values, result.gradients, rate());
    apply_rules();
  }

  void refuse_if_not_finite(std::string_view subject, double value) const {
    if (!std::isfinite(value)) {
      throw diverged(network_, fmt::format("the {} is {} at step {} (epoch {})", subject,
                                           number_text(value), steps_ + 1, epoch_ + 1));
    }
  }

  /// Throws InputError for a weight or a running statistic that is not finite.
  void check_weights() const {
    const auto check = [&](const std::string& name, const Tensor& tensor) {
      const auto values = tensor.values<float>();
      const auto odd =
          std::find_if(values.begin(), values.end(), [](float x) { return !std::isfinite(x); });
      if (odd != values.end()) {
        throw diverged(network_,
                       fmt::format("weight {} has {} after step {} (epoch {})", in_quotes(name),
                                   number_text(*odd), steps_, epoch_ + 1));
      }
    };
    for (std::size_t i = 0; i < weights_.count(); ++i) {
      check(weights_.name(i), weights_.value(i));
    }
    for (const auto& [name, value] : weights_.statistics()) {
      check(name, value);
    }
  }

  const Graph& network_;
  const dataset::Samples& training_;
  const Libraries libraries_;
  TrainerOptions options_;
  const Loss& loss_;
  std::vector<Exit> exits_;
  std::size_t final_exit_;
  Weights weights_;
  std::vector<Tensor> masters_;  // By weight; absent without a rule.
  Optimizer optimizer_;
  std::unique_ptr<Evaluator> teacher_;
  std::map<std::int64_t, std::unique_ptr<SizedStep>> sized_steps_;
  std::uint64_t identity_ = 0;
  std::int64_t epoch_ = 0;  // Done.
  std::int64_t steps_ = 0;  // Done.
};

Trainer::Trainer(const Graph& network, const dataset::Samples& training, const Libraries& libraries,
                 TrainerOptions options)
    : state_(about(network,
                   [&] {
                     return std::make_unique<State>(network, training, libraries,
                                                    std::move(options));
                   })),
      network_(network) {}
Trainer::~Trainer() = default;

void Trainer::set_rules(std::map<std::string, WeightRule> rules) {
  about(network_, [&] { state_->set_rules(std::move(rules)); });
}

std::optional<EpochRecord> Trainer::run_epoch(const std::function<bool(double done)>& after_step) {
  return about(network_, [&] { return state_->run_epoch(after_step); });
}

Graph Trainer::network() const { return state_->network(); }
std::int64_t Trainer::epochs_done() const { return state_->epochs_done(); }
std::string Trainer::save() const { return state_->save(); }
void Trainer::restore(const std::string& state) { state_->restore(state); }

}  // namespace offcut::train
