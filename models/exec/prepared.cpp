// Prepares a segment in three steps: the passes rewrite its program, a lowering turns the
// program into kernel calls, and the schedule places their memory. If there are several ways to
// lay out tensors, all are prepared and timed on zeros, and the fastest is kept. A run is watched
// for values that are not finite, and repeated with the reference operators if there was one.

#include "models/exec/prepared.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>

#include "models/base/cpu_time.h"
#include "models/exec/finite.h"
#include "models/exec/lowering.h"
#include "models/exec/passes.h"
#include "models/exec/short_floats.h"
#include "models/exec/trials.h"

namespace offcut::exec {

struct Prepared::State {
  const Graph& graph;
  Segment segment;
  Schedule schedule;
  std::vector<std::pair<TensorId, BufferId>> enters;
  std::vector<std::pair<TensorId, BufferId>> leaves;
  PreparedMemory memory;
  int threads = 1;
  bool is_exact = false;  // All steps are reference operators.
  std::size_t repeated_runs = 0;

  // If tensors of the user's graph are floats of 16 bits: that graph, and its twin in float32,
  // which is then `graph`.
  const Graph* stored = nullptr;
  std::unique_ptr<const Graph> in_float32;
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

namespace {

bool are_finite(const TensorMap& tensors) {
  return std::all_of(tensors.begin(), tensors.end(),
                     [](const auto& tensor) { return all_finite(tensor.second); });
}

}  // namespace

TensorMap Prepared::run_timed(TensorMap inputs, std::vector<double>* seconds, ClockFunction clock) {
  if (state_->stored != nullptr) {
    check_inputs(*state_->stored, state_->segment, inputs);
    return with_types_of(*state_->stored,
                         run_as_prepared(with_types_of(state_->graph, inputs), seconds, clock));
  }
  return run_as_prepared(std::move(inputs), seconds, clock);
}

TensorMap Prepared::run_as_prepared(TensorMap inputs, std::vector<double>* seconds,
                                    ClockFunction clock) {
  check_inputs(state_->graph, state_->segment, inputs);
  if (state_->is_exact) {
    return run_kernels(inputs, seconds, clock);
  }
  const bool finite_inputs = are_finite(inputs);
  if (finite_inputs || seconds != nullptr) {  // Times are wanted of all kernels.
    const FiniteWatch watch(state_->threads);
    TensorMap results = run_kernels(inputs, seconds, clock);
    if (finite_inputs && watch.all_finite() && are_finite(results)) {
      return results;
    }
  }
  ++state_->repeated_runs;
  return offcut::exec::run(state_->graph, state_->segment, std::move(inputs));
}

TensorMap Prepared::run_kernels(const TensorMap& inputs, std::vector<double>* seconds,
                                ClockFunction clock) {
  std::vector<std::pair<BufferId, Tensor>> given;
  for (const auto& [tensor, buffer] : state_->enters) {
    given.emplace_back(buffer, inputs.at(tensor));
  }
  state_->schedule.run(given, seconds, clock);
  TensorMap left;
  for (const auto& [tensor, buffer] : state_->leaves) {
    const Shape& shape = state_->graph.tensor(tensor).type.shape;
    left[tensor] = state_->schedule.take(buffer).reshaped(shape);
  }
  state_->schedule.clear();
  return left;
}

double Prepared::least_seconds_on(const TensorMap& inputs, int threads) {
  return least_seconds([&] { run_kernels(inputs, nullptr, thread_seconds); }, clock_for(threads));
}

PreparedMemory Prepared::memory() const { return state_->memory; }

std::size_t Prepared::repeated_runs() const { return state_->repeated_runs; }

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

Prepared Prepared::lower(const Program& program, const PrepareOptions& options, Layouts layouts,
                         Trials& trials) {
  auto state =
      std::make_unique<State>(State{.graph = program.graph(), .segment = program.segment()});
  state->threads = options.threads;
  state->is_exact = options.is_exact();
  const auto lowering = make_lowering(program, state->schedule, options, layouts, trials);
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

/// Returns the fastest of the segment's layouts that there is time to try. They are prepared one
/// after the other, since the weights of each take as much memory as the network's own.
template <class Lower, class Time>
Prepared fastest(const std::vector<Layouts>& choices, const Trials& trials, Lower lower,
                 Time seconds_of) {
  std::optional<Prepared> last;
  Layouts latest = choices.front();
  Layouts best = latest;
  double least = std::numeric_limits<double>::infinity();
  for (const Layouts layouts : choices) {
    if (last && !trials.have_budget_for_layout()) {
      break;
    }
    last.reset();
    last = lower(layouts);
    latest = layouts;
    const double seconds = seconds_of(*last);
    if (seconds < least) {
      best = layouts;
      least = seconds;
    }
  }
  if (best != latest) {
    last.reset();
    last = lower(best);
  }
  return std::move(*last);
}

}  // namespace

Prepared prepare(const Graph& graph, const Segment& segment, const PrepareOptions& options) {
  if (options.threads < 1 || options.threads > kMostThreads) {
    throw std::invalid_argument(
        fmt::format("{} threads, expected 1 to {}", options.threads, kMostThreads));
  }
  if (!options.is_exact() && has_short_floats(graph, segment)) {
    auto floats = std::make_unique<const Graph>(in_float32(graph));
    Prepared prepared = prepare(*floats, segment, options);
    prepared.state_->stored = &graph;
    prepared.state_->in_float32 = std::move(floats);
    return prepared;
  }
  Trials trials(options.threads);
  Program program(graph, segment);
  if (options.fold_batch_norm) {
    fold_batch_norm(program);
  }
  if (options.fuse) {
    merge_activations(program);
    merge_layer_norms(program);
    merge_attention(program);
    merge_linear(program);
    if (options.fast_kernels) {
      merge_quantized(program);
      merge_quantized_moves(program);
    }
    fuse(program);
  }
  if (!options.is_exact() && !constants_are_finite(program)) {
    PrepareOptions none = PrepareOptions::none();
    none.arena = options.arena;
    return prepare(graph, segment, none);
  }
  const std::vector<Layouts> choices = layouts_to_try(program, options);
  const auto zeros = choices.size() == 1 ? std::nullopt : zeros_for(program);
  const auto lowered = [&](Layouts layouts) {
    return Prepared::lower(program, options, layouts, trials);
  };
  if (!zeros) {
    return lowered(choices.front());
  }
  return fastest(choices, trials, lowered, [&](Prepared& prepared) {
    return prepared.least_seconds_on(*zeros, options.threads);
  });
}

}  // namespace offcut::exec
