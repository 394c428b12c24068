// Runs samples through the network one by one, with every tensor of floats as a result: once for
// the limits of each tensor, and a second time for the histograms between them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "models/base/error.h"
#include "models/compress/calibration.h"
#include "models/exec/prepared.h"

namespace offcut::compress {
namespace {

/// Returns the whole graph, from which every tensor of floats leaves.
exec::Segment watched(const Graph& graph) {
  exec::Segment segment = exec::whole(graph);
  segment.leaves.clear();
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.producer && tensor.type.type == DataType::float32 &&
        elements(tensor.type.shape) > 0) {
      segment.leaves.push_back(id);
    }
  }
  return segment;
}

Tensor sample_at(const Tensor& inputs, std::int64_t index, const TensorType& type) {
  Tensor one(type);
  const auto bytes = static_cast<std::size_t>(type.bytes());
  std::copy_n(inputs.bytes().begin() + static_cast<std::ptrdiff_t>(bytes) * index, bytes,
              one.bytes().begin());
  return one;
}

class Observation {
 public:
  Observation(const Graph& graph, const dataset::Samples& samples, std::int64_t count)
      : graph_(graph),
        samples_(samples),
        count_(std::min(count, samples.count())),
        prepared_(exec::prepare(graph, watched(graph), {.time_layouts = false})) {
    check();
  }

  /// Calls f with each tensor of each sample.
  void visit(const std::function<void(TensorId, std::span<const float>)>& f) {
    const TensorId input = graph_.inputs().front();
    for (std::int64_t i = 0; i < count_; ++i) {
      const Tensor sample = sample_at(samples_.inputs, i, graph_.tensor(input).type);
      f(input, sample.values<float>());
      for (const auto& [id, tensor] : prepared_.run({{input, sample}})) {
        f(id, tensor.values<float>());
      }
    }
  }

 private:
  void check() const {
    if (graph_.inputs().size() != 1) {
      throw std::invalid_argument(
          fmt::format("the network has {} inputs, calibration needs one", graph_.inputs().size()));
    }
    const TensorType& type = graph_.tensor(graph_.inputs().front()).type;
    if (count_ == 0) {
      throw std::invalid_argument("there are no samples to calibrate with");
    }
    if (type.type != DataType::float32 ||
        elements(type.shape) * samples_.count() != samples_.inputs.size()) {
      throw std::invalid_argument(fmt::format("a sample is {}, but the network reads {}",
                                              to_text(samples_.item()), to_text(type)));
    }
  }

  const Graph& graph_;
  const dataset::Samples& samples_;
  std::int64_t count_;
  exec::Prepared prepared_;
};

std::map<TensorId, TensorRange> limits(const Graph& graph, Observation& observation) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  std::map<TensorId, TensorRange> found;
  observation.visit([&](TensorId id, std::span<const float> values) {
    TensorRange& range = found.try_emplace(id, TensorRange{kInfinite, -kInfinite}).first->second;
    for (const float value : values) {
      if (!std::isfinite(value)) {
        throw std::invalid_argument(fmt::format("tensor {} is not finite with these samples",
                                                in_quotes(graph.tensor(id).name)));
      }
      range.low = std::min(range.low, value);
      range.high = std::max(range.high, value);
    }
  });
  return found;
}

}  // namespace

Ranges calibrate(const Graph& graph, const dataset::Samples& samples,
                 const CalibrationOptions& options) {
  Observation observation(graph, samples, options.samples);
  const std::map<TensorId, TensorRange> all = limits(graph, observation);
  std::map<TensorId, Histogram> histograms;
  if (options.method != RangeMethod::min_max) {
    for (const auto& [id, range] : all) {
      const float limit = std::max(std::abs(range.low), std::abs(range.high));
      histograms.emplace(id, Histogram(limit > 0 ? limit : 1));
    }
    observation.visit(
        [&](TensorId id, std::span<const float> values) { histograms.at(id).add(values); });
  }
  Ranges ranges;
  for (const auto& [id, range] : all) {
    ranges[graph.tensor(id).name] =
        histograms.empty() ? range : chosen_range(histograms.at(id), range, options);
  }
  return ranges;
}

}  // namespace offcut::compress
