#pragma once

#include <map>

#include "models/exec/program.h"

namespace offcut::exec {

/// Where a tensor should be made so that a concatenation over the channels need not copy it.
struct Placement {
  TensorId whole = 0;  // the concatenation in whose memory the tensor lies; itself for that one
  std::int64_t channel = 0;  // of `whole`, where the tensor begins
  bool in_blocks = false;    // of 16 channels each; else row by row
};

/// Places for the parts and results of all concatenations over the channels of one image. What
/// several of them read lies in the last, and one whose parts lie side by side in a later one's
/// memory takes none of its own: DenseNet's blocks (Huang et al., CVPR 2017) take one buffer each
/// (Pleiss et al., "Memory-efficient implementation of DenseNets", arXiv 1707.06990).
std::map<TensorId, Placement> place_concats(const Program& program);

}  // namespace offcut::exec
