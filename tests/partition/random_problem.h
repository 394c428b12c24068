#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/random.h"
#include "partition/problem.h"

namespace offcut::partition {

/// The problems that random_problem() may draw. Bounds are inclusive.
struct ProblemKind {
  std::size_t least_layers = 1, most_layers = 7;
  std::size_t least_tiers = 1, most_tiers = 4;
  /// One input, one output, and every layer on a path between them, as in most networks. Otherwise,
  /// all forms that Problem allows: several inputs and outputs, layers with several outputs,
  /// tensors without readers, layers without inputs, parts that are not connected.
  bool plain = false;
  /// Each layer reads only the previous one's output.
  bool chain = false;
};

/// Returns a random DAG with random costs. Half of the problems have small whole numbers for costs,
/// so that ties are frequent and sums are exact; the others have real numbers over several orders
/// of magnitude. Zeros are frequent in both. Bytes are whole numbers.
Problem random_problem(RandomStream& random, const ProblemKind& kind = {});

/// Returns number i of the random problems of one test, which does not depend on the others.
Problem random_problem(std::uint64_t seed, std::uint64_t i, const ProblemKind& kind = {});

/// Gives a problem powers, prices and an objective of one term or of several.
void add_objective(RandomStream& random, Problem& problem);

/// Gives a problem some of the limits, about as tight as plans need them; often no plan keeps them
/// all.
void add_limits(RandomStream& random, Problem& problem);

/// Gives hops shares of payload, times per message and TCP, and tiers times per request. Windows
/// are small beside the messages, so that many stall.
void add_transport(RandomStream& random, Problem& problem);

/// Gives most tensors a coding, with bytes and times that are multiples of an eighth, so that whole
/// numbers stay exact. Some codings make a tensor larger.
void add_codings(RandomStream& random, Problem& problem);

/// Gives a problem everything that the functions above can: codings, a transport, an objective and
/// limits, each in most cases. One made tensor in three is an output, too, and the device is up to
/// four times as slow, so that the best plans are mostly cuts.
void add_everything(RandomStream& random, Problem& problem);

/// Lets some tiers forward packets, and adds direct hops, with radios of their own if they leave
/// the device. REQUIRES: powers and limits are there already, as far as they will be.
void add_routes(RandomStream& random, Problem& problem);

/// Gives each tier one to three engines, and one of them at least two.
void add_engines(RandomStream& random, Problem& problem);

/// Returns a random monotone assignment with the tail on the device.
Assignment random_assignment(RandomStream& random, const Problem& problem);

/// Returns the problem in Graphviz's language, with all its costs, for a failing test to print.
std::string to_dot(const Problem& problem);

std::string to_text(const Assignment& tier_of);

}  // namespace offcut::partition
