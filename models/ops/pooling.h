#pragma once

#include <algorithm>
#include <array>

#include "models/ops/window.h"

namespace offcut::ops {

/// One pooling: a window slides over each plane (one per image and channel) of up to three spatial
/// axes. Axes that the input does not have come first, with one position.
struct Pooling {
  std::int64_t planes = 0;
  std::array<WindowAxis, 3> axes;  // Depth, rows, columns.
};

/// Reads and checks the attributes of a pooling, of any element type. Every window contains at
/// least one element of the input.
Pooling pooling_of(const Call& call);

/// The output type of a pooling of float32.
std::vector<TensorType> infer_pooling(const Call& call);

/// The output type of a pooling of whole planes: the spatial axes stay with extent 1.
std::vector<TensorType> infer_global_pooling(const Call& call);

/// The output type for any element type.
TensorType pooled_type(const Call& call);

/// Pools plane by plane. Reduction has a type Element, a type Value that holds an intermediate
/// result, a Value `kStart` to reduce into, `merge(Value, Value)` and `finish(Value, count)`. The
/// count is the number of elements in the window, including the padding that it covers if
/// `count_padding`.
///
/// The rows of a window are reduced first, over the whole width of the input, then the columns: the
/// order is always the same, and the long loop vectorises.
template <class Reduction>
class Pooler {
 public:
  using Value = typename Reduction::Value;
  using Element = typename Reduction::Element;

  Pooler(const Pooling& pooling, bool count_padding)
      : depth_(pooling.axes[0]),
        rows_(pooling.axes[1]),
        columns_(pooling.axes[2]),
        count_padding_(count_padding),
        row_(static_cast<std::size_t>(columns_.in)) {
    for (std::int64_t c = 0; c < columns_.out; ++c) {
      column_taps_.push_back(columns_.taps_inside(c));
    }
  }

  /// Reduces one plane from x to y; returns the end of the output.
  Element* pool(const Element* x, Element* y) {
    for (std::int64_t d = 0; d < depth_.out; ++d) {
      for (std::int64_t r = 0; r < rows_.out; ++r) {
        reduce_rows(x, d, r);
        y = reduce_columns(y, depth_.count(d, count_padding_) * rows_.count(r, count_padding_));
      }
    }
    return y;
  }

 private:
  void reduce_rows(const Element* x, std::int64_t d, std::int64_t r) {
    std::fill(row_.begin(), row_.end(), Reduction::kStart);
    const TapRange depth_taps = depth_.taps_inside(d);
    const TapRange row_taps = rows_.taps_inside(r);
    for (std::int64_t kd = depth_taps.first; kd < depth_taps.last; ++kd) {
      for (std::int64_t kr = row_taps.first; kr < row_taps.last; ++kr) {
        const std::int64_t line = depth_.position(d, kd) * rows_.in + rows_.position(r, kr);
        const Element* from = x + line * columns_.in;
        for (std::size_t i = 0; i < row_.size(); ++i) {
          row_[i] = Reduction::merge(row_[i], Value{from[i]});
        }
      }
    }
  }

  Element* reduce_columns(Element* y, double count) const {
    for (std::int64_t c = 0; c < columns_.out; ++c) {
      const TapRange taps = column_taps_[static_cast<std::size_t>(c)];
      const Value* from = row_.data() + columns_.position(c, taps.first);
      Value value = Reduction::kStart;
      for (std::int64_t k = taps.first; k < taps.last; ++k, from += columns_.dilation) {
        value = Reduction::merge(value, *from);
      }
      *y++ = Reduction::finish(value, count * columns_.count(c, count_padding_));
    }
    return y;
  }

  WindowAxis depth_, rows_, columns_;
  bool count_padding_;
  std::vector<TapRange> column_taps_;
  std::vector<Value> row_;  // One row of the input's width.
};

template <class Reduction>
Tensor pool(const Call& call, const Tensor& input, bool count_padding) {
  using Element = typename Reduction::Element;
  const Pooling pooling = pooling_of(call);
  Tensor output(pooled_type(call));
  const Element* x = input.values<Element>().data();
  Element* y = output.values<Element>().data();
  Pooler<Reduction> pooler(pooling, count_padding);
  for (std::int64_t plane = 0; plane < pooling.planes; ++plane) {
    y = pooler.pool(x, y);
    x += pooling.axes[0].in * pooling.axes[1].in * pooling.axes[2].in;
  }
  return output;
}

}  // namespace offcut::ops
