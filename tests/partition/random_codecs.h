#pragma once

#include <cstdint>
#include <functional>

#include "partition/problem.h"

namespace offcut {

/// Number i of some random problems with two codecs for most tensors, and a loss for some ways to
/// use them at each cut in two.
Problem random_codec_problem(std::uint64_t i);

/// Visits each cut in two with nothing encoded, and with every way to encode what crosses whose
/// loss is known: the problem with these codings, the assignment, and the loss.
void each_coded_cut(const Problem& problem,
                    const std::function<void(const Problem&, const Assignment&, double)>& visit);

}  // namespace offcut
