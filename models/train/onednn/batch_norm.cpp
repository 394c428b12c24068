// Batch normalisation in training on row-major tensors and on blocks of channels, the layouts of
// convolutions. Our own loops: oneDNN adds up a channel in float32, whose error grows with the
// batch (2e-5 of an activation for 12,544 elements). Sums are in float64, eight side by side, so
// that they vectorise. Running statistics have the unbiased variance, as the reference gradient's.

#include <array>
#include <cmath>

#include "models/train/onednn/memory.h"

namespace offcut::train {
namespace {

using dnnl::memory;

/// A tensor as rows of `plane` places with `lanes` channels each.
struct ChannelBlocks {
  std::int64_t batch, blocks, plane, lanes;

  std::int64_t row(std::int64_t n, std::int64_t block) const {
    return (n * blocks + block) * plane * lanes;
  }
  std::size_t padded_channels() const { return static_cast<std::size_t>(blocks * lanes); }
};

/// Returns the layout with that many channels in a block, or the row-major one for a single one.
memory::desc layout_of(const Shape& shape, std::int64_t lanes) {
  if (lanes == 1) {
    return exec::plain_layout(shape);
  }
  const memory::dims dims = exec::onednn_dims(shape);
  using Tag = memory::format_tag;
  const Tag tag = dims.size() == 5 ? (lanes == 8 ? Tag::nCdhw8c : Tag::nCdhw16c)
                                   : (lanes == 8 ? Tag::nChw8c : Tag::nChw16c);
  return {dims, memory::data_type::f32, tag};
}

std::int64_t lanes_of(const memory::desc& layout, const Shape& shape) {
  if (shape.size() > 2) {
    for (const std::int64_t lanes : {8, 16}) {
      if (layout == layout_of(shape, lanes)) {
        return lanes;
      }
    }
  }
  return 1;
}

constexpr std::size_t kMostLanes = 16;
using LaneSums = std::array<double, kMostLanes>;

/// Calls f(element, lane) for all elements of a row, in fixed lanes that vectorise.
template <int lanes, class F>
void for_each_in_lanes(std::int64_t count, F f) {
  const std::int64_t whole = count / lanes * lanes;
  for (std::int64_t i = 0; i < whole; i += lanes) {
    for (int lane = 0; lane < lanes; ++lane) {
      f(i + lane, lane);
    }
  }
  for (std::int64_t i = whole; i < count; ++i) {
    f(i, static_cast<int>(i - whole));
  }
}

/// Adds term(element of the row) to the sums of its block. A row of one channel is added up in
/// eight parts.
template <class F>
void add_row(const ChannelBlocks& c, F term, double* sums) {
  const std::int64_t count = c.plane * c.lanes;
  LaneSums parts{};
  const auto add = [&](std::int64_t i, int lane) {
    parts[static_cast<std::size_t>(lane)] += term(i);
  };
  if (c.lanes == 16) {
    for_each_in_lanes<16>(count, add);
  } else {
    for_each_in_lanes<8>(count, add);
  }
  if (c.lanes == 1) {
    for (const double part : parts) {
      *sums += part;
    }
  } else {
    for (std::int64_t lane = 0; lane < c.lanes; ++lane) {
      sums[lane] += parts[static_cast<std::size_t>(lane)];
    }
  }
}

/// The factors of y = x * a + b * z + c by channel, for one block, in the lanes of a row.
struct Affine {
  std::vector<float> a, b, c;
  explicit Affine(std::size_t channels) : a(channels), b(channels), c(channels) {}
};

class BatchNormKernel : public Kernel {
 public:
  explicit BatchNormKernel(const OneDnnSite& site)
      : site_(site),
        epsilon_(site.layer().attributes.number("epsilon", 1e-5F)),
        momentum_(site.layer().attributes.number("momentum", 0.9F)),
        channels_(static_cast<std::size_t>(site.in(1)[0])),
        count_(static_cast<double>(elements(site.in(0))) / static_cast<double>(channels_)) {}

