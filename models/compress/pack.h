#pragma once

#include "models/compress/pass.h"
#include "models/ops/operator.h"

namespace offcut::compress {

/// Returns the graph for an ONNX file: parameters that passes have rounded, shared or pruned are
/// stored in few bits, and layers of standard operators restore them, bit for bit. Readers compute
/// these layers once, when they load the file: import_onnx() gives the same graph as before, whose
/// parameters have the same names.
///
/// A parameter of a layer that computes in integers (another input comes from a DequantizeLinear)
/// becomes int8 or int32 with a DequantizeLinear, as runtimes expect it. Any other one gets the
/// smallest of these forms:
///
/// - integers of 8 bits on its grid, with a DequantizeLinear, also for each channel (opset 13);
/// - codes of 8, 4, 2 or 1 bits, which choose from a codebook of its values (Gather) or are levels
///   of its grid;
/// - of a sparse parameter only the codes that are not 0, and the distances between them (CumSum,
///   ScatterElements), of 8 or of 4 bits each.
///
/// Parameters stay floats if no form is smaller, or in operator sets before 11.
Graph packed(const Network& network, const Registry<ops::Operator>& operators);

}  // namespace offcut::compress
