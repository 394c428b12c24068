#pragma once

#include <vector>

#include "models/dataset/samples.h"
#include "models/ops/operator.h"

namespace offcut::training {

/// The joint network of parties that hold different features of the same samples.
struct VerticalForm {
  std::vector<std::vector<std::int64_t>> features;  // By party: numbers of the flattened sample.
  std::vector<std::int64_t> hidden;                 // Units of each bottom's hidden layers.
  std::int64_t embedding = 16;                      // Units that each bottom hands to the head.
  std::vector<std::int64_t> head;                   // Units of the head's hidden layers.
  std::int64_t classes = 10;
};

/// Builds the network: the sample is flattened, each party gathers its features, its bottom makes
/// an embedding of them, and the head reads all embeddings, joined (Vepakomma et al., "Split
/// learning for health", 2018, vertically partitioned data). `item` is the shape of a sample; three
/// extents are an image. Throws std::invalid_argument if a feature is none, or is held twice.
Graph vertical_network(const VerticalForm& form, const Shape& item,
                       const Registry<ops::Operator>& operators, std::uint64_t seed);

/// The parts of a joint network, found in the graph: a party's bottom depends on no features but
/// its own.
struct VerticalParts {
  std::vector<std::vector<std::int64_t>> features;  // By party, ascending.
  std::vector<std::vector<LayerId>> bottoms;        // By party, the gathering layer included.
  std::vector<LayerId> head;
  std::vector<std::size_t> part_of;  // By layer: the party, or their number for the head.
};

/// Throws InputError unless the layers that read the network's input, or a view of it, gather
/// features by constant numbers.
VerticalParts vertical_parts(const Graph& network);

}  // namespace offcut::training
