#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/exec/prepared.h"

namespace offcut::exec {

/// A small graph as data, so that a test can change any part of it. Names stand for tensors, and a
/// node has the name of its output.
struct Draft {
  struct Source {  // A graph input or a constant.
    std::string name;
    Shape shape;
    bool constant = false;
    std::optional<float> value;  // The value of all elements; without it, they are drawn.
    float low = -5, high = 5;    // The limits of drawn elements.
    bool positions = false;      // The value as int64.
    bool byte = false;           // The value as uint8.
    float grid = 0;              // Drawn elements are whole multiples of this, if it is not 0.
  };
  struct Node {
    std::string op, name;
    std::vector<std::string> inputs;  // An empty name is an omitted input.
    std::vector<std::pair<std::string, AttributeValue>> attributes;
    int opset = 14;
  };

  std::string name;
  std::vector<Source> sources;
  std::vector<Node> nodes;  // In topological order.
  std::vector<std::string> outputs;
  /// The nodes that one kernel call is expected to compute.
  std::vector<std::string> fused;
  /// The results may differ by two steps of the largest of these constants, since quantised layers
  /// may round a number to one of two neighbours, and another layer may add two such results.
  std::vector<std::string> scales;

  Draft& input(std::string tensor, Shape shape) {
    sources.push_back({.name = std::move(tensor), .shape = std::move(shape)});
    return *this;
  }
  Draft& constant(std::string tensor, Shape shape, float low = -2, float high = 2) {
    sources.push_back({.name = std::move(tensor),
                       .shape = std::move(shape),
                       .constant = true,
                       .low = low,
                       .high = high});
    return *this;
  }
  Draft& number(std::string tensor, float value) {
    sources.push_back({.name = std::move(tensor), .constant = true, .value = value});
    return *this;
  }
  /// Adds a constant zero point.
  Draft& zero_point(std::string tensor, float value) {
    sources.push_back({.name = std::move(tensor), .constant = true, .value = value, .byte = true});
    return *this;
  }
  /// Adds weights from -100 to 100 steps of the grid.
  Draft& on_grid(std::string tensor, Shape shape, float grid) {
    sources.push_back({.name = std::move(tensor),
                       .shape = std::move(shape),
                       .constant = true,
                       .low = -100 * grid,
                       .high = 100 * grid,
                       .grid = grid});
    return *this;
  }
  Draft& node(std::string op, std::string tensor, std::vector<std::string> inputs,
              std::vector<std::pair<std::string, AttributeValue>> attributes = {}, int opset = 14) {
    nodes.push_back(
        {std::move(op), std::move(tensor), std::move(inputs), std::move(attributes), opset});
    return *this;
  }
  /// Makes the last node the output, and expects one kernel call to compute `names`.
  Draft& expect(std::vector<std::string> names) {
    outputs = {nodes.back().name};
    fused = std::move(names);
    return *this;
  }
};

/// A draft with one change.
struct ChangedDraft {
  std::string change;
  Draft draft;
  bool same_function = false;  // The change keeps the group, so it is still to be fused.
};

/// Returns the draft with each change of one constant, attribute, operator, operator set, edge,
/// operand order, shape, reader or output. Some of them are no valid graphs.
std::vector<ChangedDraft> changes_of(const Draft& draft);

/// The graph of a draft and values for its inputs.
struct DraftedGraph {
  Graph graph;
  TensorMap inputs;
};

/// Returns nothing if an operator refuses its inputs or attributes.
std::optional<DraftedGraph> graph_of(const Draft& draft, const Registry<ops::Operator>& operators);

}  // namespace offcut::exec
