#pragma once

#include <cstdint>
#include <functional>

#include "partition/problem.h"

namespace offcut::partition {

/// Gives most tensors two candidate codecs, and gives some choices of codecs at each cut in two
/// parts a loss. The number i determines the draws.
void add_random_codecs(Problem& problem, std::uint64_t i);

/// Returns number i of some random problems with such codecs, in which many tensors go out.
Problem random_codec_problem(std::uint64_t i);

/// Visits each cut in two parts with no tensor encoded, and with every choice of codecs whose loss
/// is known: the problem with these codings, the assignment, and the loss.
void each_coded_cut(const Problem& problem,
                    const std::function<void(const Problem&, const Assignment&, double)>& visit);

}  // namespace offcut::partition
