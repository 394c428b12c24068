#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads the keys `codec` and `cache` of a section `plan`:
///
///   codec: int8                        of all tensors that cross
///   codec: {pool1: int8, image: fp16}  of tensors, or of all that a layer makes
///   codec: [int8, int4]                that the algorithm chooses from, by their accuracy
///   cache: FOLDER                      for the measured accuracy; by default, that of the ONNX
///   file
///
/// A layer table can't have codecs.
CodecChoice read_codec_choice(MapReader& plan, ReadSoFar& so_far);

}  // namespace offcut::scenario
