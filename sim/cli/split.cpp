#include <fmt/format.h>

#include "analysis/output_directory.h"
#include "models/graph/subgraph.h"
#include "partition/cut_list.h"
#include "partition/plan_file.h"
#include "sim/cli/commands.h"
#include "sim/cli/crossing_table.h"
#include "sim/cli/file_name.h"
#include "sim/cli/interruption.h"
#include "sim/cli/text_table.h"
#include "sim/cli/written_model.h"

namespace offcut::cli {
namespace {

Placement placement_of(const Graph& graph, const SplitOptions& options) {
  if (options.cut.empty() == options.plan.empty()) {
    throw InputError({"offcut split"}, "give one of --cut and --plan");
  }
  if (!options.plan.empty()) {
    return read_plan_file(graph, options.plan, options.algorithm);
  }
  if (!options.algorithm.empty()) {
    throw InputError({"--algorithm"}, "belongs to --plan, which is not given");
  }
  std::vector<Mistake> mistakes;
  Placement placement = cut_behind(graph, options.cut, {"--cut"}, mistakes);
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  return placement;
}

/// 0-device.onnx, 1-cloud.onnx
std::vector<std::string> tier_files(const Placement& placement) {
  std::vector<std::string> names;
  names.reserve(placement.tiers.size());
  for (std::size_t tier = 0; tier < placement.tiers.size(); ++tier) {
    names.push_back(fmt::format("{}-{}", tier, placement.tiers[tier]));
  }
  return file_names(names, ".onnx");
}

std::string names_of(const Graph& graph, const std::vector<TensorId>& tensors) {
  std::string names;
  for (const TensorId id : tensors) {
    names += (names.empty() ? "" : ", ") + graph.tensor(id).name;
  }
  return names;
}

}  // namespace

int split(const SplitOptions& options, const Registries& registries) {
  const Graph graph = load_math(options.model, registries);
  const Placement placement = placement_of(graph, options);
  const std::vector<std::string> files = tier_files(placement);
  const Interruption interruption;
  OutputDirectory out(options.out, files);
  TextTable table({"file", "layers", "inputs", "outputs"});
  const auto layers = placement.layers();
  for (std::size_t tier = 0; tier < files.size(); ++tier) {
    const Graph part =
        subgraph(graph, layers[tier], fmt::format("{}-{}", graph.name(), placement.tiers[tier]));
    write_model(part, out.file(files[tier]), options.model.model);
    interruption.check();
    table.add({(out.path() / files[tier]).string(), layer_range(graph, layers[tier]),
               names_of(part, part.inputs()), names_of(part, part.outputs())});
  }
  out.commit();
  fmt::print("{}\n{}", table.text(), crossing_table(graph, placement).text());
  return 0;
}

}  // namespace offcut::cli
