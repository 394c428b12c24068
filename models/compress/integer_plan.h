#pragma once

#include <optional>
#include <set>
#include <vector>

#include "models/graph/graph.h"

namespace offcut::compress {

/// The roles of the layers of a network that runs partly in integers.
struct IntegerPlan {
  enum class Role {
    real,      // Stays as it is.
    product,   // Conv, Gemm or MatMul with constant weights.
    sum,       // Add of two tensors of integers.
    move,      // Its results are elements of its inputs: one scale for all.
    average,   // Pooling to means.
    follower,  // Merged into a product or sum: a bias after MatMul, Relu, Clip.
    folded,    // BatchNormalization after a Conv.
  };
  std::vector<Role> roles;                    // By layer.
  std::vector<std::optional<LayerId>> folds;  // By layer: the BatchNormalization that it takes in.
  std::vector<bool> quantised;                // By tensor: an integer layer makes it.
  std::vector<bool> reaches_first;            // By layer: a product on an input of the network.
  std::vector<bool> reaches_last;             // By layer: a product after which no product follows.

  bool runs_in_integers(LayerId layer) const {
    return roles[layer] != Role::real && roles[layer] != Role::follower &&
           roles[layer] != Role::folded;
  }
};

IntegerPlan plan_integers(const Graph& graph, const std::set<LayerId>& layers);

/// Returns the axis of the output channels of a product's weights, input 1.
std::int64_t channel_axis_of(const Layer& layer);

}  // namespace offcut::compress
