#pragma once

#include <string>
#include <vector>

#include "models/compress/pass.h"
#include "models/ops/operator.h"

namespace offcut::compress {

const Registry<Pass>& all_passes();
const train::Libraries& all_libraries();

/// LeNet-5, a residual network with batch normalisation, and networks of matrices: each with few
/// weights, drawn from seeds.
struct SmallNetwork {
  std::string name;
  Graph graph;
};
std::vector<SmallNetwork> small_networks();
Graph lenet5();

/// Drawn images and labels that fit the network.
dataset::Samples drawn_samples(const Graph& network, std::int64_t count);

/// Returns the elements of a parameter.
std::vector<float> values_in(const Graph& graph, const std::string& parameter);

/// Applies a pass that a text names, without samples.
Network applied(const std::string& text, const Network& network);

}  // namespace offcut::compress
