#pragma once

#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "models/train/gradient.h"
#include "models/train/value.h"

namespace offcut::train {

/// The results of a layer's forward pass, and what its backward pass needs beside its inputs and
/// outputs.
struct Passed {
  std::vector<Value> outputs;
  std::vector<Value> saved;
  std::vector<std::pair<std::size_t, Tensor>> updates;  // See Trained.
};

/// The arguments of a backward pass; see Backward.
struct Returned {
  std::span<const Value> inputs;
  std::span<const Value> outputs;
  std::span<const Value> saved;
  std::span<const Value> slopes;
};

/// One layer of a training step, forward and back.
class Kernel {
 public:
  virtual ~Kernel() = default;

  /// The inputs and outputs that backward() reads.
  virtual bool reads_input(std::size_t input) const = 0;
  virtual bool reads_outputs() const = 0;

  virtual Passed forward(std::span<const Value> inputs, std::uint64_t step) = 0;
  virtual std::vector<Value> backward(const Returned& passed) = 0;
};

/// A layer with all that its kernel needs to know of it. The graph outlives it.
struct KernelSite {
  const Graph& graph;
  LayerId layer;
  const Gradient* gradient;  // Null if no gradient is needed of the layer.
  std::vector<bool> wanted;  // The inputs whose gradient is needed.
  bool trains;               // The layer's own mode; false for a frozen one.
  std::uint64_t seed;
};

/// The kernel that calls the operator and its gradient.
std::unique_ptr<Kernel> reference_kernel(const KernelSite& site);

/// Makes the kernels of a library.
class KernelFactory {
 public:
  /// Held while kernels are made and run, in the thread that runs them.
  struct Scope {
    virtual ~Scope() = default;
  };

  virtual ~KernelFactory() = default;
  virtual std::unique_ptr<Scope> enter() = 0;

  /// Returns null for a layer that the library has no kernel for.
  virtual std::unique_ptr<Kernel> make(const KernelSite& site) = 0;
};

/// oneDNN's kernels, or null if offcut was built without it.
std::unique_ptr<KernelFactory> fast_kernels();

}  // namespace offcut::train
