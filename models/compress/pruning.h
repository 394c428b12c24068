#pragma once

#include <vector>

#include "models/compress/pass.h"
#include "models/compress/targets.h"

namespace offcut::compress {

/// The score of each element of a target: those with the lowest scores are pruned first.
using Scores = std::vector<double>;

/// Sets the share `rate` of the elements of each target, or of all targets together, to 0: those
/// with the lowest scores, of equal ones the first. Elements that are 0 already count.
Network prune_share(const Network& network, const std::vector<Target>& targets,
                    const std::vector<Scores>& scores, double rate, bool global);

/// Sets the elements to 0 whose score is at most their target's threshold.
Network prune_below(const Network& network, const std::vector<Target>& targets,
                    const std::vector<Scores>& scores, const std::vector<double>& thresholds);

/// The parameters of passes that prune a share: `rate`, `scope`, `steps` and `layers`.
std::vector<ParameterSpec> share_parameters();

}  // namespace offcut::compress
