// Times kernels by themselves. Several kernels for one layer share one input, output and weights of
// arbitrary numbers, and run in turns until each has run for long enough to be compared; one that
// is clearly slower leaves early. Times are kept for equal layers.

#include "models/exec/onednn/kernel_trial.h"

#include <fmt/format.h>

#include <limits>

#include "models/base/cpu_time.h"

namespace offcut::exec {
namespace {

using dnnl::memory;

constexpr int kFewestRounds = 3;
constexpr double kLongEnough = 1.5e-3;  // Seconds of a kernel's runs.
constexpr double kLong = 0.02;          // A run of so many seconds is not repeated often.
constexpr double kClearlySlower = 1.5;

struct Contestant {
  std::string key;
  dnnl::primitive primitive;
  std::unordered_map<int, memory> arguments;
  double least = std::numeric_limits<double>::infinity();
  double total = 0;
  int runs = 0;

  bool needs_another_run(double best) const {
    if (runs > 0 && least > kClearlySlower * best) {
      return false;
    }
    const int rounds = least > kLong ? kFewestRounds - 1 : kFewestRounds;
    return runs < rounds || total < kLongEnough;
  }
};

/// The buffers that all kernels for a layer share, each as large as the largest needs it.
class SharedArguments {
 public:
  SharedArguments(const std::vector<TimedKernel>& kernels, const dnnl::engine& engine)
      : engine_(engine) {
    for (const TimedKernel& kernel : kernels) {
      for (const auto& [argument, layout] : layouts(kernel.description)) {
        sizes_[argument] = std::max(sizes_[argument], layout.get_size());
      }
    }
    for (const auto& [argument, size] : sizes_) {
      storage_[argument] = filled_memory(size);
    }
  }

  std::unordered_map<int, memory> of(const ConvolutionDescription& description) {
    std::unordered_map<int, memory> arguments;
    for (const auto& [argument, layout] : layouts(description)) {
      arguments[argument] = memory(layout, engine_, storage_.at(argument).bytes().data());
    }
    return arguments;
  }

 private:
  static std::vector<std::pair<int, memory::desc>> layouts(const ConvolutionDescription& d) {
    return {{DNNL_ARG_SRC, d.src_desc()},
            {DNNL_ARG_WEIGHTS, d.weights_desc()},
            {DNNL_ARG_BIAS, d.bias_desc()},
            {DNNL_ARG_DST, d.dst_desc()},
            {DNNL_ARG_SCRATCHPAD, d.scratchpad_desc()}};
  }

  const dnnl::engine& engine_;
  std::map<int, std::size_t> sizes_;
  std::map<int, Tensor> storage_;
};

double run_once(Contestant& contestant, OneDnn& onednn) {
  const ClockFunction clock = clock_for(onednn.threads);
  const double start = clock();
  contestant.primitive.execute(onednn.stream, contestant.arguments);
  onednn.stream.wait();
  return clock() - start;
}

/// Returns whether nothing is to be measured under this name (any more).
bool is_settled(const std::string& key, const Trials& trials) {
  return trials.time_of(key).has_value() || !trials.have_budget();
}

/// Returns the least time of a few runs, and remembers it.
template <class Run>
double measured_seconds(const std::string& key, Trials& trials, int threads, Run run) {
  const double seconds = least_seconds(run, clock_for(threads));
  trials.seconds[key] = seconds;
  return seconds;
}

}  // namespace

Tensor filled_memory(std::size_t bytes) {
  // One small number in all elements: sums stay finite, whatever the layout.
  constexpr float kNumber = 1.0F / 256;
  Tensor filled(TensorType{
      DataType::float32, {static_cast<std::int64_t>((bytes + sizeof(float) - 1) / sizeof(float))}});
  std::fill(filled.values<float>().begin(), filled.values<float>().end(), kNumber);
  return filled;
}

void time_kernels(const std::vector<TimedKernel>& kernels, OneDnn& onednn, Trials& trials) {
  std::vector<TimedKernel> unknown;
  for (const TimedKernel& kernel : kernels) {
    const bool twice = std::any_of(unknown.begin(), unknown.end(), [&](const TimedKernel& other) {
      return other.key == kernel.key;
    });
    if (!trials.time_of(kernel.key) && !twice) {
      unknown.push_back(kernel);
    }
  }
  if (unknown.empty() || !trials.have_budget()) {
    return;
  }
  SharedArguments shared(unknown, onednn.engine);
  std::vector<Contestant> contestants;
  for (const TimedKernel& kernel : unknown) {
    contestants.push_back({.key = kernel.key,
                           .primitive = dnnl::convolution_forward(kernel.description),
                           .arguments = shared.of(kernel.description)});
  }
  double best = std::numeric_limits<double>::infinity();
  for (bool ran = true; ran;) {
    ran = false;
    for (Contestant& contestant : contestants) {
      if (contestant.needs_another_run(best)) {
        const double seconds = run_once(contestant, onednn);
        contestant.least = std::min(contestant.least, seconds);
        contestant.total += seconds;
        ++contestant.runs;
        best = std::min(best, contestant.least);
        ran = true;
      }
    }
  }
  for (const Contestant& contestant : contestants) {
    trials.seconds[contestant.key] = contestant.least;
  }
  trials.run += unknown.size() == kernels.size() ? best : 0;  // A layer that is met first.
}

double reorder_seconds(const memory::desc& from, const memory::desc& to, OneDnn& onednn,
                       Trials& trials) {
  const std::string key = fmt::format("reorder {} to {}", text_of(from), text_of(to));
  if (same_memory(from, to) || is_settled(key, trials)) {
    return trials.time_of(key).value_or(0);
  }
  Tensor a = filled_memory(from.get_size());
  Tensor b = filled_memory(to.get_size());
  memory source(from, onednn.engine, a.bytes().data());
  memory target(to, onednn.engine, b.bytes().data());
  const dnnl::reorder reorder(source, target);
  return measured_seconds(key, trials, onednn.threads, [&] {
    reorder.execute(onednn.stream, source, target);
    onednn.stream.wait();
  });
}

double eltwise_seconds(const Eltwise& eltwise, const memory::desc& layout, OneDnn& onednn,
                       Trials& trials) {
  const std::string key =
      fmt::format("eltwise {} {}", static_cast<int>(eltwise.algorithm), text_of(layout));
  if (is_settled(key, trials)) {
    return trials.time_of(key).value_or(0);
  }
  const dnnl::eltwise_forward::primitive_desc description(
      {dnnl::prop_kind::forward_inference, eltwise.algorithm, layout, eltwise.alpha, eltwise.beta},
      onednn.engine);
  Tensor storage = filled_memory(layout.get_size());
  memory values(layout, onednn.engine, storage.bytes().data());
  const dnnl::eltwise_forward primitive(description);
  return measured_seconds(key, trials, onednn.threads, [&] {
    primitive.execute(onednn.stream, {{DNNL_ARG_SRC, values}, {DNNL_ARG_DST, values}});
    onednn.stream.wait();
  });
}

}  // namespace offcut::exec
