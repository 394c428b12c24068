// Finds the layers that a runtime with a kernel for the whole function computes at once. The passes
// of models/exec find them for offcut's own engine; here only their groups matter, nothing is run.
#include "models/cost/composites.h"

#include <algorithm>

#include "models/exec/passes.h"

namespace offcut::cost {
namespace {

LayerKind kind_of(const exec::Operation& operation) {
  if (std::holds_alternative<exec::Linear>(operation.group) ||
      std::holds_alternative<exec::Attention>(operation.group)) {
    return LayerKind::dense;
  }
  return std::holds_alternative<exec::LayerNorm>(operation.group) ? LayerKind::normalization
                                                                  : LayerKind::elementwise;
}

/// Frameworks have a kernel for GELU, but none for its form with tanh, which models such as GPT-2
/// write out themselves.
bool is_one_kernel(const exec::Operation& operation) {
  return !operation.activation ||
         operation.activation->kind != exec::Activation::Kind::gelu_tanh;
}

}  // namespace

std::vector<Composite> composites_of(const Graph& graph) {
  const exec::Segment segment = exec::whole(graph);
  exec::Program program(graph, segment);
  exec::merge_activations(program);
  exec::merge_layer_norms(program);
  exec::merge_attention(program);
  exec::merge_linear(program);
  std::vector<Composite> groups;
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (program[i].layers.size() > 1 && is_one_kernel(program[i])) {
      groups.push_back({kind_of(program[i]), program[i].layers});
      std::sort(groups.back().layers.begin(), groups.back().layers.end());
    }
  }
  return groups;
}

}  // namespace offcut::cost
