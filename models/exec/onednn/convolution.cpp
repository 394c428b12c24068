// Convolutions. oneDNN chooses the layouts; the Winograd algorithm (Lavin, Gray, "Fast algorithms
// for convolutional neural networks", CVPR 2016), which it has for 3x3 with stride 1 but never
// chooses by itself, is asked for by name, timed against the direct one and kept where it is faster
// and its error is small.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

#include "models/base/random.h"
#include "models/exec/onednn/lowering.h"

namespace offcut {
namespace {

using dnnl::memory;
using Description = dnnl::convolution_forward::primitive_desc;

constexpr auto kFloat = memory::data_type::f32;
constexpr auto kAny = memory::format_tag::any;

/// How far Winograd may be from the direct convolution, of the largest |output|: well below the
/// 1e-5 that a whole network may be off.
constexpr double kLargestError = 4e-6;

struct Convolution {
  memory::desc x, w, bias, y;
  memory::desc plain_w;
  Window window;
  bool winograd_possible;
};

std::vector<WindowAxis> axes_of(const Program& program, const Operation& operation) {
  const OperationCall frame(program, operation);
  const Shape& x = program.type(operation.inputs[0]).shape;
  const Shape& w = program.type(operation.inputs[1]).shape;
  return window_axes(frame.call(), std::span(x).subspan(2), std::span(w).subspan(2));
}

Convolution convolution_of(const Program& program, const Operation& operation) {
  const Shape& x = program.type(operation.inputs[0]).shape;
  memory::dims w = onednn_dims(program.type(operation.inputs[1]).shape);
  const TensorType& y = program.graph().tensor(operation.outputs.front()).type;
  const std::int64_t groups = program.layer(operation).attributes.integer("group", 1);
  const std::int64_t filters = w.front();
  const auto is = [](const memory::dims& dims, std::int64_t value) {
    return std::all_of(dims.begin(), dims.end(), [=](auto extent) { return extent == value; });
  };
  Window window(axes_of(program, operation));
  const bool winograd =
      groups == 1 && is(window.kernel, 3) && is(window.strides, 1) && is(window.dilations, 0);
  if (groups > 1) {
    w.front() /= groups;
    w.insert(w.begin(), groups);
  }
  return {.x = {onednn_dims(x), kFloat, kAny},
          .w = {w, kFloat, kAny},
          .bias = {{filters}, kFloat, memory::format_tag::x},
          .y = {onednn_dims(y.shape), kFloat, kAny},
          .plain_w = plain_layout(w),
          .window = std::move(window),
          .winograd_possible = winograd};
}

Description describe(const Convolution& c, dnnl::algorithm algorithm, memory::format_tag layout,
                     const dnnl::primitive_attr& attributes, const dnnl::engine& engine) {
  const memory::desc x(c.x.dims(), kFloat, layout);
  const memory::desc y(c.y.dims(), kFloat, layout);
  const dnnl::convolution_forward::desc how(dnnl::prop_kind::forward_inference, algorithm, x, c.w,
                                            c.bias, y, c.window.strides, c.window.dilations,
                                            c.window.pad_begin, c.window.pad_end);
  return {how, attributes, engine};
}

/// One choice of kernel, with everything to run it by itself.
class Trial {
 public:
  Trial(Description description, const memory& weights, const memory& bias, OneDnn& onednn)
      : description_(std::move(description)), onednn_(onednn), primitive_(description_) {
    arguments_ = {{DNNL_ARG_SRC, input()},
                  {DNNL_ARG_WEIGHTS, weights},
                  {DNNL_ARG_BIAS, bias},
                  {DNNL_ARG_DST, memory(description_.dst_desc(), onednn.engine)},
                  {DNNL_ARG_SCRATCHPAD, memory(description_.scratchpad_desc(), onednn.engine)}};
  }

  double seconds() {
    const double start = now();
    primitive_.execute(onednn_.stream, arguments_);
    onednn_.stream.wait();
    return now() - start;
  }

  /// What it makes of zeros as the residual, row by row.
  std::vector<float> output() {
    memory& y = arguments_.at(DNNL_ARG_DST);
    std::fill_n(static_cast<std::byte*>(y.get_data_handle()), y.get_desc().get_size(),
                std::byte{0});
    seconds();
    const memory::desc layout = plain_layout(y.get_desc().dims());
    std::vector<float> values(layout.get_size() / sizeof(float));
    memory plain(layout, onednn_.engine, values.data());
    dnnl::reorder(y, plain).execute(onednn_.stream, y, plain);
    onednn_.stream.wait();
    return values;
  }

