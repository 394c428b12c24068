// Answers of a network in batches, by the prepared kernels of models/exec, and judge(). The layers
// that a loss absorbs (a softmax) are not run: the segment ends at the logits.

#include "models/train/evaluation.h"

#include <algorithm>
#include <stdexcept>

#include "models/base/error.h"
#include "models/exec/prepared.h"
#include "models/ops/batches.h"
#include "models/train/sample_checks.h"
#include "models/train/step_plan.h"
#include "models/train/trainer.h"

namespace offcut::train {

/// The network for batches of one size.
class Evaluator::Batch {
 public:
  Batch(const Graph& network, std::int64_t count, const Registry<ops::Operator>& operators,
        const Loss& loss, const std::vector<Exit>& exits)
      : graph_(ops::in_batches(network, count, operators)) {
    for (const Exit& exit : exits) {
      predictions_.push_back(prediction_of(graph_, *graph_.find_tensor(exit.output), loss));
    }
    prepared_ = std::make_unique<exec::Prepared>(
        exec::prepare(graph_, exec::segment_of(graph_, layers_before(graph_, predictions_)),
                      {.time_layouts = false, .winograd = exec::PrepareOptions::Winograd::never}));
  }

  std::vector<Tensor> run(const Tensor& inputs) {
    const TensorId input = graph_.inputs().front();
    const exec::TensorMap found =
        prepared_->run({{input, inputs.reshaped(graph_.tensor(input).type.shape)}});
    std::vector<Tensor> all;
    for (const TensorId id : predictions_) {
      all.push_back(found.at(id));
    }
    return all;
  }

 private:
  Graph graph_;
  std::vector<TensorId> predictions_;
  std::unique_ptr<exec::Prepared> prepared_;
};

Evaluator::Evaluator(const Graph& network, const Registry<ops::Operator>& operators,
                     const Loss& loss, const std::vector<Exit>& exits)
    : network_(network), operators_(operators), loss_(loss), exits_(exits_of(network, exits)) {}

Evaluator::~Evaluator() = default;

std::vector<Tensor> Evaluator::predictions(const Tensor& inputs) {
  const std::int64_t count = inputs.shape()[0];
  auto& batch = batches_[count];
  if (batch == nullptr) {
    batch = std::make_unique<Batch>(network_, count, operators_, loss_, exits_);
  }
  return batch->run(inputs);
}

Judgement judge(const Graph& network, const dataset::Samples& samples, const Libraries& libraries,
                const Named& loss, const std::vector<Exit>& exits) {
  constexpr std::int64_t kBatch = 100;
  try {
    const std::vector<Exit> all = exits_of(network, exits);
    const Loss& judged = found_loss(libraries, loss);
    check_samples(network, samples, all, judged, loss.parameters);
    Evaluator evaluator(network, libraries.operators, judged, all);
    Judgement result{.exit_losses = std::vector<double>(all.size()),
                     .exit_accuracies = std::vector<double>(all.size()),
                     .samples = samples.count()};
    const auto total = static_cast<double>(samples.count());
    for (std::int64_t first = 0; first < samples.count(); first += kBatch) {
      const dataset::Samples batch = samples.part(first, std::min(kBatch, samples.count() - first));
      const std::vector<Tensor> predictions = evaluator.predictions(batch.inputs);
      for (std::size_t i = 0; i < all.size(); ++i) {
        const double share = static_cast<double>(batch.count()) / total;
        const double own = loss_of(judged, loss.parameters, predictions[i], batch);
        result.loss += all[i].weight * share * own;
        result.exit_losses[i] += share * own;
        if (!batch.labels.absent()) {
          result.exit_accuracies[i] +=
              static_cast<double>(count_correct(predictions[i], batch.labels));
        }
      }
    }
    for (double& accuracy : result.exit_accuracies) {
      accuracy /= total;
    }
    result.accuracy = result.exit_accuracies[final_exit(network, all)];
    return result;
  } catch (const std::invalid_argument& error) {
    throw InputError({network.name()}, error.what());
  }
}

}  // namespace offcut::train
