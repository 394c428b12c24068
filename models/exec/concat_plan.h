#pragma once

#include <map>

#include "models/exec/program.h"

namespace offcut::exec {

/// The place where a tensor should be made so that a concatenation over the channels need not copy
/// it.
struct Placement {
  TensorId whole = 0;        // The concatenation that owns the memory; its own id for that one.
  std::int64_t channel = 0;  // The channel of `whole` at which the tensor begins.
  bool in_blocks = false;    // Channels lie in blocks of 16; otherwise the tensor is plain.
};

/// Chooses places for the parts and results of all concatenations over the channels of one image. A
/// tensor that several of them read lies in the last one's memory. A concatenation whose parts lie
/// side by side in the memory of a later one needs no memory of its own, so DenseNet's blocks
/// (Huang et al., CVPR 2017) take one buffer each (Pleiss et al., "Memory-efficient implementation
/// of DenseNets", arXiv 1707.06990).
std::map<TensorId, Placement> place_concats(const Program& program);

}  // namespace offcut::exec