  bool reads_input(std::size_t input) const override { return input == 0; }
  bool reads_outputs() const override { return false; }

  Passed forward(std::span<const Value> inputs, std::uint64_t) override {
    const Held own = site_.value(inputs[0], 0);
    const std::int64_t lanes = lanes_of(own.memory.get_desc(), site_.in(0));
    const Held x =
        memory_in(site_.library(), inputs[0], site_.in(0), layout_of(site_.in(0), lanes));
    const ChannelBlocks c = blocks(lanes);
    const float* const from = data(x);
    std::vector<double> mean(c.padded_channels());
    sum(c, mean, [&](std::int64_t row, std::size_t) {
      return [values = from + row](std::int64_t i) { return static_cast<double>(values[i]); };
    });
    for (double& value : mean) {
      value /= count_;
    }
    const std::vector<double> squares = centred_squares(c, from, mean);
    auto y = site_.make(site_.out(), layout_of(site_.in(0), lanes));
    Affine affine(c.padded_channels());
    const Tensor scale = inputs[1].tensor();
    const Tensor shift = inputs[2].tensor();
    std::vector<double> inverse(channels_);
    for (std::size_t k = 0; k < channels_; ++k) {
      inverse[k] = 1 / std::sqrt(squares[k] / count_ + epsilon_);
      const double factor = inverse[k] * static_cast<double>(scale.values<float>()[k]);
      affine.a[k] = static_cast<float>(factor);
      affine.c[k] =
          static_cast<float>(static_cast<double>(shift.values<float>()[k]) - mean[k] * factor);
    }
    apply(c, affine, from, nullptr, data(y->held()));
    mean.resize(channels_);
    return {
        {Value(std::move(y))},
        {Value(Tensor({static_cast<std::int64_t>(channels_)}, std::span<const double>(mean))),
         Value(Tensor({static_cast<std::int64_t>(channels_)}, std::span<const double>(inverse)))},
        {{3, mixed(inputs[3].tensor(), mean, 1)},
         {4, mixed(inputs[4].tensor(), squares, 1 / (count_ - 1))}}};
  }

  std::vector<Value> backward(const Returned& passed) override {
    const Held own = site_.value(passed.inputs[0], 0);
    const std::int64_t lanes = lanes_of(own.memory.get_desc(), site_.in(0));
    const memory::desc layout = layout_of(site_.in(0), lanes);
    const Held x = memory_in(site_.library(), passed.inputs[0], site_.in(0), layout);
    const Held dy = memory_in(site_.library(), passed.slopes[0], site_.out(), layout);
    const ChannelBlocks c = blocks(lanes);
    const float* const input = data(x);
    const float* const slope = data(dy);
    std::vector<double> sums(c.padded_channels());
    std::vector<double> products(c.padded_channels());
    sum(c, sums, [&](std::int64_t row, std::size_t) {
      return [values = slope + row](std::int64_t i) { return static_cast<double>(values[i]); };
    });
    sum(c, products, [&](std::int64_t row, std::size_t) {
      return [values = slope + row, with = input + row](std::int64_t i) {
        return static_cast<double>(values[i]) * static_cast<double>(with[i]);
      };
    });
    const Tensor saved_mean = passed.saved[0].tensor();
    const Tensor saved_inverse = passed.saved[1].tensor();
    const Tensor scale = passed.inputs[1].tensor();
    Tensor dscale(TensorType{DataType::float32, site_.in(1)});
    Tensor dshift(dscale.type());
    Affine affine(c.padded_channels());
    for (std::size_t k = 0; k < channels_; ++k) {
      const double mean = saved_mean.values<double>()[k];
      const double inverse = saved_inverse.values<double>()[k];
      const double product = (products[k] - mean * sums[k]) * inverse;
      const double factor = inverse * static_cast<double>(scale.values<float>()[k]);
      // The slope is (dy - sum / n - (x - mean) * inverse * product / n) * factor.
      const double part = inverse * product / count_;
      affine.b[k] = static_cast<float>(factor);
      affine.a[k] = static_cast<float>(-part * factor);
      affine.c[k] = static_cast<float>((mean * part - sums[k] / count_) * factor);
      dscale.values<float>()[k] = static_cast<float>(product);
      dshift.values<float>()[k] = static_cast<float>(sums[k]);
    }
    auto dx = site_.make(site_.in(0), layout);
    apply(c, affine, input, slope, data(dx->held()));
    std::vector<Value> all(passed.inputs.size());
    all[0] = Value(std::move(dx));
    all[1] = dscale;
    all[2] = dshift;
    return all;
  }

