#pragma once

#include "models/ops/arguments.h"

namespace offcut::ops {

/// Returns the attribute `blocksize` of DepthToSpace and SpaceToDepth.
/// REQUIRES: input 0 is an image (rank 4), and its extents along `axes` are multiples of
/// blocksize^power.
std::int64_t block_size(const Call& call, std::initializer_list<std::size_t> axes, int power);

}  // namespace offcut::ops
