#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/train/trainer.h"
#include "sim/training/state.h"

namespace offcut::training {

/// The work of a client on a state.
struct LocalWork {
  std::vector<std::int64_t> samples = {};  // Its own, by number.
  std::int64_t epochs = 1;
  std::int64_t batch = 10;  // 0: all samples at once. The last batch of an epoch may be smaller.
  double rate = 0.1;
  /// At most so many steps: work that a deadline cuts short. None: all epochs.
  std::optional<std::int64_t> most_steps = {};
  /// The weight mu of (mu / 2) |w - w_start|^2 in the loss (FedProx, Li et al., MLSys 2020).
  double proximity = 0;
  /// Added to every gradient: c - c_i of SCAFFOLD (Karimireddy et al., ICML 2020). Null: nothing.
  const State* correction = nullptr;
  std::uint64_t seed = 1;   // Of the order of samples, and of Dropout.
  std::uint64_t round = 0;  // Another round, another order.

  std::int64_t steps() const;  // That its epochs have, or the most.
};

/// Returns the samples of an epoch in their order, which depends on seed, round and epoch. All at
/// once stay as they are.
std::vector<std::int64_t> order_of_epoch(const LocalWork& work, std::int64_t epoch);

struct LocalResult {
  State state;
  std::int64_t steps = 0;
  std::int64_t samples = 0;  // That steps read, repeated ones included.
  double loss = 0;           // The mean over steps.
  double first_loss = 0;     // Of the first step: that of the state from which the work began.
};

struct LocalSettings {
  Named loss;
  Named optimizer;  // Of clients: sgd, unless stated. Its state begins anew with each work.
  train::WeightChoice weights = {};  // Frozen ones stay, as in edge adaptation.
  std::optional<double> clip = {};
  /// A rehearsal has no mathematics: states are hollow (see Layout), works and steps leave them as
  /// they are, and every loss is kRehearsedLoss. Codecs take the most bytes that they may need.
  bool is_rehearsal = false;
};
inline constexpr double kRehearsedLoss = 1;

/// The real steps of clients, unless they are rehearsed. The same state, work and seed give the
/// same bits, on any thread: a trainer serves one thread at a time; clones share network and
/// samples.
class LocalTrainer {
 public:
  /// Network (batch of one), samples and libraries outlive the trainer. Throws InputError like
  /// train::Trainer.
  LocalTrainer(const Graph& network, const dataset::Samples& samples,
               const train::Libraries& libraries, LocalSettings settings);
  ~LocalTrainer();
  std::unique_ptr<LocalTrainer> clone() const;

  const Layout& layout() const;
  const train::Libraries& libraries() const;
  const LocalSettings& settings() const;
  State initial() const;  // The network's own values.

  LocalResult train(const State& from, const LocalWork& work);
  /// Returns the mean gradient over the samples by weight, in Layout's order; 0 for statistics.
  /// `loss` gets the mean loss; `step` numbers the step for Dropout.
  State gradient(const State& at, std::span<const std::int64_t> samples, std::uint64_t step,
                 double* loss = nullptr);
  /// Returns the mean loss over the samples, in inference.
  double loss(const State& at, std::span<const std::int64_t> samples);
  train::Judgement judge(const State& at, const dataset::Samples& samples);
  Graph network(const State& at) const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace offcut::training
