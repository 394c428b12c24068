// The work of clients: batches of their samples, gradients, and an optimiser that changes the
// weights in place. A state is copied into the weights before a work and read afterwards, so that
// works do not affect each other; steps are prepared once for each size of a batch.

#include "sim/training/local_trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/number_text.h"
#include "models/base/random.h"
#include "models/train/sample_checks.h"
#include "models/train/step_plan.h"
#include "sim/training/batch_gradients.h"
#include "sim/training/state_loss.h"

namespace offcut::training {
namespace {

/// Calls `work`, and rethrows its std::invalid_argument as an InputError about the network.
template <class F>
auto about_network(const Graph& network, F work) {
  try {
    return work();
  } catch (const std::invalid_argument& error) {
    throw InputError({network.name()}, error.what());
  }
}

const train::OptimizerKind& optimizer_of(const train::Libraries& libraries,
                                         LocalSettings& settings) {
  if (settings.optimizer.name.empty()) {
    settings.optimizer.name = "sgd";
    if (const auto* const sgd = libraries.optimizers.find("sgd")) {
      settings.optimizer.parameters = defaults(sgd->parameters);
    }
  }
  const auto* const found = libraries.optimizers.find(settings.optimizer.name);
  if (found == nullptr) {
    refuse_name("optimiser", settings.optimizer.name, libraries.optimizers.names());
  }
  return *found;
}

bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t kExponent = 0x7f800000;  // Tested as integers, which compiles to vectors.
  std::uint32_t odd = 0;
  for (const float value : values) {
    odd |=
        static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent);
  }
  return odd == 0;
}

void check_samples(std::span<const std::int64_t> samples, std::int64_t count) {
  if (samples.empty()) {
    throw std::invalid_argument("a client without samples has no work");
  }
  const auto [least, most] = std::minmax_element(samples.begin(), samples.end());
  if (*least < 0 || *most >= count) {
    throw std::invalid_argument(fmt::format("a client has sample {}; there are 0 to {}",
                                            *least < 0 ? *least : *most, count - 1));
  }
}

void check_work(const LocalWork& work, std::int64_t count) {
  check_samples(work.samples, count);
  if (work.epochs < 0 || work.batch < 0 || !std::isfinite(work.rate) || work.rate < 0) {
    throw std::invalid_argument(
        fmt::format("{} epochs in batches of {} at a rate of {}; expected numbers of at least 0",
                    work.epochs, work.batch, number_text(work.rate)));
  }
}

std::int64_t batch_of(const LocalWork& work) {
  const auto count = static_cast<std::int64_t>(work.samples.size());
  return work.batch == 0 ? count : std::min(work.batch, count);
}

}  // namespace

std::int64_t LocalWork::steps() const {
  if (samples.empty()) {
    return 0;
  }
  const std::int64_t size = batch_of(*this);
  const std::int64_t all = epochs * ((static_cast<std::int64_t>(samples.size()) + size - 1) / size);
  return most_steps ? std::min(all, *most_steps) : all;
}

std::vector<std::int64_t> order_of_epoch(const LocalWork& work, std::int64_t epoch) {
  constexpr std::uint64_t kMostEpochs = 1U << 20U;  // Of a round, for orders of their own.
  const auto count = static_cast<std::int64_t>(work.samples.size());
  std::vector<std::int64_t> order = work.samples;
  if (batch_of(work) < count) {
    const auto places = dataset::shuffled(
        count, work.seed, work.round * kMostEpochs + static_cast<std::uint64_t>(epoch));
    std::transform(places.begin(), places.end(), order.begin(), [&](std::int64_t place) {
      return work.samples[static_cast<std::size_t>(place)];
    });
  }
  return order;
}

class LocalTrainer::Parts {
 public:
  Parts(const Graph& network, const dataset::Samples& samples, const train::Libraries& libraries,
        LocalSettings settings)
      : network_(network),
        samples_(samples),
        libraries_(libraries),
        settings_(std::move(settings)),
        optimizer_(optimizer_of(libraries_, settings_)),
        loss_(train::found_loss(libraries_, settings_.loss)),
        weights_(network, libraries_.gradients, settings_.weights),
        layout_(network, weights_, settings_.is_rehearsal),
        gradients_(network, samples, libraries_, loss_, settings_.loss.parameters, weights_,
                   layout_.size() == layout_.weights()),
        losses_(samples, libraries_, loss_, settings_.loss.parameters) {
    if (settings_.clip && !(*settings_.clip > 0)) {
      throw std::invalid_argument(
          fmt::format("gradients are clipped to {}", number_text(*settings_.clip)));
    }
    if (loss_.needs_teacher) {
      throw std::invalid_argument(fmt::format("the loss {} needs a teacher", loss_.name));
    }
    train::check_samples(network, samples, train::exits_of(network, {}), loss_,
                         settings_.loss.parameters);
    train::plan_step(network, libraries_.gradients, weights_, loss_, {});
  }

