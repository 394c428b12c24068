// Chooses the convolutions that use Winograd's algorithm (Lavin, Gray, "Fast algorithms for
// convolutional neural networks", CVPR 2016). It has fewer products and larger weights, so each
// layer has a gain in time and a price in memory; layers are chosen by gain per byte until the
// budget is spent. The precision of a chosen layer is checked with its own weights.

#include "models/exec/onednn/winograd.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "models/base/random.h"

namespace offcut::exec {
namespace {

using dnnl::memory;

/// The largest error, relative to the largest |output|: well below the 1e-5 that is allowed for a
/// whole network.
constexpr double kLargestError = 3e-6;
constexpr int kCheckedResults = 512;
constexpr std::int64_t kWinogradBlock = 16;

struct WinogradCandidate {
  LayerId layer = 0;
  std::vector<TimedKernel> kernels;  // The direct ones, then Winograd's.
  double macs = 0;

  std::size_t weight_bytes(const TimedKernel& kernel) const {
    return kernel.description.weights_desc().get_size();
  }
  std::size_t more_bytes() const {
    const std::size_t own = weight_bytes(kernels.back());
    return own - std::min(own, weight_bytes(kernels.front()));
  }
  /// Returns the seconds that Winograd's algorithm saves, as far as times are known.
  double gain(const Trials& trials) const {
    double direct = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i + 1 < kernels.size(); ++i) {
      direct = std::min(direct, trials.time_of(kernels[i].key).value_or(direct));
    }
    const auto own = trials.time_of(kernels.back().key);
    return own && std::isfinite(direct) ? direct - *own : 0;
  }
};

std::vector<WinogradCandidate> winograd_candidates(const Program& program, bool with_blocks,
                                                   const dnnl::engine& engine) {
  std::vector<WinogradCandidate> found;
  for (std::size_t i = 0; i < program.size(); ++i) {
    const Operation& operation = program[i];
    if (program.merged_away(i) || !program.has_op(operation, "Conv") ||
        program.type(operation.inputs[0]).shape.size() != 4 ||
        program.type(operation.inputs[0]).type != DataType::float32 ||
        !program.is_constant(operation.inputs[1]) ||
        elements(program.graph().tensor(operation.outputs.front()).type.shape) == 0) {
      continue;
    }
    const Convolution convolution = convolution_of(program, operation);
    const FusedAttributes attributes = fused_attributes(operation);
    const auto winograd = winograd_kernel(convolution, attributes, engine);
    if (!winograd) {
      continue;
    }
    WinogradCandidate candidate{.layer = operation.layer,
                                .macs = program.layer(operation).work.macs};
    std::vector<ConvolutionKernel> kernels =
        direct_kernels(convolution, attributes, with_blocks, engine);
    kernels.push_back(*winograd);
    for (const ConvolutionKernel& kernel : kernels) {
      candidate.kernels.push_back(
          {key_of(operation, convolution.window, kernel.description), kernel.description});
    }
    if (kernels.size() > 1) {
      found.push_back(std::move(candidate));
    }
  }
  return found;
}

/// Returns the bytes of the tensors that a step needs at once, where they are most.
std::size_t largest_step(const Program& program) {
  std::size_t largest = 0;
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (program.merged_away(i)) {
      continue;
    }
    std::size_t bytes = 0;
    for (const Operand& input : program[i].inputs) {
      bytes += input.id == kAbsent || program.is_constant(input)
                   ? 0
                   : static_cast<std::size_t>(program.type(input).bytes());
    }
    for (const TensorId output : program[i].outputs) {
      bytes += static_cast<std::size_t>(program.graph().tensor(output).type.bytes());
    }
    largest = std::max(largest, bytes);
  }
  return largest;
}

std::size_t constant_bytes(const Program& program) {
  std::set<TensorId> counted;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < program.size(); ++i) {
    for (const Operand& input : program[i].inputs) {
      if (input.id != kAbsent && program.is_constant(input) && counted.insert(input.id).second) {
        bytes += static_cast<std::size_t>(program.type(input).bytes());
      }
    }
  }
  return bytes;
}

/// An element of a tensor in blocks of 16 channels.
std::size_t place_in_blocks(const memory::dims& dims, std::int64_t n, std::int64_t c,
                            std::int64_t row, std::int64_t column) {
  const std::int64_t blocks = (dims[1] + kWinogradBlock - 1) / kWinogradBlock;
  const std::int64_t place = ((n * blocks + c / kWinogradBlock) * dims[2] + row) * dims[3] + column;
  return static_cast<std::size_t>(place * kWinogradBlock + c % kWinogradBlock);
}

/// Makes numbers from 0 to 1, as after an activation, and zeros where there is no channel.
Tensor random_blocks(const memory::desc& layout) {
  Tensor values = filled_memory(layout.get_size());
  RandomStream random = random_stream(1, "convolution trial");
  for (float& value : values.values<float>()) {
    value = static_cast<float>(random() >> 40U) / static_cast<float>(1U << 24U);
  }
  const memory::dims dims = layout.dims();
  const std::int64_t all = (dims[1] + kWinogradBlock - 1) / kWinogradBlock * kWinogradBlock;
  for (std::int64_t c = dims[1]; c < all; ++c) {
    for (std::int64_t n = 0; n < dims[0]; ++n) {
      for (std::int64_t place = 0; place < dims[2] * dims[3]; ++place) {
        values.values<float>()[place_in_blocks(dims, n, c, place / dims[3], place % dims[3])] = 0;
      }
    }
  }
  return values;
}

