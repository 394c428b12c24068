#include "models/train/default_loss.h"

namespace offcut::train {

std::string default_loss(const Graph& network, const dataset::Samples& samples, bool has_teacher) {
  const bool has_one_output = !network.outputs().empty() &&
                              elements(network.tensor(network.outputs().front()).type.shape) == 1;
  return has_teacher               ? "distillation"
         : samples.labels.absent() ? "mse"
         : has_one_output          ? "binary-cross-entropy"
                                   : "cross-entropy";
}

}  // namespace offcut::train
