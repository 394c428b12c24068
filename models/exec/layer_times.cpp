#include "models/exec/layer_times.h"

#include <algorithm>
#include <limits>

#include "models/base/quantile.h"
#include "models/graph/layer_shares.h"

namespace offcut {
namespace {

/// What reading the clock once takes: each kernel call's time has it in it.
double clock_cost(ClockFunction clock) {
  constexpr int kReadings = 200;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kReadings; ++i) {
    const double start = clock();
    least = std::min(least, clock() - start);
  }
  return std::max(least, 0.0);
}

std::vector<std::string> kernels_of(const Graph& graph, const std::vector<KernelCall>& calls) {
  std::vector<std::string> kernels(graph.layer_count());
  for (const KernelCall& call : calls) {
    for (const LayerId id : call.layers) {
      kernels[id] += (kernels[id].empty() ? "" : "+") + call.kernel;
    }
  }
  return kernels;
}

}  // namespace

double LayerTimes::sum() const {
  double sum = 0;
  for (const LayerTime& layer : layers) {
    sum += layer.median;
  }
  return sum;
}

std::vector<double> share_among_layers(const Graph& graph, const std::vector<KernelCall>& calls,
                                       std::span<const double> seconds) {
  std::vector<double> shares(graph.layer_count(), 0);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const std::vector<double> of_call = layer_shares(graph, calls[i].layers);
    for (std::size_t j = 0; j < of_call.size(); ++j) {
      shares[calls[i].layers[j]] += seconds[i] * of_call[j];
    }
  }
  return shares;
}

LayerTimes measure_layers(const Graph& graph, const TensorMap& inputs,
                          const MeasureOptions& options) {
  Prepared prepared = prepare(graph, whole(graph), options.prepare);
  const std::vector<KernelCall> calls = prepared.calls();
  const double cost = clock_cost(options.clock);
  int runs = 1;
  const auto time_whole = [&] {
    const double start = options.clock();
    for (int i = 0; i < runs; ++i) {
      prepared.run(inputs);
    }
    return (options.clock() - start) / runs;
  };
  time_whole();  // the first run makes its memory
  const double once = std::max(time_whole(), 1e-9);
  runs = std::clamp(static_cast<int>(options.round_seconds / once), 1, 10'000);

  std::vector<std::vector<double>> samples(graph.layer_count());
  std::vector<double> wholes;
  for (int round = -1; round < options.rounds; ++round) {
    const double taken = time_whole();
    std::vector<double> seconds(calls.size(), 0);
    for (int i = 0; i < runs; ++i) {
      prepared.run(inputs, seconds, options.clock);
    }
    if (round < 0) {
      continue;  // warms up
    }
    wholes.push_back(taken);
    for (double& second : seconds) {
      second = std::max(second / runs - cost, 0.0);
    }
    const std::vector<double> shares = share_among_layers(graph, calls, seconds);
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      samples[id].push_back(shares[id]);
    }
  }
  LayerTimes times{.whole = quantile(wholes, 0.5)};
  const std::vector<std::string> kernels = kernels_of(graph, calls);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    times.layers.push_back({.median = quantile(samples[id], 0.5),
                            .spread = quantile(samples[id], 0.75) - quantile(samples[id], 0.25),
                            .kernel = kernels[id]});
  }
  return times;
}

}  // namespace offcut
