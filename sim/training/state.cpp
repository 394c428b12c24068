// Lays the trained weights, and after them the running statistics of trained batch normalisations,
// one after the other. Weights keep the order of train::Weights, so gradients have it too.

#include "sim/training/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/error.h"

namespace offcut::training {
namespace {

/// Returns the running mean and variance of each batch normalisation of which a weight is trained:
/// frozen ones run in inference, so their statistics stay.
std::vector<TensorId> running_statistics(const Graph& network, const train::Weights& weights) {
  constexpr std::size_t kScale = 1;
  constexpr std::size_t kMean = 3;
  constexpr std::size_t kVariance = 4;
  std::vector<TensorId> found;
  for (LayerId id = 0; id < network.layer_count(); ++id) {
    const Layer& layer = network.layer(id);
    if (layer.op_name != "BatchNormalization" || layer.inputs.size() <= kVariance) {
      continue;
    }
    const auto is_trained = [&](std::size_t input) {
      return weights.find(network.tensor(layer.inputs[input]).name).has_value();
    };
    if (!is_trained(kScale) && !is_trained(kScale + 1)) {
      continue;
    }
    for (const std::size_t input : {kMean, kVariance}) {
      const TensorId tensor = layer.inputs[input];
      if (network.tensor(tensor).is_parameter() &&
          std::find(found.begin(), found.end(), tensor) == found.end()) {
        found.push_back(tensor);
      }
    }
  }
  return found;
}

void check_size(const State& state, const Layout& layout) {
  if (state.size() != layout.size()) {
    throw std::invalid_argument(
        fmt::format("a state of {} numbers; the network's have {}", state.size(), layout.size()));
  }
}

}  // namespace

Bytes Layout::Part::bytes() const {
  constexpr double kFloat = 4;
  return Bytes(kFloat * static_cast<double>(elements(shape)));
}

Layout::Layout(const Graph& network, const train::Weights& weights, bool is_hollow)
    : is_hollow_(is_hollow) {
  const auto add = [&](const std::string& name, const Shape& shape, bool is_statistic) {
    const std::size_t size = is_hollow ? 0 : static_cast<std::size_t>(elements(shape));
    parts_.push_back({name, shape, size_, size, is_statistic});
    size_ += size;
    bytes_ += parts_.back().bytes();
  };
  for (std::size_t i = 0; i < weights.count(); ++i) {
    add(weights.name(i), weights.value(i).shape(), false);
  }
  weights_ = size_;
  bytes_of_weights_ = bytes_;
  for (const TensorId id : running_statistics(network, weights)) {
    add(network.tensor(id).name, network.tensor(id).type.shape, true);
  }
}

double Layout::share_of_weights() const {
  return bytes_ > Bytes(0) ? double(bytes_of_weights_ / bytes_) : 1;
}

State Layout::read(const Graph& network, const train::Weights& weights) const {
  State state(size_);
  if (is_hollow_) {
    return state;
  }
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    const Tensor value = part.is_statistic
                             ? weights.of(network.tensor(*network.find_tensor(part.name)))
                             : weights.value(i);
    const auto from = value.values<float>();
    std::copy(from.begin(), from.end(), state.begin() + static_cast<std::ptrdiff_t>(part.first));
  }
  return state;
}

void Layout::write(const State& state, train::Weights& weights) const {
  check_size(state, *this);
  const std::vector<Tensor*> values = weights.pointers();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    const std::span<const float> from(state.data() + part.first, part.size);
    if (part.is_statistic) {
      weights.set(part.name, Tensor(part.shape, from));
    } else {
      std::copy(from.begin(), from.end(), values[i]->values<float>().begin());
    }
  }
}

Graph Layout::applied(const Graph& network, const train::Weights& weights,
                      const State& state) const {
  train::Weights changed = weights;
  for (const Part& part : parts_) {
    // Copies of weights share their elements; set() gives this one its own.
    changed.set(part.name, Tensor(part.shape, std::span(state).subspan(part.first, part.size)));
  }
  return changed.applied_to(network);
}

}  // namespace offcut::training