  const Description& description() const { return description_; }

 private:
  /// CPU time of this thread alone is not disturbed by others; with several threads only the clock
  /// tells which is faster.
  double now() const {
    if (onednn_.threads == 1) {
      timespec time{};
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }
    const auto time = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(time).count();
  }

  /// Numbers from 0 to 1, as behind an activation.
  memory input() {
    const memory::desc layout = plain_layout(description_.src_desc().dims());
    std::vector<float> values(layout.get_size() / sizeof(float));
    RandomStream random = random_stream(1, "convolution trial");
    for (float& value : values) {
      value = static_cast<float>(random() >> 40U) / static_cast<float>(1U << 24U);
    }
    memory plain(layout, onednn_.engine, values.data());
    memory x(description_.src_desc(), onednn_.engine);
    dnnl::reorder(plain, x).execute(onednn_.stream, plain, x);
    onednn_.stream.wait();
    return x;
  }

  Description description_;
  OneDnn& onednn_;
  dnnl::primitive primitive_;
  std::unordered_map<int, memory> arguments_;
};

bool close(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 0;
  double error = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max<double>(largest, std::abs(a[i]));
    error = std::max<double>(error, std::abs(a[i] - b[i]));
  }
  return error <= kLargestError * largest;
}

/// The least of a few runs of each, in turn, so that both meet the same machine.
bool is_faster(Trial& trial, Trial& other) {
  constexpr int kRuns = 3;
  double best = trial.seconds();
  double best_other = other.seconds();
  for (int run = 1; run < kRuns; ++run) {
    best = std::min(best, trial.seconds());
    best_other = std::min(best_other, other.seconds());
  }
  return best < best_other;
}

}  // namespace

bool OneDnnLowering::lower_convolution(const Operation& operation) {
  const auto& inputs = operation.inputs;
  const bool has_bias = inputs.size() > 2 && program().type(inputs[2]) != TensorType{};
  if (!program().is_constant(inputs[1]) || (has_bias && !program().is_constant(inputs[2]))) {
    return false;
  }
  const Convolution c = convolution_of(program(), operation);
  const dnnl::primitive_attr attributes = this->attributes(operation);
  Description chosen =
      describe(c, dnnl::algorithm::convolution_direct, kAny, attributes, onednn_->engine);
  if (std::string_view(chosen.impl_info_str()).starts_with("ref")) {
    return false;  // a plain loop: Eigen is faster
  }
  const Tensor values = program().constant(inputs[1]);
  const Tensor bias_values = has_bias
                                 ? program().constant(inputs[2])
                                 : Tensor(TensorType{DataType::float32, {c.bias.dims().front()}});
  const memory bias = weights(bias_values, c.bias, c.bias);
  memory w = weights(values, c.plain_w, chosen.weights_desc());
  if (c.winograd_possible && options_.winograd != PrepareOptions::Winograd::never) {
    try {
      const Description winograd =
          describe(c, dnnl::algorithm::convolution_winograd, memory::format_tag::nChw16c,
                   attributes, onednn_->engine);
      const memory transformed = weights(values, c.plain_w, winograd.weights_desc());
      Trial trial(winograd, transformed, bias, *onednn_);
      Trial direct(chosen, w, bias, *onednn_);
      const bool wanted =
          options_.winograd == PrepareOptions::Winograd::always || is_faster(trial, direct);
      if (wanted && close(direct.output(), trial.output())) {
        chosen = winograd;
        w = transformed;
      }
    } catch (const dnnl::error&) {
      // This processor or this shape has no Winograd kernel.
    }
  }
  const Form x = in_layout(inputs[0].id, chosen.src_desc());
  const Form y = operation.residual ? make_over(*operation.residual, operation.outputs.front(),
                                                chosen.dst_desc(), x)
                                    : make(operation.outputs.front(), chosen.dst_desc());
  add_step(operation.name, chosen, dnnl::convolution_forward(chosen),
           {.reads = {{DNNL_ARG_SRC, x}},
            .writes = {{DNNL_ARG_DST, y}},
            .constants = {{DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_BIAS, bias}}});
  return true;
}

}  // namespace offcut
