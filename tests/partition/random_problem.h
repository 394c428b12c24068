#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/random.h"
#include "partition/problem.h"

namespace offcut::partition {

/// What random_problem() may draw. Bounds are inclusive.
struct ProblemKind {
  std::size_t least_layers = 1, most_layers = 7;
  std::size_t least_tiers = 1, most_tiers = 4;
  /// One input, one output, and every layer on a way between: what most networks are. Otherwise
  /// anything that Problem allows: several inputs and outputs, layers of several tensors, tensors
  /// that nobody reads, layers that read nothing, parts that do not hang together.
  bool plain = false;
  /// Each layer reads the one before it, and nothing else.
  bool chain = false;
};

/// A random DAG with random costs. Half of them have small whole numbers for costs, so that ties
/// are frequent and sums are exact; the others have real ones over several orders of magnitude.
/// Zeros are frequent in both. Bytes are whole numbers.
Problem random_problem(RandomStream& random, const ProblemKind& kind = {});

/// Number i of the random problems of one test: the same everywhere, whatever the others are.
Problem random_problem(std::uint64_t seed, std::uint64_t i, const ProblemKind& kind = {});

/// Gives a problem powers, prices and one of the objectives: each term alone, or several.
void add_objective(RandomStream& random, Problem& problem);

/// Gives a problem some of the limits, about as tight as plans need them; often none keeps them
/// all.
void add_limits(RandomStream& random, Problem& problem);

/// Any monotone assignment, with the tail on the device.
Assignment random_assignment(RandomStream& random, const Problem& problem);

/// The problem in Graphviz's language, with all its costs: for a failing test to print.
std::string to_dot(const Problem& problem);

std::string to_text(const Assignment& tier_of);

}  // namespace offcut::partition