/// Computes one result of a 3x3 convolution with stride 1.
struct DirectSum {
  const Convolution& convolution;
  std::span<const float> x, weights, bias;

  double operator()(std::int64_t n, std::int64_t filter, std::int64_t row,
                    std::int64_t column) const {
    const memory::dims dims = convolution.x.dims();
    double sum = bias[static_cast<std::size_t>(filter)];
    for (std::int64_t c = 0; c < dims[1]; ++c) {
      for (std::int64_t tap = 0; tap < 9; ++tap) {
        const std::int64_t from_row = row + tap / 3 - convolution.window.pad_begin[0];
        const std::int64_t from_column = column + tap % 3 - convolution.window.pad_begin[1];
        if (from_row >= 0 && from_row < dims[2] && from_column >= 0 && from_column < dims[3]) {
          sum += static_cast<double>(x[place_in_blocks(dims, n, c, from_row, from_column)]) *
                 weights[static_cast<std::size_t>((filter * dims[1] + c) * 9 + tap)];
        }
      }
    }
    return sum;
  }
};

}  // namespace

std::size_t winograd_budget(const Program& program) {
  constexpr std::size_t kFixed = 100'000'000;
  const std::size_t weights = constant_bytes(program);
  const std::size_t allowed = kFixed + weights / 10 * 7;  // Beside one copy of the weights.
  const std::size_t activations = largest_step(program);
  return std::max(weights / 8, allowed - std::min(allowed, activations));
}

std::set<LayerId> choose_winograd(const Program& program, const PrepareOptions& options,
                                  OneDnn& onednn, Trials& trials) {
  std::set<LayerId> chosen;
  if (!options.fast_kernels || options.winograd == PrepareOptions::Winograd::never) {
    return chosen;
  }
  std::vector<WinogradCandidate> all =
      winograd_candidates(program, options.time_layouts, onednn.engine);
  if (options.winograd == PrepareOptions::Winograd::always) {
    for (const WinogradCandidate& candidate : all) {
      chosen.insert(candidate.layer);
    }
    return chosen;
  }
  const std::size_t budget = winograd_budget(program);
  std::erase_if(all, [&](const auto& candidate) { return candidate.more_bytes() > budget; });
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.macs > b.macs; });
  std::multimap<double, const WinogradCandidate*, std::greater<>> by_gain;
  for (const WinogradCandidate& candidate : all) {
    time_kernels(candidate.kernels, onednn, trials);
    const double gain = candidate.gain(trials);
    if (gain > 0) {
      by_gain.emplace(gain / static_cast<double>(candidate.more_bytes() + 1), &candidate);
    }
  }
  std::size_t used = 0;
  for (const auto& [gain, candidate] : by_gain) {
    if (used + candidate->more_bytes() <= budget) {
      used += candidate->more_bytes();
      chosen.insert(candidate->layer);
    }
  }
  return chosen;
}

bool is_precise(const Convolution& convolution, const memory& laid_out, const Tensor& weights,
                const Tensor& bias, OneDnn& onednn) {
  // Without what is applied to the sums, which does not enlarge an error.
  const FusedAttributes nothing = fused_attributes({});
  const auto kernel = winograd_kernel(convolution, nothing, onednn.engine);
  if (!kernel || kernel->description.weights_desc() != laid_out.get_desc()) {
    return false;
  }
  const ConvolutionDescription& description = kernel->description;
  Tensor input = random_blocks(description.src_desc());
  Tensor output = filled_memory(description.dst_desc().get_size());
  Tensor scratch = filled_memory(description.scratchpad_desc().get_size());
  memory own_bias(description.bias_desc(), onednn.engine);
  std::copy(bias.values<float>().begin(), bias.values<float>().end(),
            static_cast<float*>(own_bias.get_data_handle()));
  const auto argument = [&](const memory::desc& layout, Tensor& storage) {
    return memory(layout, onednn.engine, storage.bytes().data());
  };
  dnnl::convolution_forward(description)
      .execute(onednn.stream,
               {{DNNL_ARG_SRC, argument(description.src_desc(), input)},
                {DNNL_ARG_WEIGHTS, laid_out},
                {DNNL_ARG_BIAS, own_bias},
                {DNNL_ARG_DST, argument(description.dst_desc(), output)},
                {DNNL_ARG_SCRATCHPAD, argument(description.scratchpad_desc(), scratch)}});
  onednn.stream.wait();
  const DirectSum sum{convolution, input.values<float>(), weights.values<float>(),
                      bias.values<float>()};
  const memory::dims dims = convolution.y.dims();
  RandomStream random = random_stream(1, "checked results");
  const auto draw = [&](std::int64_t below) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(below));
  };
  double largest = 0;
  double error = 0;
  for (int i = 0; i < kCheckedResults; ++i) {
    const std::int64_t n = draw(dims[0]);
    const std::int64_t filter = draw(dims[1]);
    const std::int64_t row = draw(dims[2]);
    const std::int64_t column = draw(dims[3]);
    const double expected = sum(n, filter, row, column);
    const double got = output.values<float>()[place_in_blocks(dims, n, filter, row, column)];
    largest = std::max(largest, std::abs(expected));
    error = std::max(error, std::abs(got - expected));
  }
  return error <= kLargestError * largest;
}

}  // namespace offcut::exec
