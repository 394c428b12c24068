// Gemm up to opset 6 broadcasts C only if `broadcast` is set. Opset 7 always does, in the same way.

#include "models/onnx/older_form.h"

namespace offcut::onnx {

void register_gemm(Registry<OlderForm>& registry) {
  registry.add({.name = "Gemm", .rewrite = [](OlderNode& older) { older.remove("broadcast"); }});
}

}  // namespace offcut::onnx
