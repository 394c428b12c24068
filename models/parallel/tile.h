#pragma once

#include "models/ops/operator.h"
#include "models/ops/window.h"

namespace offcut::parallel {

/// Rows [top, bottom) and columns [left, right) of the images of an N x C x H x W tensor.
struct Region {
  std::int64_t top = 0;
  std::int64_t left = 0;
  std::int64_t bottom = 0;
  std::int64_t right = 0;

  std::int64_t rows() const { return bottom - top; }
  std::int64_t columns() const { return right - left; }
  std::int64_t area() const { return rows() * columns(); }
  bool operator==(const Region&) const = default;
};

/// A layer whose output pixels each depend on a window of its input.
struct TiledLayer {
  LayerId layer;
  ops::WindowAxis rows;
  ops::WindowAxis columns;
};

/// A chain of layers, each the only reader of the previous one's output: a fused stack, which can
/// be computed tile by tile (Zhao, Barijough, Gerstlauer, "DeepThings: distributed adaptive deep
/// learning inference on resource-constrained IoT edge clusters", IEEE TCAD 37(11), 2018: fused
/// tile partitioning).
struct TileStack {
  TensorId input;
  std::vector<TiledLayer> layers;
};

/// Returns the stack from layer `first` to layer `last`: convolutions and poolings over two axes,
/// and pixel-wise operators. Throws std::invalid_argument with the layer's name if a layer is of
/// another kind, if the layers are not a chain, or if another layer reads an output within it.
TileStack tile_stack(const Graph& graph, LayerId first, LayerId last);

/// Returns the longest stack that begins with layer `first`; it is empty if that layer can't be
/// tiled.
TileStack longest_tile_stack(const Graph& graph, LayerId first);

/// Splits the last layer's output into rows x columns tiles of nearly equal size, row by row.
/// REQUIRES: 0 < rows <= its height, 0 < columns <= its width.
std::vector<Region> tile_grid(const TileStack& stack, std::int64_t rows, std::int64_t columns);

/// Returns the region of each tensor that a tile needs: [0] of the stack's input, [i + 1] of layer
/// i's output, the last one being `output` itself. From the last layer back, a range [lo, hi) needs
/// [lo * stride - pad, (hi - 1) * stride - pad + extent), clipped at the border (DeepThings).
/// Throws std::invalid_argument if all windows of a tile lie in the padding.
std::vector<Region> needed_regions(const TileStack& stack, const Region& output);

/// Returns the tile as a new graph, for either engine. Its input is the region of the stack's
/// input, and layers are padded only where the tile touches the border. Weights are shared, not
/// copied. REQUIRES: `regions` are needed_regions() of the stack.
Graph tile_graph(const Graph& graph, const TileStack& stack, const std::vector<Region>& regions,
                 const Registry<ops::Operator>& operators);

/// The cost of a tile. Memory holds the input and output of one layer at a time (pixel-wise layers
/// work in place) and the stack's weights.
struct TileWork {
  double macs = 0;
  double input_bytes = 0;  // Bytes that would cross a cut.
  double output_bytes = 0;
  double activation_memory = 0;  // Bytes, the maximum over the layers.
  double weight_bytes = 0;
};

TileWork tile_work(const Graph& graph, const TileStack& stack, const std::vector<Region>& regions);

/// Returns the pixels of a region.
Tensor cropped(const Tensor& image, const Region& region);
/// Joins the tiles of a grid with `columns` columns, in the order of tile_grid().
Tensor stitched(std::span<const Tensor> tiles, std::size_t columns);

}  // namespace offcut::parallel
