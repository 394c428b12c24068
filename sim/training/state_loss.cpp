// Runs samples through a state's network with prepared kernels. Numbers of samples are cut into
// powers of two, so that a few prepared batch sizes serve all clients.

#include "sim/training/state_loss.h"

#include <algorithm>
#include <bit>

#include "models/train/evaluation.h"
#include "models/train/sample_checks.h"
#include "models/train/step_plan.h"

namespace offcut::training {

class StateLoss::Ready {
 public:
  Ready(const StateLoss& parts, const State& state, Graph network)
      : state_(state),
        network_(std::move(network)),
        exits_(train::exits_of(network_, {})),
        evaluator_(network_, parts.libraries_.operators, parts.loss_, exits_) {}

  bool is_of(const State& state) const { return state == state_; }
  const std::vector<train::Exit>& exits() const { return exits_; }
  std::vector<Tensor> predictions(const Tensor& inputs) { return evaluator_.predictions(inputs); }

 private:
  State state_;
  Graph network_;
  std::vector<train::Exit> exits_;
  train::Evaluator evaluator_;
};

StateLoss::StateLoss(const dataset::Samples& samples, const train::Libraries& libraries,
                     const train::Loss& loss, const Parameters& loss_parameters)
    : samples_(samples), libraries_(libraries), loss_(loss), loss_parameters_(loss_parameters) {}

StateLoss::~StateLoss() = default;

double StateLoss::mean(const State& state, std::span<const std::int64_t> samples,
                       const std::function<Graph()>& network_at) {
  constexpr std::size_t kLargest = 64;
  if (ready_ == nullptr || !ready_->is_of(state)) {
    ready_ = std::make_unique<Ready>(*this, state, network_at());
  }
  double sum = 0;
  for (std::size_t first = 0; first < samples.size();) {
    const std::size_t size = std::bit_floor(std::min(kLargest, samples.size() - first));
    const dataset::Samples batch = samples_.chosen(samples.subspan(first, size));
    const std::vector<Tensor> predictions = ready_->predictions(batch.inputs);
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      sum += ready_->exits()[i].weight * static_cast<double>(size) *
             train::loss_of(loss_, loss_parameters_, predictions[i], batch);
    }
    first += size;
  }
  return sum / static_cast<double>(samples.size());
}

}  // namespace offcut::training
