// Convolutions. oneDNN's own choice of kernel and layouts is timed against blocks of channels, with
// what it costs to lay the input out; the Winograd algorithm (Lavin, Gray, "Fast algorithms for
// convolutional neural networks", CVPR 2016), which it has for 3x3 with stride 1 but never chooses
// by itself, is asked for by name, timed against the direct one and kept where it is faster and its
// error is small.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>

#include "models/base/cpu_time.h"
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

Description describe(const Convolution& c, dnnl::algorithm algorithm, memory::format_tag x_layout,
                     memory::format_tag y_layout, const dnnl::primitive_attr& attributes,
                     const dnnl::engine& engine) {
  const memory::desc x(c.x.dims(), kFloat, x_layout);
  const memory::desc y(c.y.dims(), kFloat, y_layout);
  const dnnl::convolution_forward::desc how(dnnl::prop_kind::forward_inference, algorithm, x, c.w,
                                            c.bias, y, c.window.strides, c.window.dilations,
                                            c.window.pad_begin, c.window.pad_end);
  return {how, attributes, engine};
}

/// CPU time of this thread alone is not disturbed by others; with several threads only the clock
/// tells which is faster.
double now(const OneDnn& onednn) {
  if (onednn.threads == 1) {
    return thread_seconds();
  }
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(time).count();
}

template <class F>
double least_of_runs(F run, const OneDnn& onednn) {
  constexpr int kRuns = 4;  // the first warms up
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kRuns; ++i) {
    const double start = now(onednn);
    run();
    least = std::min(least, now(onednn) - start);
  }
  return least;
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

  void run() {
    primitive_.execute(onednn_.stream, arguments_);
    onednn_.stream.wait();
  }

  double seconds() {
    return least_of_runs([this] { run(); }, onednn_);
  }

  /// What it makes of zeros as the residual, row by row.
  std::vector<float> output() {
    memory& y = arguments_.at(DNNL_ARG_DST);
    std::fill_n(static_cast<std::byte*>(y.get_data_handle()), y.get_desc().get_size(),
                std::byte{0});
    run();
    const memory::desc layout = plain_layout(y.get_desc().dims());
    std::vector<float> values(layout.get_size() / sizeof(float));
    memory plain(layout, onednn_.engine, values.data());
    dnnl::reorder(y, plain).execute(onednn_.stream, y, plain);
    onednn_.stream.wait();
    return values;
  }

 private:
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

/// The layout with channels in blocks of 16; plain where there are too few to fill half a block.
memory::format_tag blocks_for(const memory::desc& x) {
  return x.dims()[1] < 8 ? memory::format_tag::nchw : memory::format_tag::nChw16c;
}

/// The kernels to choose from: the library's own choice first, then those that are asked for by
/// name, as far as there are any for this shape and processor.
std::vector<Description> candidates(const Convolution& c, const dnnl::primitive_attr& attributes,
                                    const PrepareOptions& options, const dnnl::engine& engine) {
  using dnnl::algorithm;
  constexpr auto kBlocks = memory::format_tag::nChw16c;
  std::vector<Description> found = {
      describe(c, algorithm::convolution_direct, kAny, kAny, attributes, engine)};
  const auto add = [&](algorithm how, memory::format_tag x) {
    try {
      found.push_back(describe(c, how, x, kBlocks, attributes, engine));
    } catch (const dnnl::error&) {
      // There is no such kernel.
    }
  };
  if (options.time_layouts) {
    add(algorithm::convolution_direct, blocks_for(c.x));
  }
  if (c.winograd_possible && options.winograd != PrepareOptions::Winograd::never) {
    add(algorithm::convolution_winograd, kBlocks);
  }
  return found;
}

bool is_winograd(const Description& description) {
  return std::string_view(description.impl_info_str()).find("wino") != std::string_view::npos;
}

/// The CPU time of laying a tensor out anew; 0 where it lies right.
double reorder_seconds(const memory::desc& from, const memory::desc& to, OneDnn& onednn) {
  if (from == to) {
    return 0;
  }
  memory source(from, onednn.engine);
  memory target(to, onednn.engine);
  std::memset(source.get_data_handle(), 0, from.get_size());
  const dnnl::reorder reorder(source, target);
  return least_of_runs(
      [&] {
        reorder.execute(onednn.stream, source, target);
        onednn.stream.wait();
      },
      onednn);
}

}  // namespace

std::size_t OneDnnLowering::fastest(
    const Operation& operation,
    const std::vector<dnnl::convolution_forward::primitive_desc>& choices,
    const std::vector<Constant>& weights, const Constant& bias) {
  if (choices.size() == 1) {
    return 0;
  }
  const auto cost_of_layouts = [&](const Description& choice) {
    const double input =
        reorder_seconds(natural(operation.inputs[0].id).layout, choice.src_desc(), *onednn_);
    return !operation.residual ? input
                               : input + reorder_seconds(natural(*operation.residual).layout,
                                                         choice.dst_desc(), *onednn_);
  };
  std::size_t best = 0;
  double best_cost = std::numeric_limits<double>::infinity();
  std::vector<float> expected;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    Trial trial(choices[i], weights[i].memory, bias.memory, *onednn_);
    const bool always = options_.winograd == PrepareOptions::Winograd::always;
    const double cost =
        is_winograd(choices[i]) && always ? 0 : trial.seconds() + cost_of_layouts(choices[i]);
    if (cost >= best_cost) {
      continue;
    }
    if (is_winograd(choices[i])) {
      expected = Trial(choices[0], weights[0].memory, bias.memory, *onednn_).output();
      if (!close(expected, trial.output())) {
        continue;
      }
    }
    best = i;
    best_cost = cost;
  }
  return best;
}

bool OneDnnLowering::lower_convolution(const Operation& operation) {
  const auto& inputs = operation.inputs;
  const bool has_bias = inputs.size() > 2 && program().type(inputs[2]) != TensorType{};
  if (!program().is_constant(inputs[1]) || (has_bias && !program().is_constant(inputs[2]))) {
    return false;
  }
  const Convolution c = convolution_of(program(), operation);
  const std::vector<Description> choices =
      candidates(c, attributes(operation), options_, onednn_->engine);
  if (std::string_view(choices.front().impl_info_str()).starts_with("ref")) {
    return false;  // a plain loop: Eigen is faster
  }
  const Tensor values = program().constant(inputs[1]);
  const Tensor bias_values = has_bias
                                 ? program().constant(inputs[2])
                                 : Tensor(TensorType{DataType::float32, {c.bias.dims().front()}});
  const Constant bias = weights(bias_values, c.bias, c.bias);
  std::vector<Constant> laid_out;
  for (const Description& choice : choices) {
    laid_out.push_back(weights(values, c.plain_w, choice.weights_desc()));
  }
  const std::size_t best = fastest(operation, choices, laid_out, bias);
  const Description& chosen = choices[best];
  const Form x = in_layout(inputs[0].id, chosen.src_desc());
  const Form y = operation.residual ? make_over(*operation.residual, operation.outputs.front(),
                                                chosen.dst_desc(), x)
                                    : make(operation.outputs.front(), chosen.dst_desc());
  add_step(operation.name, chosen, dnnl::convolution_forward(chosen),
           {.reads = {{DNNL_ARG_SRC, x}},
            .writes = {{DNNL_ARG_DST, y}},
            .constants = {{DNNL_ARG_WEIGHTS, laid_out[best]}, {DNNL_ARG_BIAS, bias}}});
  return true;
}

}  // namespace offcut
