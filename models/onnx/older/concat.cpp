// Concat up to opset 3 joins the channels, axis 1, unless it says otherwise. From opset 4 on it
// must say along which axis.

#include "models/onnx/older_form.h"

namespace offcut::onnx {

void register_concat(Registry<OlderForm>& registry) {
  registry.add({.name = "Concat", .until = 3, .rewrite = [](OlderNode& older) {
                  older.set_integer("axis", older.integer("axis", 1));
                }});
}

}  // namespace offcut::onnx
