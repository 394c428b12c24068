#include <fmt/format.h>

#include "models/base/readable.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/written_model.h"

namespace offcut::cli {

int export_model(const ExportArguments& options, const scenario::Registries& registries) {
  refuse_overwriting("--out", {options.out}, {options.model.model});
  const Graph graph = load_math(options.model, registries);
  const onnx::ExportOptions parts{.external_data = options.external_data};
  if (onnx::has_data_file(graph, parts)) {
    refuse_overwriting("--out", {data_file_beside(options.out)}, {options.model.model});
  }
  write_model_beside(graph, options.out, options.model.model, parts);
  say("{}: {}, {} of weights{}\n", options.out, counted(graph.layer_count(), "layer"),
      to_readable(Bytes(graph.total_work().parameter_bytes)),
      onnx::has_data_file(graph, parts) ? " in " + data_file_beside(options.out) : "");
  return 0;
}

}  // namespace offcut::cli
