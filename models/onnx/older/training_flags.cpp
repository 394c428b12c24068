// BatchNormalization and Dropout up to opset 6 have `is_test`, by default 0, which means training:
// BatchNormalization then computes with the batch's own statistics, and is refused. Dropout does
// nothing in inference, whatever its file says, as in ONNX Runtime.

#include <stdexcept>

#include "models/onnx/older_form.h"

namespace offcut::onnx {
namespace {

void keep_first_output(OlderNode& older) {
  older.node.mutable_output()->DeleteSubrange(1, older.node.output_size() - 1);
}

void rewrite_batch_normalization(OlderNode& older) {
  if (older.integer("is_test", 0) == 0) {
    throw std::invalid_argument("is in training mode (attribute 'is_test' is 0)");
  }
  older.remove("is_test");
  keep_first_output(older);
}

void rewrite_dropout(OlderNode& older) {
  older.remove("is_test");
  keep_first_output(older);
}

}  // namespace

void register_training_flags(Registry<OlderForm>& registry) {
  registry.add({.name = "BatchNormalization", .rewrite = rewrite_batch_normalization});
  registry.add({.name = "Dropout", .rewrite = rewrite_dropout});
}

}  // namespace offcut::onnx