  std::unique_ptr<LocalTrainer> clone() const {
    return std::make_unique<LocalTrainer>(network_, samples_, libraries_, settings_);
  }

  const Layout& layout() const { return layout_; }
  const train::Libraries& libraries() const { return libraries_; }
  const LocalSettings& settings() const { return settings_; }
  State initial() const {
    const train::Weights own(network_, libraries_.gradients, settings_.weights);
    return layout_.read(network_, own);
  }

  LocalResult train(const State& from, const LocalWork& work) {
    check_work(work, samples_.count());
    if (settings_.is_rehearsal) {
      return rehearsed(from, work.steps());
    }
    layout_.write(from, weights_);
    begin_optimizer();
    LocalResult result;
    const std::int64_t most = work.steps();
    const auto size = static_cast<std::size_t>(batch_of(work));
    const std::uint64_t first_step = random_stream(work.seed, "local steps", work.round)();
    for (std::int64_t epoch = 0; result.steps < most; ++epoch) {
      order_ = order_of_epoch(work, epoch);
      for (std::size_t first = 0; first < order_.size() && result.steps < most; first += size) {
        const auto batch = std::span(order_).subspan(first, std::min(size, order_.size() - first));
        train::StepResult step =
            gradients_.run(batch, first_step + static_cast<std::uint64_t>(result.steps));
        refuse_if_not_finite(step.loss, result.steps);
        update(from, work, step);
        result.first_loss = result.steps == 0 ? step.loss : result.first_loss;
        result.loss += step.loss;
        ++result.steps;
        result.samples += static_cast<std::int64_t>(batch.size());
      }
    }
    result.loss /= static_cast<double>(std::max<std::int64_t>(1, result.steps));
    result.state = layout_.read(network_, weights_);
    if (!all_finite(result.state)) {
      throw train::diverged(
          network_, fmt::format("a client's weight is not finite after {} steps", result.steps));
    }
    return result;
  }

  State gradient(const State& at, std::span<const std::int64_t> samples, std::uint64_t step,
                 double* loss) {
    check_samples(samples, samples_.count());
    if (settings_.is_rehearsal) {
      if (loss != nullptr) {
        *loss = kRehearsedLoss;
      }
      return at;
    }
    layout_.write(at, weights_);
    const train::StepResult result = gradients_.run(samples, step);
    if (loss != nullptr) {
      *loss = result.loss;
    }
    State gradient(layout_.size(), 0);
    copy_gradients(result.gradients, gradient);
    return gradient;
  }

  double loss(const State& at, std::span<const std::int64_t> samples) {
    check_samples(samples, samples_.count());
    return settings_.is_rehearsal ? kRehearsedLoss
                                  : losses_.mean(at, samples, [&] { return network(at); });
  }

  train::Judgement judge(const State& at, const dataset::Samples& samples) const {
    return settings_.is_rehearsal ? train::Judgement()
                                  : train::judge(network(at), samples, libraries_, settings_.loss);
  }

  Graph network(const State& at) const { return layout_.applied(network_, weights_, at); }
  const Graph& original() const { return network_; }

 private:
  static LocalResult rehearsed(const State& from, std::int64_t steps) {
    LocalResult result;
    result.state = from;
    result.steps = steps;
    result.loss = result.first_loss = kRehearsedLoss;
    return result;
  }

  void begin_optimizer() {
    optimizer_steps_ = 0;
    moments_.resize(optimizer_.moments);
    for (std::vector<float>& moment : moments_) {
      moment.assign(layout_.weights(), 0);
    }
  }

