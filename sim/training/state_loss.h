#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "models/train/trainer.h"
#include "sim/training/state.h"

namespace offcut::training {

/// The mean losses of states over chosen samples, in inference. The last state stays prepared: a
/// server asks many clients for the loss of the same one.
class StateLoss {
 public:
  /// All arguments outlive the object.
  StateLoss(const dataset::Samples& samples, const train::Libraries& libraries,
            const train::Loss& loss, const Parameters& loss_parameters);
  ~StateLoss();

  /// `network_at` gives the network with the state's values; it is called if the state is another
  /// one than the last. REQUIRES: at least one sample.
  double mean(const State& state, std::span<const std::int64_t> samples,
              const std::function<Graph()>& network_at);

 private:
  class Ready;
  const dataset::Samples& samples_;
  const train::Libraries& libraries_;
  const train::Loss& loss_;
  const Parameters& loss_parameters_;
  std::unique_ptr<Ready> ready_;
};

}  // namespace offcut::training
