#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "models/ops/operator.h"
#include "models/train/loss.h"
#include "models/train/step.h"

namespace offcut::train {

/// Runs a network on batches of samples with prepared kernels, as far as its predictions need.
/// Without choices by measured time, the same network and samples give the same bits.
class Evaluator {
 public:
  /// `network` is for a batch of one. Network, operators and loss outlive the evaluator. Throws
  /// std::invalid_argument for exits that the network lacks.
  Evaluator(const Graph& network, const Registry<ops::Operator>& operators, const Loss& loss,
            const std::vector<Exit>& exits);
  ~Evaluator();

  /// Returns the predictions by exit: what the loss reads. `inputs` are float32 [count, ...], with
  /// the elements of the network's input. The first batch of a size prepares the network for it.
  /// Throws std::invalid_argument for networks that are made for one batch size.
  std::vector<Tensor> predictions(const Tensor& inputs);

 private:
  class Batch;
  const Graph& network_;
  const Registry<ops::Operator>& operators_;
  const Loss& loss_;
  std::vector<Exit> exits_;
  std::map<std::int64_t, std::unique_ptr<Batch>> batches_;
};

}  // namespace offcut::train
