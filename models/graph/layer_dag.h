#pragma once

#include <boost/graph/adjacency_list.hpp>

#include "models/graph/graph.h"

namespace offcut {

struct DagEdge {
  TensorId tensor = 0;
};

/// The layers of a Graph for Boost.Graph's algorithms: vertices are layer ids, edges are the
/// tensors between them, one edge per tensor and consumer. It has its own header, so that only
/// files that use edges compile Boost.Graph's templates.
struct LayerDag : boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS,
                                        boost::no_property, DagEdge> {};

}  // namespace offcut
