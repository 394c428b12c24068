// Pad of opset 1: the amounts are called `paddings`; from opset 2 on they are called `pads`.

#include "models/onnx/older_form.h"

namespace offcut::onnx {

void register_pad(Registry<OlderForm>& registry) {
  registry.add({.name = "Pad", .until = 1, .rewrite = [](OlderNode& older) {
                  older.rename("paddings", "pads");
                }});
}

}  // namespace offcut::onnx
