// BatchNormalization that no layer before it takes in. oneDNN has vectorised kernels for the blocks
// of channels that its other kernels prefer on the processor, but a tensor may lie in other blocks,
// such as a part of a concatenation. There, our own loop runs.

#include "models/ops/batch_norm.h"

#include <algorithm>
#include <array>
#include <limits>

#include "models/exec/onednn/lowering.h"
#include "models/ops/arguments.h"

namespace offcut::exec {

using dnnl::memory;

namespace {

constexpr float kNoLimit = std::numeric_limits<float>::infinity();

/// (x - mean) * factor + shift by channel, within limits. The channels fill whole blocks.
struct Normalization {
  std::vector<float> means, factors, shifts;
  float low = -kNoLimit;
  float high = kNoLimit;

  Normalization(const ops::ChannelAffine& affine, std::size_t padded_channels)
      : means(affine.means.begin(), affine.means.end()),
        factors(affine.factors.begin(), affine.factors.end()),
        shifts(affine.shifts.begin(), affine.shifts.end()) {
    means.resize(padded_channels);
    factors.resize(padded_channels);
    shifts.resize(padded_channels);
  }

  void set_limits(const Activation& activation) {
    low = activation.kind == Activation::Kind::clip ? activation.low : 0;
    high = activation.kind == Activation::Kind::clip ? activation.high : kNoLimit;
  }
};

bool is_limit(const Activation& activation) {
  return activation.kind == Activation::Kind::relu || activation.kind == Activation::Kind::clip;
}

/// Computes a block of channels in each of its places. NaN stays NaN.
template <std::size_t lanes>
void normalize_block(const Normalization& own, std::size_t channel, std::int64_t places,
                     const float* x, float* y) {
  const auto lanes_of = [&](const std::vector<float>& all) {
    std::array<float, lanes> part{};
    std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(channel), lanes, part.begin());
    return part;
  };
  const auto means = lanes_of(own.means);
  const auto factors = lanes_of(own.factors);
  const auto shifts = lanes_of(own.shifts);
  const float low = own.low;
  const float high = own.high;
  for (std::int64_t place = 0; place < places; ++place) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const float value = (x[lane] - means[lane]) * factors[lane] + shifts[lane];
      const float raised = value < low ? low : value;
      y[lane] = raised > high ? high : raised;
    }
    x += lanes;
    y += lanes;
  }
}

using BlockFunction = void (*)(const Normalization&, std::size_t, std::int64_t, const float*,
                               float*);

/// Returns the number of channels in a block of the layout, 1 if it is row-major, or 0 for others.
std::int64_t lanes_of_layout(const memory::desc& layout, const Shape& shape) {
  for (const std::int64_t lanes : {8, 16}) {
    if (layout == blocked_layout(shape, lanes)) {
      return lanes;
    }
  }
  return layout == plain_layout(shape) ? 1 : 0;
}

}  // namespace

bool OneDnnLowering::lower_batch_norm(const Operation& operation) {
  const auto& inputs = operation.inputs;
  const Shape& shape = type(operation.outputs.front()).shape;
  const bool constants = std::all_of(inputs.begin() + 1, inputs.end(), [&](const Operand& input) {
    return program().is_constant(input);
  });
  if (shape.size() < 4 || shape.size() > 5 || inputs.size() != 5 || !constants) {
    return false;
  }
  const bool relu = operation.activation && operation.activation->kind == Activation::Kind::relu;
  using dnnl::normalization_flags;
  normalization_flags flags = normalization_flags::use_global_stats |
                              normalization_flags::use_scale | normalization_flags::use_shift;
  if (relu) {
    flags |= normalization_flags::fuse_norm_relu;
  }
  const Form from = natural(inputs[0].id);
  const float epsilon = program().layer(operation).attributes.number("epsilon", 1e-5F);
  const dnnl::batch_normalization_forward::primitive_desc description(
      {dnnl::prop_kind::forward_inference, from.layout, epsilon, flags}, attributes_with({}),
      onednn_->engine);
  if (is_plain_loop(description)) {
    return lower_own_batch_norm(operation, from);
  }
  const memory::desc row({shape[1]}, memory::data_type::f32, memory::format_tag::x);
  const auto constant = [&](std::size_t input) {
    return weights(program().constant(inputs[input]), row, row);
  };
  Arguments arguments{.reads = {{DNNL_ARG_SRC, from}},
                      .constants = {{DNNL_ARG_SCALE, constant(1)},
                                    {DNNL_ARG_SHIFT, constant(2)},
                                    {DNNL_ARG_MEAN, constant(3)},
                                    {DNNL_ARG_VARIANCE, constant(4)}}};
  const Form to = make(operation.outputs.front(), from.layout);
  arguments.writes = {{DNNL_ARG_DST, to}};
  add_step(operation.name, description, dnnl::batch_normalization_forward(description),
           std::move(arguments));
  if (operation.activation && !relu) {
    add_activation(operation.name, *operation.activation, to, to);
  }
  return true;
}

bool OneDnnLowering::lower_own_batch_norm(const Operation& operation, const Form& from) {
  const Shape& shape = type(operation.outputs.front()).shape;
  const std::int64_t lanes = lanes_of_layout(from.layout, shape);
  if (lanes == 0) {
    return false;
  }
  const auto statistic = [&](std::size_t input) {
    return program().constant(operation.inputs[input]);
  };
  const double epsilon = program().layer(operation).attributes.number("epsilon", 1e-5F);
  const std::int64_t blocks = (shape[1] + lanes - 1) / lanes;
  Normalization own(
      ops::batch_norm_affine(statistic(1), statistic(2), statistic(3), statistic(4), epsilon),
      static_cast<std::size_t>(blocks * lanes));
  const auto& activation = operation.activation;
  if (activation && is_limit(*activation)) {
    own.set_limits(*activation);
  }
  count_weights(own.means.size() * 3 * sizeof(float));
  const BlockFunction compute = lanes == 1   ? normalize_block<1>
                                : lanes == 8 ? normalize_block<8>
                                             : normalize_block<16>;
  const Form to = make(operation.outputs.front(), from.layout);
  schedule().add_step(
      {.name = operation.name,
       .kernel = "batch norm",
       .reads = {from.buffer},
       .writes = {to.buffer},
       .run = [=, own = std::move(own), images = shape[0], x = from.buffer, y = to.buffer,
               threads = onednn_->threads,
               places = ops::extent_between(shape, 2, shape.size())](BufferTable& buffers) {
         const float* const all_x = buffers.floats(x);
         float* const all_y = buffers.floats(y);
         in_parts(threads, images * blocks,
                  [&](std::size_t, std::int64_t first, std::int64_t last) {
                    for (std::int64_t row = first; row < last; ++row) {
                      const std::int64_t start = row * places * lanes;
                      compute(own, static_cast<std::size_t>(row % blocks * lanes), places,
                              all_x + start, all_y + start);
                    }
                  });
       }});
  if (activation && !is_limit(*activation)) {
    add_activation(operation.name, *activation, to, to);
  }
  return true;
}

}  // namespace offcut::exec
