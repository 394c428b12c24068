#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/base/units.h"
#include "models/graph/graph.h"
#include "models/train/weights.h"

namespace offcut::training {

/// The values that training changes, as one vector: all weights, then all running statistics. An
/// update is a difference of states.
using State = std::vector<float>;
using SharedState = std::shared_ptr<const State>;

/// Where the parameters of a network lie in a State.
class Layout {
 public:
  struct Part {
    std::string name;
    Shape shape;
    std::size_t first = 0;
    std::size_t size = 0;  // In floats; of a hollow layout 0, whatever the shape.
    bool is_statistic = false;

    Bytes bytes() const;  // Of the shape, as floats.
  };

  /// Weights that the choice freezes are no part of states. The states of a hollow layout have no
  /// numbers, but the bytes on their way that they would have: see LocalSettings::is_rehearsal.
  Layout(const Graph& network, const train::Weights& weights, bool is_hollow = false);

  const std::vector<Part>& parts() const { return parts_; }
  bool is_hollow() const { return is_hollow_; }
  std::size_t size() const { return size_; }        // Of a state, in floats.
  std::size_t weights() const { return weights_; }  // The first so many floats; then statistics.
  Bytes bytes() const { return bytes_; }            // Of a state on its way.
  double share_of_weights() const;                  // In these bytes; statistics have the rest.

  State read(const Graph& network, const train::Weights& weights) const;
  void write(const State& state, train::Weights& weights) const;
  /// Returns the network with the state's values.
  Graph applied(const Graph& network, const train::Weights& weights, const State& state) const;

 private:
  std::vector<Part> parts_;
  bool is_hollow_ = false;
  std::size_t size_ = 0;
  std::size_t weights_ = 0;
  Bytes bytes_, bytes_of_weights_;
};

}  // namespace offcut::training
