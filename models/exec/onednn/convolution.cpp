// Convolutions. oneDNN's own choice of kernel and layouts is timed against blocks of channels,
// including the cost of laying out the input. oneDNN has the Winograd algorithm (Lavin, Gray, "Fast
// algorithms for convolutional neural networks", CVPR 2016) for 3x3 with stride 1 but never chooses
// it by itself: it is requested by name, timed against the direct kernel, and kept if it is
// faster and its error is small.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include "models/base/cpu_time.h"
#include "models/base/random.h"
#include "models/exec/onednn/lowering.h"

namespace offcut::exec {
namespace {

using dnnl::memory;
using Description = dnnl::convolution_forward::primitive_desc;

constexpr auto kFloatConvolution = memory::data_type::f32;
constexpr auto kAnyConvolution = memory::format_tag::any;

/// The largest difference between Winograd and the direct convolution, relative to the largest
/// |output|: well below the 1e-5 that is allowed for a whole network.
constexpr double kLargestError = 4e-6;

struct Convolution {
  memory::desc x, w, bias, y;
  memory::desc plain_w;
  Window window;
  bool winograd_possible;
};

std::vector<ops::WindowAxis> axes_of(const Program& program, const Operation& operation) {
  const OperationCall frame(program, operation);
  const Shape& x = program.type(operation.inputs[0]).shape;
  const Shape& w = program.type(operation.inputs[1]).shape;
  return ops::window_axes(frame.call(), std::span(x).subspan(2), std::span(w).subspan(2));
}

Convolution convolution_of(const Program& program, const Operation& operation) {
  const Shape& x = program.type(operation.inputs[0]).shape;
  memory::dims w = onednn_dims(program.type(operation.inputs[1]).shape);
  const TensorType& y = program.graph().tensor(operation.outputs.front()).type;
  const std::int64_t groups = program.layer(operation).attributes.integer("group", 1);
  const std::int64_t filters = w.front();
  const auto all_equal = [](const memory::dims& dims, std::int64_t value) {
    return std::all_of(dims.begin(), dims.end(), [=](auto extent) { return extent == value; });
  };
  Window window(axes_of(program, operation));
  const bool winograd = groups == 1 && all_equal(window.kernel, 3) &&
                        all_equal(window.strides, 1) && all_equal(window.dilations, 0);
  if (groups > 1) {
    w.front() /= groups;
    w.insert(w.begin(), groups);
  }
  return {.x = {onednn_dims(x), kFloatConvolution, kAnyConvolution},
          .w = {w, kFloatConvolution, kAnyConvolution},
          .bias = {{filters}, kFloatConvolution, memory::format_tag::x},
          .y = {onednn_dims(y.shape), kFloatConvolution, kAnyConvolution},
          .plain_w = plain_layout(w),
          .window = std::move(window),
          .winograd_possible = winograd};
}

Description describe(const Convolution& c, dnnl::algorithm algorithm, memory::format_tag x_layout,
                     memory::format_tag y_layout, const dnnl::primitive_attr& attributes,
                     const dnnl::engine& engine) {
  const memory::desc x(c.x.dims(), kFloatConvolution, x_layout);
  const memory::desc y(c.y.dims(), kFloatConvolution, y_layout);
  const dnnl::convolution_forward::desc descriptor(
      dnnl::prop_kind::forward_inference, algorithm, x, c.w, c.bias, y, c.window.strides,
      c.window.dilations, c.window.pad_begin, c.window.pad_end);
  return {descriptor, attributes, engine};
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
    return least_seconds([this] { run(); }, clock_for(onednn_.threads));
  }

