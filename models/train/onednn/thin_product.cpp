// Each input element is multiplied by a block of slopes at once. The sums of some taps of a row
// stay in registers for a whole image. A copy of the image with its padding spares the borders a
// case of their own.

#include "models/train/onednn/thin_product.h"

#include <algorithm>
#include <array>

#include "models/train/onednn/lanes.h"

namespace offcut::train {
namespace {

constexpr std::int64_t kFewChannels = 4;
constexpr std::int64_t kMostTaps = 5;  // With two blocks: ten sums of sixteen registers.

/// The pixels of an image that a row of taps reads.
struct TapRow {
  const float* x;  // Padded, from the element that the first tap reads at the first place.
  std::int64_t row_step, column_step, tap_step;
  std::int64_t rows, columns;  // Places.
};

/// Adds the products of `taps` elements and each place's slopes, in `blocks` blocks, to the sums.
template <std::size_t taps, std::size_t blocks>
void add_taps(const TapRow& row, std::array<const float*, blocks> dy,
              std::array<float*, blocks> sums) {
  std::array<std::array<Lanes, taps>, blocks> own{};
  for (std::int64_t r = 0; r < row.rows; ++r) {
    const float* x = row.x + r * row.row_step;
    for (std::int64_t c = 0; c < row.columns; ++c, x += row.column_step) {
      std::array<Lanes, blocks> slopes;
      for (std::size_t b = 0; b < blocks; ++b) {
        slopes[b] = load_lanes(dy[b]);
        dy[b] += kLanes;
      }
      for (std::size_t t = 0; t < taps; ++t) {
        const float factor = x[static_cast<std::int64_t>(t) * row.tap_step];
        for (std::size_t b = 0; b < blocks; ++b) {
          own[b][t] += factor * slopes[b];
        }
      }
    }
  }
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t t = 0; t < taps; ++t) {
      float* const to = sums[b] + static_cast<std::int64_t>(t) * kLanes;
      store_lanes(load_lanes(to) + own[b][t], to);
    }
  }
}

template <std::size_t blocks>
void add_row(std::int64_t taps, const TapRow& row, const std::array<const float*, blocks>& dy,
             const std::array<float*, blocks>& sums) {
  static_assert(kMostTaps == 5);
  switch (taps) {
    case 1:
      return add_taps<1>(row, dy, sums);
    case 2:
      return add_taps<2>(row, dy, sums);
    case 3:
      return add_taps<3>(row, dy, sums);
    case 4:
      return add_taps<4>(row, dy, sums);
    default:
      return add_taps<5>(row, dy, sums);
  }
}

}  // namespace

bool ThinProduct::suits(const ops::Convolution& g) {
  return g.groups == 1 && g.in_channels <= kFewChannels && g.out_channels % kLanes == 0 &&
         g.axes[0].in == 1 && g.axes[0].out == 1 && g.axes[0].kernel == 1;
}

ThinProduct::ThinProduct(const ops::Convolution& g) : g_(g) {
  const auto padded = [](const ops::WindowAxis& axis) {
    return std::max((axis.out - 1) * axis.stride + axis.extent(), axis.pad_begin + axis.in);
  };
  rows_ = padded(g.axes[1]);
  columns_ = padded(g.axes[2]);
  padded_.resize(static_cast<std::size_t>(g.in_channels * rows_ * columns_));
  sums_.resize(static_cast<std::size_t>(g.out_channels * g.in_channels * g.taps()));
  bias_.resize(static_cast<std::size_t>(g.out_channels));
}

void ThinProduct::pad(const float* x) {
  const auto& [depth, rows, columns] = g_.axes;
  for (std::int64_t c = 0; c < g_.in_channels; ++c) {
    for (std::int64_t r = 0; r < rows.in; ++r, x += columns.in) {
      std::copy_n(x, columns.in,
                  padded_.data() + (c * rows_ + rows.pad_begin + r) * columns_ + columns.pad_begin);
    }
  }
}

void ThinProduct::gradients(const float* x, const float* dy, float* dw, float* db) {
  const std::int64_t blocks = g_.out_channels / kLanes;
  const std::int64_t block = kLanes * g_.out_plane();
  std::fill(sums_.begin(), sums_.end(), 0.0F);
  std::fill(bias_.begin(), bias_.end(), 0.0);
  for (std::int64_t n = 0; n < g_.batch; ++n) {
    pad(x + n * g_.in_channels * g_.in_plane());
    for (std::int64_t b = 0; b < blocks; ++b) {
      add_bias(b, dy + (n * blocks + b) * block);
    }
    for (std::int64_t b = 0; b < blocks; b += 2) {
      add_image(b, std::min<std::int64_t>(2, blocks - b), dy + (n * blocks + b) * block);
    }
  }
  const std::int64_t taps = g_.in_channels * g_.taps();
  for (std::int64_t c = 0; c < g_.out_channels; ++c) {
    const float* const from = sums_.data() + (c / kLanes) * taps * kLanes + c % kLanes;
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      *dw++ = from[tap * kLanes];
    }
  }
  if (db != nullptr) {
    std::transform(bias_.begin(), bias_.end(), db,
                   [](double sum) { return static_cast<float>(sum); });
  }
}

void ThinProduct::add_bias(std::int64_t block, const float* dy) {
  Lanes sum{};
  for (std::int64_t i = 0; i < g_.out_plane(); ++i) {
    sum += load_lanes(dy + i * kLanes);
  }
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    bias_[static_cast<std::size_t>(block * kLanes + lane)] += static_cast<double>(sum[lane]);
  }
}

/// Adds the products of the padded image and one or two blocks of its slopes.
void ThinProduct::add_image(std::int64_t block, std::int64_t blocks, const float* dy) {
  const auto& [depth, rows, columns] = g_.axes;
  const std::int64_t of_block = g_.in_channels * g_.taps() * kLanes;
  float* sums = sums_.data() + block * of_block;
  for (std::int64_t line = 0; line < g_.in_channels * rows.kernel; ++line) {
    const std::int64_t first_row = line / rows.kernel * rows_ + line % rows.kernel * rows.dilation;
    for (std::int64_t kc = 0; kc < columns.kernel; kc += kMostTaps) {
      const std::int64_t taps = std::min(kMostTaps, columns.kernel - kc);
      const TapRow row = {.x = padded_.data() + first_row * columns_ + kc * columns.dilation,
                          .row_step = rows.stride * columns_,
                          .column_step = columns.stride,
                          .tap_step = columns.dilation,
                          .rows = rows.out,
                          .columns = columns.out};
      if (blocks == 1) {
        add_row<1>(taps, row, {dy}, {sums});
      } else {
        add_row<2>(taps, row, {dy, dy + kLanes * g_.out_plane()}, {sums, sums + of_block});
      }
      sums += taps * kLanes;
    }
  }
}

}  // namespace offcut::train