 private:
  static float* data(const Held& held) {
    return static_cast<float*>(held.memory.get_data_handle());
  }

  ChannelBlocks blocks(std::int64_t lanes) const {
    const std::int64_t batch = site_.in(0)[0];
    const auto channels = static_cast<std::int64_t>(channels_);
    return {batch, (channels + lanes - 1) / lanes, elements(site_.in(0)) / batch / channels, lanes};
  }

  /// Adds up terms(row, first channel)(element) over all rows, by channel.
  template <class F>
  static void sum(const ChannelBlocks& c, std::vector<double>& sums, F terms) {
    for (std::int64_t n = 0; n < c.batch; ++n) {
      for (std::int64_t block = 0; block < c.blocks; ++block) {
        const auto first = static_cast<std::size_t>(block * c.lanes);
        add_row(c, terms(c.row(n, block), first), sums.data() + first);
      }
    }
  }

  static std::vector<double> centred_squares(const ChannelBlocks& c, const float* x,
                                             const std::vector<double>& mean) {
    std::vector<double> squares(c.padded_channels());
    sum(c, squares, [&](std::int64_t row, std::size_t first) {
      return [values = x + row, centre = mean.data() + first, mask = c.lanes - 1](std::int64_t i) {
        const double distance = static_cast<double>(values[i]) - centre[i & mask];
        return distance * distance;
      };
    });
    return squares;
  }

  /// Computes y = x * a + z * b + c, without z if it is null.
  static void apply(const ChannelBlocks& c, const Affine& affine, const float* x, const float* z,
                    float* y) {
    const std::int64_t mask = c.lanes - 1;
    for (std::int64_t n = 0; n < c.batch; ++n) {
      for (std::int64_t block = 0; block < c.blocks; ++block) {
        const std::int64_t row = c.row(n, block);
        const float* const a = affine.a.data() + block * c.lanes;
        const float* const b = affine.b.data() + block * c.lanes;
        const float* const shift = affine.c.data() + block * c.lanes;
        const auto one = [&](std::int64_t i, int lane) {
          const std::int64_t k = lane & mask;
          y[row + i] = x[row + i] * a[k] + (z == nullptr ? 0 : z[row + i] * b[k]) + shift[k];
        };
        if (c.lanes == 16) {
          for_each_in_lanes<16>(c.plane * c.lanes, one);
        } else {
          for_each_in_lanes<8>(c.plane * c.lanes, one);
        }
      }
    }
  }

  /// Returns momentum * running + (1 - momentum) * factor * batch.
  Tensor mixed(const Tensor& running, const std::vector<double>& batch, double factor) const {
    Tensor result(running.type());
    for (std::size_t k = 0; k < channels_; ++k) {
      result.values<float>()[k] =
          static_cast<float>(momentum_ * static_cast<double>(running.values<float>()[k]) +
                             (1 - momentum_) * factor * batch[k]);
    }
    return result;
  }

  OneDnnSite site_;
  double epsilon_;
  double momentum_;
  std::size_t channels_;
  double count_;
};

}  // namespace

std::unique_ptr<Kernel> batch_norm_kernel(const OneDnnSite& site) {
  if (site.layer().op_name != "BatchNormalization" || site.in(0).size() < 2 ||
      site.in(0).size() > 5 || elements(site.in(0)) / site.in(0)[1] < 2) {
    return nullptr;  // The reference kernel has the error for a single value.
  }
  return std::make_unique<BatchNormKernel>(site);
}

}  // namespace offcut::train
