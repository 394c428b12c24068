// Distributes a chain over devices by dynamic programming: a state holds the number of blocks done,
// the number of devices used per kind, and the kind of the next device.

#include "partition/solvers/pipeline.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "partition/amount.h"

namespace offcut::partition {
namespace {

void require_pipeline(bool holds, const std::string& invariant) {
  if (!holds) {
    throw std::logic_error("pipeline problem: " + invariant);
  }
}

template <class Quantity>
bool all_amounts(const std::vector<Quantity>& values) {
  return std::all_of(values.begin(), values.end(), is_amount<Quantity>);
}

/// Returns the time that the stage before block `last` takes to send its output to the next device.
Seconds sending(const PipelineProblem& problem, std::size_t last, std::size_t from,
                std::size_t to) {
  return problem.passes[last - 1] /
         std::min(problem.devices[from].bandwidth, problem.devices[to].bandwidth);
}

Bytes stage_input(const PipelineProblem& problem, std::size_t first) {
  return first == 0 ? problem.input : problem.passes[first - 1];
}

/// The dynamic programme. A state is (blocks done, devices used per kind as one number, kind of the
/// next device).
class Layout {
 public:
  Layout(const PipelineProblem& problem, PipelineGoal goal)
      : problem_(problem), goal_(goal), kinds_(problem.devices.size()) {
    for (const PipelineDevices& devices : problem.devices) {
      place_.push_back(sets_);
      sets_ *= std::min(devices.count, problem.block_count()) + 1;
    }
    const std::size_t states = (problem.block_count() + 1) * sets_ * kinds_;
    best_.assign(states, std::numeric_limits<double>::infinity());
    before_.resize(states);
  }

  std::optional<PipelinePlan> solve() {
    for (std::size_t kind = 0; kind < kinds_; ++kind) {
      if (may_use(0, kind)) {
        best_[state(0, 0, kind)] = 0;
      }
    }
    for (std::size_t block = 0; block < problem_.block_count(); ++block) {
      for (std::size_t used = 0; used < sets_; ++used) {
        for (std::size_t kind = 0; kind < kinds_; ++kind) {
          extend(block, used, kind);
        }
      }
    }
    return total_ < std::numeric_limits<double>::infinity()
               ? std::optional(evaluate_pipeline(problem_, stages()))
               : std::nullopt;
  }

 private:
  std::size_t state(std::size_t block, std::size_t used, std::size_t kind) const {
    return (block * sets_ + used) * kinds_ + kind;
  }
  bool may_use(std::size_t used, std::size_t kind) const {
    const std::size_t most = std::min(problem_.devices[kind].count, problem_.block_count());
    return used / place_[kind] % (most + 1) < most;
  }
  double joined(double before, Seconds next) const {
    return goal_ == PipelineGoal::period ? std::max(before, next.si()) : before + next.si();
  }

  /// Tries every stage that starts at `block` on the next device.
  void extend(std::size_t block, std::size_t used, std::size_t kind) {
    const std::size_t from = state(block, used, kind);
    Seconds compute = problem_.devices[kind].per_request;
    Bytes held = stage_input(problem_, block);  // stage_memory() without the output.
    for (std::size_t last = block + 1; std::isfinite(best_[from]) && last <= problem_.block_count();
         ++last) {
      compute += problem_.devices[kind].seconds[last - 1];
      held += problem_.weights[last - 1];
      if (held + problem_.passes[last - 1] > problem_.devices[kind].memory) {
        continue;  // A longer stage may fit, because its output may be smaller.
      }
      const double so_far = joined(best_[from], compute);
      if (last == problem_.block_count()) {
        if (so_far < total_) {
          total_ = so_far;
          last_ = from;
        }
        continue;
      }
      const std::size_t now_used = used + place_[kind];
      for (std::size_t next = 0; next < kinds_; ++next) {
        if (may_use(now_used, next)) {
          const std::size_t to = state(last, now_used, next);
          const double value = joined(so_far, sending(problem_, last, kind, next));
          if (value < best_[to]) {
            best_[to] = value;
            before_[to] = from;
          }
        }
      }
    }
  }

  std::vector<PipelineStage> stages() const {
    std::vector<PipelineStage> stages;
    std::size_t end = problem_.block_count();
    for (std::size_t number = last_;; number = before_[number]) {
      const std::size_t block = number / kinds_ / sets_;
      stages.push_back({number % kinds_, block, end});
      end = block;
      if (block == 0) {
        break;
      }
    }
    std::reverse(stages.begin(), stages.end());
    return stages;
  }

  const PipelineProblem& problem_;
  PipelineGoal goal_;
  std::size_t kinds_;
  std::size_t sets_ = 1;
  std::vector<std::size_t> place_;  // The place value of each kind's count in a set's number.
  std::vector<double> best_;        // Per state; infinite if it can't be reached.
  std::vector<std::size_t> before_;
  double total_ = std::numeric_limits<double>::infinity();
  std::size_t last_ = 0;
};

}  // namespace

void PipelineProblem::check() const {
  require_pipeline(!weights.empty() && passes.size() == weights.size(),
                   "expected at least one block, and the size of each one's output");
  require_pipeline(all_amounts(weights) && all_amounts(passes) && is_amount(input),
                   "bytes must be finite and not negative");
  for (const PipelineDevices& kind : devices) {
    require_pipeline(kind.seconds.size() == weights.size() && all_amounts(kind.seconds),
                     "each block needs a time on '" + kind.name + "', finite and not negative");
    require_pipeline(is_amount(kind.per_request),
                     "the time per request of '" + kind.name + "' must be finite and not negative");
    require_pipeline(kind.bandwidth.si() > 0,
                     "the bandwidth of '" + kind.name + "' must be positive");
    require_pipeline(kind.memory.si() >= 0,
                     "the memory of '" + kind.name + "' must not be negative");
  }
}

Bytes stage_memory(const PipelineProblem& problem, const PipelineStage& stage) {
  Bytes bytes = stage_input(problem, stage.first);
  for (std::size_t block = stage.first; block < stage.last; ++block) {
    bytes += problem.weights[block];
  }
  return bytes + problem.passes[stage.last - 1];
}

Seconds stage_time(const PipelineProblem& problem, const PipelineStage& stage) {
  const PipelineDevices& devices = problem.devices[stage.device];
  Seconds time = devices.per_request;
  for (std::size_t block = stage.first; block < stage.last; ++block) {
    time += devices.seconds[block];
  }
  return time;
}

PipelinePlan evaluate_pipeline(const PipelineProblem& problem, std::vector<PipelineStage> stages) {
  PipelinePlan plan;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const Seconds compute = stage_time(problem, stages[i]);
    const Seconds send = i + 1 == stages.size() ? Seconds(0)
                                                : sending(problem, stages[i].last, stages[i].device,
                                                          stages[i + 1].device);
    plan.period = std::max({plan.period, compute, send});
    plan.latency += compute + send;
  }
  plan.stages = std::move(stages);
  return plan;
}

double pipeline_steps(const PipelineProblem& problem) {
  const auto blocks = static_cast<double>(problem.block_count());
  double steps = blocks * blocks / 2;
  for (const PipelineDevices& kind : problem.devices) {
    steps *= static_cast<double>(std::min(kind.count, problem.block_count()) + 1);
  }
  return steps * static_cast<double>(problem.devices.size() * problem.devices.size());
}

std::optional<PipelinePlan> best_pipeline(const PipelineProblem& problem, PipelineGoal goal) {
  return Layout(problem, goal).solve();
}

}  // namespace offcut::partition