  /// Copies gradients to their weights' places; absent ones are 0.
  void copy_gradients(const std::vector<Tensor>& gradients, std::span<float> to) const {
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const Layout::Part& part = layout_.parts()[i];
      const auto place = to.subspan(part.first, part.size);
      if (gradients[i].absent()) {
        std::fill(place.begin(), place.end(), 0.0F);
      } else {
        const auto values = gradients[i].values<float>();
        std::copy(values.begin(), values.end(), place.begin());
      }
    }
  }

  /// Changes the gradients by the terms that a client's work adds to its loss.
  void add_terms(const State& from, const LocalWork& work, const std::vector<Tensor*>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Layout::Part& part = layout_.parts()[i];
      float* const gradient = changed_.data() + part.first;
      if (work.proximity != 0) {
        const auto mu = static_cast<float>(work.proximity);
        const float* const start = from.data() + part.first;
        const float* const now = values[i]->values<float>().data();
        for (std::size_t k = 0; k < part.size; ++k) {
          gradient[k] += mu * (now[k] - start[k]);
        }
      }
      if (work.correction != nullptr) {
        const float* const correction = work.correction->data() + part.first;
        for (std::size_t k = 0; k < part.size; ++k) {
          gradient[k] += correction[k];
        }
      }
    }
    if (settings_.clip) {
      double squares = 0;
      for (const float value : changed_) {
        squares += static_cast<double>(value) * value;
      }
      constexpr double kSmall = 1e-6;  // As train::clip_norm().
      const double factor = *settings_.clip / (std::sqrt(squares) + kSmall);
      if (factor < 1) {
        for (float& value : changed_) {
          value *= static_cast<float>(factor);
        }
      }
    }
  }

  void update(const State& from, const LocalWork& work, const train::StepResult& step) {
    const std::vector<Tensor*> values = weights_.pointers();
    const bool is_changed = work.proximity != 0 || work.correction != nullptr || settings_.clip;
    if (is_changed) {
      changed_.resize(layout_.weights());
      copy_gradients(step.gradients, changed_);
      add_terms(from, work, values);
    }
    ++optimizer_steps_;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Layout::Part& part = layout_.parts()[i];
      if (!is_changed && step.gradients[i].absent()) {
        continue;
      }
      std::vector<std::span<float>> moments;
      for (std::vector<float>& moment : moments_) {
        moments.push_back(std::span(moment).subspan(part.first, part.size));
      }
      const auto gradient = is_changed
                                ? std::span<const float>(changed_).subspan(part.first, part.size)
                                : step.gradients[i].values<float>();
      optimizer_.update(
          settings_.optimizer.parameters,
          {values[i]->values<float>(), gradient, std::move(moments), work.rate, optimizer_steps_});
    }
  }

  void refuse_if_not_finite(double loss, std::int64_t steps) const {
    if (!std::isfinite(loss)) {
      throw train::diverged(network_, fmt::format("a client's loss is {} at its step {}",
                                                  number_text(loss), steps + 1));
    }
  }

  const Graph& network_;
  const dataset::Samples& samples_;
  const train::Libraries libraries_;
  LocalSettings settings_;
  const train::OptimizerKind& optimizer_;
  const train::Loss& loss_;
  train::Weights weights_;
  Layout layout_;
  BatchGradients gradients_;
  StateLoss losses_;
  std::vector<std::int64_t> order_;
  std::vector<float> changed_;               // Gradients with the terms of a work.
  std::vector<std::vector<float>> moments_;  // Of the optimiser.
  std::int64_t optimizer_steps_ = 0;
};

LocalTrainer::LocalTrainer(const Graph& network, const dataset::Samples& samples,
                           const train::Libraries& libraries, LocalSettings settings)
    : parts_(about_network(network, [&] {
        return std::make_unique<Parts>(network, samples, libraries, std::move(settings));
      })) {}
LocalTrainer::~LocalTrainer() = default;

std::unique_ptr<LocalTrainer> LocalTrainer::clone() const { return parts_->clone(); }
const Layout& LocalTrainer::layout() const { return parts_->layout(); }
const train::Libraries& LocalTrainer::libraries() const { return parts_->libraries(); }
const LocalSettings& LocalTrainer::settings() const { return parts_->settings(); }
State LocalTrainer::initial() const { return parts_->initial(); }

LocalResult LocalTrainer::train(const State& from, const LocalWork& work) {
  return about_network(parts_->original(), [&] { return parts_->train(from, work); });
}
State LocalTrainer::gradient(const State& at, std::span<const std::int64_t> samples,
                             std::uint64_t step, double* loss) {
  return about_network(parts_->original(),
                       [&] { return parts_->gradient(at, samples, step, loss); });
}
double LocalTrainer::loss(const State& at, std::span<const std::int64_t> samples) {
  return about_network(parts_->original(), [&] { return parts_->loss(at, samples); });
}
train::Judgement LocalTrainer::judge(const State& at, const dataset::Samples& samples) {
  return parts_->judge(at, samples);
}
Graph LocalTrainer::network(const State& at) const { return parts_->network(at); }

}  // namespace offcut::training
