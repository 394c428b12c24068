// Compares samples with the network that is to learn them, before anything runs, so that an error
// names the file and the number of the sample.

#include "models/train/sample_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/number_text.h"
#include "models/train/softened.h"
#include "models/train/step_plan.h"

namespace offcut::train {
namespace {

/// Returns the number of classes that a prediction tells apart; to a loss that absorbs a sigmoid,
/// one logit tells two.
std::int64_t classes_of(const Shape& prediction, const Loss& loss) {
  const bool is_binary =
      std::find(loss.absorbs.begin(), loss.absorbs.end(), "Sigmoid") != loss.absorbs.end();
  return prediction.size() < 2 ? 0 : prediction[1] == 1 && is_binary ? 2 : prediction[1];
}

void check_input(const Graph& network, const dataset::Samples& samples) {
  if (network.inputs().size() != 1) {
    throw InputError({network.name()},
                     fmt::format("has {} inputs; samples fill only one", network.inputs().size()));
  }
  const TensorNode& input = network.tensor(network.inputs().front());
  if (input.type.type != DataType::float32) {
    throw InputError({network.name()},
                     fmt::format("the input {} is {}; samples are float32", in_quotes(input.name),
                                 to_text(input.type.type)));
  }
  if (elements(input.type.shape) != elements(samples.item())) {
    const std::string item = to_text(samples.item());
    throw InputError({samples.source},
                     fmt::format("the samples are {}, but the network's {} is {}",
                                 samples.item().size() == 1 ? item + " numbers each" : item,
                                 in_quotes(input.name), to_text(input.type.shape)));
  }
}

void check_labels(const dataset::Samples& samples, std::int64_t classes) {
  const auto labels = samples.labels.values<std::int64_t>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= classes) {
      throw InputError({samples.labels_from()},
                       fmt::format("sample {} (counted from 0) has the label {}, but the network "
                                   "has {} classes, 0 to {}",
                                   i, labels[i], classes, classes - 1));
    }
  }
}

const Shape& prediction_shape(const Graph& network, const Exit& exit, const Loss& loss) {
  const TensorId id = prediction_of(network, *network.find_tensor(exit.output), loss);
  return network.tensor(id).type.shape;
}

}  // namespace

const Loss& found_loss(const Libraries& libraries, const Named& loss) {
  const Loss* const found = libraries.losses.find(loss.name);
  if (found == nullptr) {
    refuse_name("loss", loss.name, libraries.losses.names());
  }
  return *found;
}

void check_samples(const Graph& network, const dataset::Samples& samples,
                   const std::vector<Exit>& exits, const Loss& loss, const Parameters& parameters) {
  if (samples.count() == 0) {
    throw InputError({samples.source.empty() ? "data set" : samples.source}, "holds no samples");
  }
  check_input(network, samples);
  for (const Exit& exit : exits) {
    const Shape& shape = prediction_shape(network, exit, loss);
    if (const std::int64_t classes = classes_of(shape, loss);
        !samples.labels.absent() && classes > 0) {
      check_labels(samples, classes);
    }
    try {  // Whether the loss takes labels or targets, and how many, it knows itself.
      loss_of(loss, parameters, Tensor({DataType::float32, shape}), samples.part(0, 1));
    } catch (const std::invalid_argument& error) {
      throw InputError({samples.labels_from()},
                       fmt::format("does not fit the loss {} of {}: {}", loss.name,
                                   in_quotes(exit.output), error.what()));
    }
  }
}

void check_classes(const Graph& network, const dataset::Samples& samples,
                   const std::vector<Exit>& exits, const Loss& loss) {
  if (samples.labels.absent()) {
    return;
  }
  for (const Exit& exit : exits) {
    std::vector<std::int64_t> counts(
        static_cast<std::size_t>(classes_of(prediction_shape(network, exit, loss), loss)));
    for (const std::int64_t label : samples.labels.values<std::int64_t>()) {
      ++counts[static_cast<std::size_t>(label)];
    }
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) {
        missing.push_back(i);
      }
    }
    if (!missing.empty()) {
      constexpr std::size_t kShown = 10;
      const bool all_shown = missing.size() <= kShown;
      const std::size_t total = missing.size();
      missing.resize(std::min(total, kShown));
      throw InputError({samples.labels_from()},
                       fmt::format("no sample of class {}{}, which the network can answer; "
                                   "classes are 0 to {}",
                                   fmt::join(missing, ", "),
                                   all_shown ? "" : fmt::format(" and {} more", total - kShown),
                                   counts.size() - 1));
    }
  }
}

InputError diverged(const Graph& network, const std::string& figure) {
  return {Place{network.name()},
          fmt::format("training diverged: {}; a lower learning rate, a warm-up or clipping may "
                      "help",
                      figure)};
}

void check_judgement(const Graph& network, const Judgement& judgement, const std::string& part,
                     std::int64_t epoch) {
  if (!std::isfinite(judgement.loss)) {
    throw diverged(network, fmt::format("the {} loss is {} after epoch {}", part,
                                        number_text(judgement.loss), epoch));
  }
}

double loss_of(const Loss& loss, const Parameters& parameters, const Tensor& prediction,
               const dataset::Samples& batch) {
  const Target target{.labels = batch.labels, .values = batch.targets};
  if (!loss.needs_teacher) {
    return loss.evaluate(parameters, prediction, target).loss;
  }
  const ClassAxis axis(prediction.shape());
  const auto labels = checked_labels(axis, target);
  double sum = 0;
  for (std::int64_t sample = 0; sample < axis.samples(); ++sample) {
    const auto logs = log_probabilities(axis, prediction.values<float>().data(), sample, 1);
    sum -= logs[static_cast<std::size_t>(labels[static_cast<std::size_t>(sample)])];
  }
  return sum / static_cast<double>(axis.samples());
}

}  // namespace offcut::train
