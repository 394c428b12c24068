#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/compress/calibration.h"
#include "models/compress/grid.h"
#include "models/graph/graph.h"
#include "models/ops/operator.h"

namespace offcut::compress {

/// How layers are turned into integers.
struct PrecisionOptions {
  int bits = 8;  // Of weights and of the tensors between layers, 2 to 8.
  /// Of the first and last layers' weights, of the input and of their results, if that is more.
  int edge_bits = 8;
  /// Weights of 8 bits lie between -64 and 64. Two products with uint8 then fit into 16 bits, as
  /// processors with AVX2 or AVX-512 but without VNNI sum them; else they use all of -127 to 127.
  bool reduced_weights = true;
  bool per_channel = true;          // A scale for each output channel of weights, or one for all.
  bool signed_activations = false;  // Tensors become int8 with zero point 0, else uint8.
  /// Tensors of integer layers reach float layers as integers, which these dequantise, and so cross
  /// a link with a byte per element; else as float32.
  bool integer_crossings = false;
};

/// A network of which some layers run in integers.
struct MixedPrecision {
  Graph graph;
  /// For each layer of `graph`, the layer of the original network in whose place it runs: that of
  /// an added QuantizeLinear or DequantizeLinear is the integer layer beside it, or, with
  /// integer_crossings, the float layer that dequantises.
  std::vector<LayerId> origin;
  std::map<std::string, Grid> grids;  // Of the weights and biases, by name: see Network::grids.
};

/// Returns the network in which those of the layers that can run in integers do so, as ONNX writes
/// it and as runtimes fuse it: DequantizeLinear, the layer, its Relu or Clip, QuantizeLinear (Jacob
/// et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
/// inference", CVPR 2018, section 2). These are Conv, Gemm and MatMul with constant weights, Add of
/// two results of such layers, and pooling, concatenation and changes of shape after them.
/// BatchNormalization after a Conv is folded; weights and biases are rounded to their grids. All
/// other layers compute in float32 as before.
///
/// Layers keep their names, except for folded ones, and so do the tensors that leave integer
/// layers, which are dequantised: T is made of T/integers. The graph can be run, trained (see
/// gradients/quantize_linear.cpp) and written (see packed()).
///
/// `ranges` are those of calibrate() for the same network. Throws std::invalid_argument for a
/// network of an operator set before 13, and if a tensor's range is missing.
MixedPrecision with_integers(const Graph& graph, const std::set<LayerId>& layers,
                             const Ranges& ranges, const PrecisionOptions& options,
                             const Registry<ops::Operator>& operators);

}  // namespace offcut::compress
