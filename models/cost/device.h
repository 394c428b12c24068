#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::cost {

/// The shares of a device's peaks that layers reach, software included. They may exceed 1 if the
/// software does less than the layer's nominal work: Winograd convolutions, half precision.
struct Efficiency {
  double convolution = 1;
  double convolution_3x3 = 1;  // Stride 1 only: Winograd's algorithm computes these.
  double depthwise_convolution = 1;
  double dense = 1;
  double memory = 1;                   // The share of the memory bandwidth, for all layers.
  std::optional<double> pooling = {};  // The same for pooling; none: as `memory`.
  std::optional<double> grouped_convolution = {};  // With some groups; none: as without groups.
  std::optional<double> other_convolution = {};    // Neither 1x1 nor 3x3, or strided; none: as 1x1.
  /// Of the memory bandwidth, for local response normalizations, which compute a power per element;
  /// none: as `memory`.
  std::optional<double> local_normalization = {};
  /// Products with an odd number of columns, which no wide memory access fits in half precision;
  /// none: as other products.
  std::optional<double> odd_dense = {};
  /// Of the memory bandwidth, for kernels that reduce: batch and layer normalization, softmax, and
  /// pooling over whole channels; none: as `memory`, or as `pooling`.
  std::optional<double> normalization = {};
};

/// The time of each of the K terms whose sum is one output element. They are added one after the
/// other, however many other elements there are and however idle the device is.
struct Step {
  Seconds convolution;
  Seconds dense;
  /// Products of few rows split each sum among idle cores: with R rows, R / (R + split_rows) of the
  /// terms are left to be added one after the other. 0: sums are not split.
  double split_rows = 0;
};

/// Kernels whose overhead differs from that of the others; none: it does not.
struct OwnOverheads {
  std::optional<Seconds> normalization;  // Batch normalization, and pooling over whole channels.
  std::optional<Seconds> pooling;
  std::optional<Seconds> winograd;  // 3x3 convolutions on tiles (Device::winograd_tile).
};

/// The work that software does in the kernel of a convolution or product: none but the sums, so that
/// the bias of a convolution is a kernel of its own; biases as well; or also the elementwise layers
/// after it.
enum class Fusion { nothing, biases, activations };

/// The part that depends on the software alone: which kernels it runs, and how it starts them.
struct Runtime {
  std::string name;  // Empty: not stated.
  Fusion fuses = Fusion::activations;
  bool merges_composites = false;  // Attention, layer normalization, activations: a kernel each.
  Seconds invocation;              // Once per call, before the first kernel.
  /// The host issues one kernel after another, each in this time, while the device computes: a
  /// kernel starts when it is issued and the device is free. 0: the host never delays a kernel.
  Seconds issue;
};

/// An accelerator's own memory, which keeps weights between runs: weights that do not fit come over
/// the host's link in every run.
struct OnChipMemory {
  Bytes size;
  BytesPerSecond link;
  Bytes weight;  // The size of one weight in this memory.
};

/// A clock that the device can be set to.
struct FrequencyLevel {
  std::string name;
  double peak = 1;  // Share of the device's peak.
  Watts busy;
};

/// The work of the networks to which a device was fitted. Outside, its figures are extrapolated.
struct FittedRange {
  double least_macs = 0;  // Of a network, for one input.
  double most_macs = 0;
  std::int64_t least_batch = 1;
  std::int64_t most_batch = 1;
};

/// The accuracy of the device's model for a network that it was not fitted to: |predicted /
/// measured
/// - 1| of each measured network, from a fit to the others. A single network gives no errors.
struct Calibration {
  int models = 0;
  std::optional<double> median_error;
  std::optional<double> worst_error;
  std::optional<FittedRange> range = {};             // None: not stated.
  std::map<std::string, Calibration> runtimes = {};  // With other runtimes, by their names.
};

/// A kind of machine that runs layers: the figures of its datasheet and the shares of them that
/// layers reach. REQUIRES: peak, memory bandwidth, the link's bandwidth and the efficiencies are
/// above 0, all other numbers at least 0.
struct Device {
  std::string name;
  std::string about;
  std::string source;   // The source of each figure.
  FlopsPerSecond peak;  // For float32.
  BytesPerSecond memory_bandwidth;
  Bytes memory;
  Efficiency efficiency;
  Seconds layer_overhead;  // The time of every kernel in addition to its work.
  // The time in which the host launches a kernel, while the device runs the previous one; no kernel
  // takes less.
  Seconds launch;
  std::optional<Watts> idle;  // None: unknown.
  std::optional<Watts> busy;
  double pue = 1;  // The power of the site, divided by that of its machines.
  std::optional<OnChipMemory> on_chip;
  std::vector<FrequencyLevel> frequencies;
  std::optional<Calibration> calibration;  // None if the figures are from a datasheet.
  std::string precision = "fp32";          // Of the figures above.
  double element = 4;                      // Bytes of what is a float32 in the graph.
  Step step;
  OwnOverheads overheads;
  /// Convolutions with N output channels and sums of K terms reach N / (N + narrow) * K / (K +
  /// narrow) of their efficiency.
  double narrow = 0;
  /// 3x3 convolutions of stride 1 compute whole tiles of as many places on a side; 0: no tiles.
  int winograd_tile = 0;
  Runtime runtime;
  std::vector<Device> precisions;  // The same device in other precisions.
  std::vector<Runtime> runtimes;   // Other runtimes with the same efficiencies.
};

/// Returns the device in one of its precisions, its own included. REQUIRES: it has it.
Device in_precision(const Device& device, const std::string& precision);

/// Returns the device with one of its runtimes, its own included, and the errors that it has with
/// this runtime. REQUIRES: it has it, or the name is empty.
Device with_runtime(const Device& device, const std::string& runtime);

/// The names of the precisions and runtimes of a device, its own first.
std::vector<std::string> precision_names(const Device& device);
std::vector<std::string> runtime_names(const Device& device);

}  // namespace offcut::cost
