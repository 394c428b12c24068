#include "models/exec/prepared.h"

#include "models/exec/lowering.h"
#include "models/exec/passes.h"

namespace offcut {

struct Prepared::State {
  const Graph& graph;
  Segment segment;
  Schedule schedule;
  std::vector<std::pair<TensorId, BufferId>> enters;
  std::vector<std::pair<TensorId, BufferId>> leaves;
  PreparedMemory memory;
};

Prepared::Prepared(std::unique_ptr<State> state) : state_(std::move(state)) {}
Prepared::~Prepared() = default;
Prepared::Prepared(Prepared&&) noexcept = default;
Prepared& Prepared::operator=(Prepared&&) noexcept = default;

TensorMap Prepared::run(TensorMap inputs) { return run_timed(std::move(inputs), nullptr); }

TensorMap Prepared::run(TensorMap inputs, std::vector<double>& seconds) {
  return run_timed(std::move(inputs), &seconds);
}

TensorMap Prepared::run_timed(TensorMap inputs, std::vector<double>* seconds) {
  check_inputs(state_->graph, state_->segment, inputs);
  std::vector<std::pair<BufferId, Tensor>> given;
  for (const auto& [tensor, buffer] : state_->enters) {
    given.emplace_back(buffer, inputs.at(tensor));
  }
  inputs.clear();
  state_->schedule.run(given, seconds);
  TensorMap left;
  for (const auto& [tensor, buffer] : state_->leaves) {
    const Shape& shape = state_->graph.tensor(tensor).type.shape;
    left[tensor] = state_->schedule.take(buffer).reshaped(shape);
  }
  state_->schedule.clear();
  return left;
}

PreparedMemory Prepared::memory() const { return state_->memory; }

std::vector<std::string> Prepared::steps() const {
  std::vector<std::string> names;
  for (const Step& step : state_->schedule.steps()) {
    names.push_back(step.name);
  }
  return names;
}

Prepared prepare(const Graph& graph, const Segment& segment, const PrepareOptions& options) {
  Program program(graph, segment);
  if (options.fold_batch_norm) {
    fold_batch_norm(program);
  }
  if (options.fuse) {
    merge_activations(program);
    merge_layer_norms(program);
    merge_attention(program);
    merge_linear(program);
    fuse(program);
  }
  auto state =
      std::make_unique<Prepared::State>(Prepared::State{.graph = graph, .segment = segment});
  const auto lowering = make_lowering(program, state->schedule, options);
  lowering->lower();
  state->enters = lowering->enters();
  state->leaves = lowering->leaves();
  state->schedule.finish(options.arena);
  state->memory = {.arena_bytes = state->schedule.arena_bytes(),
                   .unshared_bytes = state->schedule.scratch_bytes(),
                   .weight_bytes = lowering->weight_bytes()};
  return Prepared(std::move(state));
}

}  // namespace offcut
