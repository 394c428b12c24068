// Measures how long each layer takes in a prepared graph. The time of a kernel call, less the
// cost of reading the clock, is split among the layers that the kernel computes; medians over
// the rounds keep outliers out.

#include "models/exec/layer_times.h"

#include <algorithm>
#include <thread>

#include "models/base/quantile.h"
#include "models/graph/layer_shares.h"

namespace offcut::exec {
namespace {

double clock_cost(ClockFunction clock) {
  constexpr int kReadings = 200;
  std::vector<double> costs;
  for (int i = 0; i < kReadings; ++i) {
    const double start = clock();
    costs.push_back(clock() - start);
  }
  return std::max(quantile(costs, 0.5), 0.0);
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
    const std::vector<double> call_shares = layer_shares(graph, calls[i].layers);
    for (std::size_t j = 0; j < call_shares.size(); ++j) {
      shares[calls[i].layers[j]] += seconds[i] * call_shares[j];
    }
  }
  return shares;
}

LayerTimer::LayerTimer(const Graph& graph, TensorMap inputs, const MeasureOptions& options)
    : graph_(&graph),
      inputs_(std::move(inputs)),
      clock_(options.clock),
      pause_(options.pause_seconds),
      prepared_(prepare(graph, whole(graph), options.prepare)),
      calls_(prepared_.calls()),
      seconds_(graph.layer_count()) {
  time_whole();  // The first run allocates memory.
  const double once = std::max(time_whole(), 1e-9);
  if (pause_.count() == 0) {
    runs_ = std::clamp(static_cast<int>(options.round_seconds / once), 1, 10'000);
  }
}

double LayerTimer::time_whole() {
  const double start = clock_();
  for (int i = 0; i < runs_; ++i) {
    prepared_.run(inputs_);
  }
  return (clock_() - start) / runs_;
}

void LayerTimer::add_round() {
  std::this_thread::sleep_for(pause_);
  wholes_.push_back(time_whole());
  std::this_thread::sleep_for(pause_);
  const double reading = clock_cost(clock_);  // This is part of the time of each kernel call.
  std::vector<double> call_seconds(calls_.size(), 0);
  for (int i = 0; i < runs_; ++i) {
    prepared_.run(inputs_, call_seconds, clock_);
  }
  for (double& seconds : call_seconds) {
    seconds = std::max(seconds / runs_ - reading, 0.0);
  }
  const std::vector<double> shares = share_among_layers(*graph_, calls_, call_seconds);
  for (LayerId id = 0; id < graph_->layer_count(); ++id) {
    seconds_[id].push_back(shares[id]);
  }
}

double LayerTimer::clock_share() {
  return clock_cost(clock_) * static_cast<double>(calls_.size()) / std::max(time_whole(), 1e-9);
}

LayerTimes LayerTimer::times() const {
  LayerTimes times{.whole = quantile(wholes_, 0.5)};
  const std::vector<std::string> kernels = kernels_of(*graph_, calls_);
  for (LayerId id = 0; id < graph_->layer_count(); ++id) {
    const std::vector<double>& seconds = seconds_[id];
    times.layers.push_back({.median = quantile(seconds, 0.5),
                            .spread = quantile(seconds, 0.75) - quantile(seconds, 0.25),
                            .kernel = kernels[id]});
  }
  return times;
}

}  // namespace offcut::exec