  /// Returns the output with a residual of zeros, row by row.
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
  /// Makes numbers from 0 to 1, as after an activation.
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

/// Returns the layout with channels in blocks of 16, or plain if there are too few to fill half a
/// block.
memory::format_tag blocks_for(const memory::desc& x) {
  return x.dims()[1] < 8 ? memory::format_tag::nchw : memory::format_tag::nChw16c;
}

bool is_winograd(const Description& description) {
  return std::string_view(description.impl_info_str()).find("wino") != std::string_view::npos;
}

bool is_reference(const Description& description) {
  return std::string_view(description.impl_info_str()).starts_with("ref");
}

/// A kernel, and whether the activation needs a step of its own.
struct Choice {
  Description description;
  bool activation_left = false;
};

/// Returns the kernels to choose from: the library's own choice first, then those that are
/// requested by name, if they exist for this shape and processor.
std::vector<Choice> candidates(const Convolution& c, const dnnl::primitive_attr& attributes,
                               const dnnl::primitive_attr& without_activation,
                               const PrepareOptions& options, Layouts layouts,
                               const dnnl::engine& engine) {
  using dnnl::algorithm;
  constexpr auto kBlocks = memory::format_tag::nChw16c;
  std::vector<Choice> found = {{describe(c, algorithm::convolution_direct, kAnyConvolution,
                                         kAnyConvolution, attributes, engine)}};
  const auto add = [&](algorithm kind, memory::format_tag x, bool with_activation = true) {
    try {
      const auto& after = with_activation ? attributes : without_activation;
      found.push_back({describe(c, kind, x, kBlocks, after, engine), !with_activation});
    } catch (const dnnl::error&) {
      return false;  // There is no such kernel.
    }
    return true;
  };
  if (options.time_layouts) {
    add(algorithm::convolution_direct, blocks_for(c.x));
  }
  if (c.winograd_possible && options.winograd != PrepareOptions::Winograd::never) {
    // These kernels support few activations.
    if (!add(algorithm::convolution_winograd, kBlocks)) {
      add(algorithm::convolution_winograd, kBlocks, false);
    }
  }
  // The library's reference kernels take seconds for a trial, and are never the fastest.
  const auto is_direct = [](const Choice& choice) {
    return !is_reference(choice.description) && !is_winograd(choice.description);
  };
  if (std::any_of(found.begin(), found.end(), is_direct)) {
    std::erase_if(found, [](const Choice& choice) { return is_reference(choice.description); });
  }
  if (layouts == Layouts::blocks && found.size() > 1 && !is_winograd(found[1].description)) {
    found.erase(found.begin());
  }
  return found;
}

/// Returns the CPU time of laying a tensor out anew, or 0 if the layouts are the same.
double reorder_seconds(const memory::desc& from, const memory::desc& to, OneDnn& onednn) {
  if (from == to) {
    return 0;
  }
  memory source(from, onednn.engine);
  memory target(to, onednn.engine);
  std::memset(source.get_data_handle(), 0, from.get_size());
  const dnnl::reorder reorder(source, target);
  return least_seconds(
      [&] {
        reorder.execute(onednn.stream, source, target);
        onednn.stream.wait();
      },
      clock_for(onednn.threads));
}

/// Returns the CPU time of an element-wise function in place.
double eltwise_seconds(const Eltwise& eltwise, const memory::desc& layout, OneDnn& onednn) {
  const dnnl::eltwise_forward::primitive_desc description(
      {dnnl::prop_kind::forward_inference, eltwise.algorithm, layout, eltwise.alpha, eltwise.beta},
      onednn.engine);
  memory values(layout, onednn.engine);
  std::memset(values.get_data_handle(), 0, layout.get_size());
  const dnnl::eltwise_forward primitive(description);
  return least_seconds(
      [&] {
        primitive.execute(onednn.stream, {{DNNL_ARG_SRC, values}, {DNNL_ARG_DST, values}});
        onednn.stream.wait();
      },
      clock_for(onednn.threads));
}

/// Returns a text of all that the time of a convolution depends on: the layer's window, its kernel,
/// the layouts (with all extents), and what is applied to the sums.
std::string trial_key(const Operation& operation, const Window& window,
                      const Description& description) {
  std::string key = fmt::format(
      "{} {} {} {} {} {} {}", description.impl_info_str(), fmt::join(window.strides, ","),
      fmt::join(window.dilations, ","), fmt::join(window.pad_begin, ","),
      fmt::join(window.pad_end, ","), operation.residual ? "residual" : "-",
      operation.activation ? static_cast<int>(operation.activation->kind) : -1);
  for (const memory::desc& layout :
       {description.src_desc(), description.weights_desc(), description.dst_desc()}) {
    const dnnl_blocking_desc_t& blocks = layout.data.format_desc.blocking;
    const auto inner = static_cast<std::size_t>(blocks.inner_nblks);
    key += fmt::format(" {}:{}:{}:{}", fmt::join(layout.dims(), ","),
                       fmt::join(std::span(blocks.strides, layout.dims().size()), ","),
                       fmt::join(std::span(blocks.inner_blks, inner), ","),
                       fmt::join(std::span(blocks.inner_idxs, inner), ","));
  }
  return key;
}

}  // namespace

struct OneDnnLowering::ConvolutionKernel {
  dnnl::convolution_forward::primitive_desc description;
  bool activation_left = false;  // It needs a step of its own.
  Constant weights;
};

double OneDnnLowering::trial_seconds(const Operation& operation, const ConvolutionKernel& choice,
                                     const Constant& bias) {
  const auto known = times_.try_emplace(
      trial_key(operation, Window(axes_of(program(), operation)), choice.description));
  if (known.second) {
    Trial trial(choice.description, choice.weights.memory, bias.memory, *onednn_);
    known.first->second = trial.seconds();
  }
  return known.first->second;
}

std::size_t OneDnnLowering::fastest(const Operation& operation,
                                    const std::vector<ConvolutionKernel>& choices,
                                    const Constant& bias) {
  if (choices.size() == 1) {
    return 0;
  }
  const auto seconds_around = [&](const ConvolutionKernel& choice) {
    const memory::desc& y = choice.description.dst_desc();
    double seconds = reorder_seconds(natural(operation.inputs[0].id).layout,
                                     choice.description.src_desc(), *onednn_);
    if (operation.residual) {
      seconds += reorder_seconds(natural(*operation.residual).layout, y, *onednn_);
    }
    if (choice.activation_left) {
      seconds += eltwise_seconds(eltwises_of(*operation.activation).front(), y, *onednn_);
    }
    return seconds;
  };
  std::size_t best = 0;
  double best_cost = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const bool winograd = is_winograd(choices[i].description);
    const bool always = options_.winograd == PrepareOptions::Winograd::always;
    const double cost = winograd && always ? 0
                                           : trial_seconds(operation, choices[i], bias) +
                                                 seconds_around(choices[i]);
    if (cost >= best_cost) {
      continue;
    }
    if (winograd) {
      Trial trial(choices[i].description, choices[i].weights.memory, bias.memory, *onednn_);
      Trial direct(choices[0].description, choices[0].weights.memory, bias.memory, *onednn_);
      std::vector<float> got = trial.output();
      if (choices[i].activation_left) {
        activate_fast(*operation.activation, got);
      }
      if (!close(direct.output(), got)) {
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
  if (type(operation.outputs.front()).shape.size() > 4 || !program().is_constant(inputs[1]) ||
      (has_bias && !program().is_constant(inputs[2]))) {
    return false;
  }
  const Convolution c = convolution_of(program(), operation);
  Operation without_activation = operation;
  without_activation.activation.reset();
  const std::vector<Choice> found =
      candidates(c, attributes(operation), attributes(without_activation), options_, layouts_,
                 onednn_->engine);
  if (is_reference(found.front().description)) {
    return false;  // A plain loop; Eigen is faster.
  }
  const Tensor values = program().constant(inputs[1]);
  const Tensor bias_values = has_bias
                                 ? program().constant(inputs[2])
                                 : Tensor(TensorType{DataType::float32, {c.bias.dims().front()}});
  const Constant bias = weights(bias_values, c.bias, c.bias);
  std::vector<ConvolutionKernel> choices;
  choices.reserve(found.size());
  for (const Choice& choice : found) {
    choices.push_back({choice.description, choice.activation_left,
                       weights(values, c.plain_w, choice.description.weights_desc())});
  }
  const ConvolutionKernel& chosen = choices[fastest(operation, choices, bias)];
  const TensorId result = operation.outputs.front();
  const Form x = in_layout(inputs[0].id, chosen.description.src_desc());
  const memory::desc layout = chosen.description.dst_desc();
  const Form y =
      operation.residual ? make_over(*operation.residual, result, layout, x) : make(result, layout);
  add_step(operation.name, chosen.description, dnnl::convolution_forward(chosen.description),
           {.reads = {{DNNL_ARG_SRC, x}},
            .writes = {{DNNL_ARG_DST, y}},
            .constants = {{DNNL_ARG_WEIGHTS, chosen.weights}, {DNNL_ARG_BIAS, bias}}});
  if (chosen.activation_left) {
    add_activation(operation.name, *operation.activation, y, y);
  }
  return true;
}

}  // namespace offcut::exec
