#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/interruption.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/written_model.h"

namespace offcut::cli {

int export_model(const ModelArgument& model, const std::string& out,
                 const scenario::Registries& registries) {
  refuse_overwriting("--out", {out}, {model.model});
  const Graph graph = load_math(model, registries);
  const Interruption interruption;
  write_beside(out, [&](const std::string& path) {
    write_model(graph, path, model.model);
    interruption.check();
  });
  say("{}: {} layers, {} of weights\n", out, graph.layer_count(),
      to_readable(Bytes(graph.total_work().parameter_bytes)));
  return 0;
}

}  // namespace offcut::cli
