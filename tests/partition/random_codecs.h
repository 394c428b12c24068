#pragma once

#include <cstdint>
#include <functional>

#include "partition/problem.h"

namespace offcut::partition {

/// Gives most tensors two candidate codecs, and some ways to use them at each cut in two a loss:
/// the same for the same number i.
void add_random_codecs(Problem& problem, std::uint64_t i);

/// Number i of some random problems with such codecs, in which much goes out.
Problem random_codec_problem(std::uint64_t i);

/// Visits each cut in two with nothing encoded, and with every way to encode what crosses whose
/// loss is known: the problem with these codings, the assignment, and the loss.
void each_coded_cut(const Problem& problem,
                    const std::function<void(const Problem&, const Assignment&, double)>& visit);

}  // namespace offcut::partition
