#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/named.h"
#include "models/dataset/augmentation.h"
#include "models/dataset/samples.h"
#include "models/train/loss.h"
#include "models/train/optimizer.h"
#include "models/train/schedule.h"
#include "models/train/step.h"
#include "models/train/weights.h"

namespace offcut::train {

/// The registries in which training looks names up.
struct Libraries {
  const Registry<ops::Operator>& operators;
  const Registry<Gradient>& gradients;
  const Registry<Loss>& losses;
  const Registry<OptimizerKind>& optimizers;
  const Registry<ScheduleKind>& schedules;
  const Registry<dataset::Augmentation>& augmentations;
};

/// Returns the tensor with which layers compute in the place of a weight: the weight with a mask,
/// rounded to a grid, or replaced by the codes of a codebook. The optimiser changes the weight
/// itself (the master) by the gradient at the rule's result, as if the rule were the identity: the
/// straight-through estimator (Bengio, Léonard, Courville, 2013). REQUIRES: rule(rule(w)) equals
/// rule(w), bit for bit.
using WeightRule = std::function<Tensor(const Tensor& master)>;

struct TrainerOptions {
  std::int64_t epochs = 1;  // Of the whole run, for schedules.
  std::int64_t batch = 32;  // The last batch of an epoch may be smaller.
  double rate = 0.001;
  Named loss;
  Named optimizer;
  std::vector<Named> schedules;           // Multiplied.
  std::vector<Named> augmentations = {};  // Of the training images, one after the other.
  std::optional<double> clip;             // The most norm of all gradients; none: not clipped.
  std::uint64_t seed = 1;  // Of the order of samples, of Dropout and of augmentations.
  WeightChoice weights;
  std::vector<Exit> exits;  // See StepOptions.
  int checkpoints = 1;
  const Graph* teacher = nullptr;           // For losses that need one; outlives the trainer.
  std::map<std::string, WeightRule> rules;  // By the parameter's name.

  /// Whether a class that the network can answer may lack samples, as on a device with its own
  /// data. Otherwise, that is an error.
  bool allow_missing_classes = false;
};

/// The figures of an epoch.
struct EpochRecord {
  std::int64_t epoch = 0;  // From 1 on.
  std::int64_t steps = 0;  // Since the beginning of the run.
  double rate = 0;         // Of the last step.
  double loss = 0;         // Mean over the training samples, while the weights changed.
  double accuracy = 0;     // The same; 0 for a regression.
  std::vector<double> exit_losses = {};  // By exit, without the exits' weights.
};

/// Loss and accuracy of a network on samples, with the weights as they are.
struct Judgement {
  double loss = 0;                      // The weighted sum over exits; without a teacher's part.
  std::vector<double> exit_losses;      // By exit, without the exits' weights.
  double accuracy = 0;                  // Of the exit that most layers lead to; see below.
  std::vector<double> exit_accuracies;  // By exit; 0 for a regression.
  std::int64_t samples = 0;
};

/// Trains a network over epochs of shuffled batches. The same arguments give the same bits, for any
/// number of threads; a run that is continued from a saved state gives the bits of an undisturbed
/// one.
class Trainer {
 public:
  /// `network` is for a batch of one, as import_onnx() gives it. Network, samples and libraries
  /// outlive the trainer. Throws InputError for networks that don't train, and for samples that
  /// don't fit, with the number of the sample.
  Trainer(const Graph& network, const dataset::Samples& training, const Libraries& libraries,
          TrainerOptions options);
  ~Trainer();

  /// Replaces the rules from the next step on, as in a gradual schedule. The masters stay.
  void set_rules(std::map<std::string, WeightRule> rules);

  /// Runs one epoch. `after_step` gets the share of the epoch that is done; false ends the epoch
  /// early (an interruption), and then the state is that of the epoch's beginning. Throws
  /// InputError if a loss or a gradient is not finite, with the step.
  std::optional<EpochRecord> run_epoch(const std::function<bool(double done)>& after_step = {});

  /// Returns the network with its weights as they are now, rules applied.
  Graph network() const;

  std::int64_t epochs_done() const;

  /// All that the run needs to go on: weights, running statistics, moments, numbers of steps.
  std::string save() const;
  /// Throws std::invalid_argument for another run's state.
  void restore(const std::string& state);

 private:
  class State;
  std::unique_ptr<State> state_;
  const Graph& network_;
};

/// Runs all samples through the network, in batches, on the fast kernels. Throws InputError like
/// the trainer.
Judgement judge(const Graph& network, const dataset::Samples& samples, const Libraries& libraries,
                const Named& loss, const std::vector<Exit>& exits = {});

}  // namespace offcut::train
