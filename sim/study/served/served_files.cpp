// Makes the settings of a node from ONNX files, which `offcut split` wrote, or from whole networks.

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "models/onnx/import.h"
#include "models/ops/batches.h"
#include "sim/experiment/load_model.h"
#include "sim/study/served/served_node.h"

namespace offcut::study {
namespace {

runtime::Part part_of(const scenario::ModelChoice& choice, const scenario::Registries& registries) {
  runtime::Part part;
  experiment::LayerColumns unused;
  part.graph = std::make_shared<const Graph>(experiment::load_model(choice, registries, 1, unused));
  const Registry<ops::Operator>& operators = registries.operators;
  if (choice.source == scenario::ModelChoice::Source::onnx) {
    part.in_batches = [choice, &operators](std::int64_t size) {
      return onnx::import_onnx(choice.source_name, operators,
                               {.bind = choice.bind, .batch = size, .fix = choice.fix});
    };
  } else {
    part.in_batches = [graph = part.graph, &operators](std::int64_t size) {
      return ops::in_batches(*graph, size, operators);
    };
  }
  return part;
}

runtime::NodeCut cut_of(runtime::Part part) {
  return {.part = std::move(part), .service = {Seconds(0)}, .rest = Seconds(0)};
}

}  // namespace

std::string tier_of_file(const std::string& file) {
  std::string name = std::filesystem::path(file).stem().string();
  const auto digits = std::find_if_not(name.begin(), name.end(),
                                       [](unsigned char c) { return std::isdigit(c) != 0; });
  if (digits != name.begin() && digits != name.end() && *digits == '-' &&
      digits + 1 != name.end()) {
    name.erase(name.begin(), digits + 1);
  }
  std::replace(name.begin(), name.end(), '.', '-');  // A dot divides names of columns.
  std::replace(name.begin(), name.end(), ':', '-');
  return name;
}

ServedNode served_files(const std::vector<scenario::ModelChoice>& parts,
                        const std::optional<scenario::ModelChoice>& whole, const std::string& tier,
                        const scenario::Registries& registries) {
  ServedNode node;
  for (const scenario::ModelChoice& choice : parts) {
    node.settings.cuts.push_back(cut_of(part_of(choice, registries)));
    node.codecs.emplace_back();
  }
  node.settings.tier = tier.empty() ? tier_of_file(parts.front().source_name) : tier;
  node.settings.model = node.settings.cuts.front().part.graph->name();
  if (whole) {
    node.settings.whole = cut_of(part_of(*whole, registries));
    node.network = node.settings.whole->part.graph;
    node.settings.model = node.network->name();
    node.settings.rules.failures.then = network::FailurePolicy::Then::local;
    node.settings.rules.failures.local_when_rejected = true;
  }
  return node;
}

}  // namespace offcut::study
