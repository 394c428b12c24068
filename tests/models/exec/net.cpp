#include "tests/models/exec/net.h"

#include <algorithm>

#include "models/graph/cuts.h"

namespace offcut::exec {

double worst_cut(const Graph& graph, const std::function<bool(int)>& wanted, int& tried,
                 const PrepareOptions& options) {
  const Segment all = whole(graph);
  const TensorMap inputs = random_inputs(graph, all);
  const TensorMap expected = run(graph, all, inputs);
  double worst = 0;
  int number = 0;
  for_each_cut(graph, [&](const Cut& cut) {
    if (!wanted(number++)) {
      return true;
    }
    ++tried;
    std::vector<LayerId> head;
    std::vector<LayerId> tail;
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      (cut.in_head[id] ? head : tail).push_back(id);
    }
    TensorMap tensors = inputs;
    for (const auto& part : {head, tail}) {
      const Segment segment = segment_of(graph, part);
      TensorMap enters;
      for (const TensorId id : segment.enters) {
        enters[id] = tensors.at(id);
      }
      for (auto& [id, tensor] : prepare(graph, segment, options).run(enters)) {
        tensors[id] = tensor;
      }
    }
    for (const auto& [id, tensor] : expected) {
      worst = std::max(worst, error_of(tensors.at(id), tensor));
    }
    return true;
  });
  return worst;
}

bool has_step(const Prepared& prepared, const std::string& layers) {
  const auto steps = prepared.steps();
  return std::any_of(steps.begin(), steps.end(),
                     [&](const std::string& step) { return step.starts_with(layers + " ["); });
}

std::size_t count_steps(const Prepared& prepared, const std::string& text) {
  const auto steps = prepared.steps();
  return static_cast<std::size_t>(
      std::count_if(steps.begin(), steps.end(),
                    [&](const std::string& step) { return step.find(text) != std::string::npos; }));
}

}  // namespace offcut::exec
