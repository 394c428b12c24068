// RNN, GRU and LSTM up to opset 6 say with `output_sequence` whether they make the first output.
// From opset 7 on its name alone says so.

#include <initializer_list>

#include "models/onnx/older_form.h"

namespace offcut::onnx {

void register_recurrent(Registry<OlderForm>& registry) {
  for (const char* op : {"RNN", "GRU", "LSTM"}) {
    registry.add(
        {.name = op, .rewrite = [](OlderNode& older) { older.remove("output_sequence"); }});
  }
}

}  // namespace offcut::onnx
