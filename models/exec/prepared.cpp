// Prepares a segment in three steps: the passes rewrite its program, a lowering turns the
// program into kernel calls, and the schedule places their memory. If there are several ways to
// lay out tensors, all are prepared and timed on zeros, and the fastest is kept.

#include "models/exec/prepared.h"

#include <optional>

#include "models/base/cpu_time.h"
#include "models/exec/lowering.h"
#include "models/exec/passes.h"

namespace offcut::exec {

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

TensorMap Prepared::run(TensorMap inputs) {
  return run_timed(std::move(inputs), nullptr, thread_seconds);
}

TensorMap Prepared::run(TensorMap inputs, std::vector<double>& seconds, ClockFunction clock) {
  return run_timed(std::move(inputs), &seconds, clock);
}

TensorMap Prepared::run_timed(TensorMap inputs, std::vector<double>* seconds, ClockFunction clock) {
  check_inputs(state_->graph, state_->segment, inputs);
  std::vector<std::pair<BufferId, Tensor>> given;
  for (const auto& [tensor, buffer] : state_->enters) {
    given.emplace_back(buffer, inputs.at(tensor));
  }
  inputs.clear();
  state_->schedule.run(given, seconds, clock);
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
    names.push_back(step.name + " [" + step.kernel + "]");
  }
  return names;
}

std::vector<KernelCall> Prepared::calls() const {
  std::vector<KernelCall> all;
  for (const Step& step : state_->schedule.steps()) {
    all.push_back({step.layers, step.kernel});
  }
  return all;
}

Prepared Prepared::lower(const Program& program, const PrepareOptions& options, Layouts layouts) {
  auto state =
      std::make_unique<State>(State{.graph = program.graph(), .segment = program.segment()});
  const auto lowering = make_lowering(program, state->schedule, options, layouts);
  lowering->lower();
  state->enters = lowering->enters();
  state->leaves = lowering->leaves();
  state->schedule.finish(options.arena);
  state->memory = {.arena_bytes = state->schedule.arena_bytes(),
                   .unshared_bytes = state->schedule.scratch_bytes(),
                   .weight_bytes = lowering->weight_bytes()};
  return Prepared(std::move(state));
}

namespace {

/// Returns zeros for all tensors that enter, or none if one of them is not float32, as zero may be
/// an invalid value for it.
std::optional<TensorMap> zeros_for(const Program& program) {
  TensorMap zeros;
  for (const TensorId id : program.segment().enters) {
    zeros[id] = Tensor(program.graph().tensor(id).type);
    if (zeros[id].type().type != DataType::float32) {
      return std::nullopt;
    }
  }
  return zeros;
}

}  // namespace

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
  const std::vector<Layouts> choices = layouts_to_try(program, options);
  Prepared best = Prepared::lower(program, options, choices.front());
  const auto zeros = zeros_for(program);
  if (choices.size() == 1 || !zeros) {
    return best;
  }
  const auto seconds_of = [&](Prepared& prepared) {
    return least_seconds([&] { prepared.run(*zeros); }, clock_for(options.threads));
  };
  double least = seconds_of(best);
  for (std::size_t i = 1; i < choices.size(); ++i) {
    Prepared other = Prepared::lower(program, options, choices[i]);
    const double seconds = seconds_of(other);
    if (seconds < least) {
      best = std::move(other);
      least = seconds;
    }
  }
  return best;
}

}  // namespace offcut::exec
