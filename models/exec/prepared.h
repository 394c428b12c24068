#pragma once

#include <memory>
#include <string>

#include "models/base/cpu_time.h"
#include "models/exec/segment.h"

namespace offcut::exec {

/// The steps of prepare(); each can be switched off. With all of them off, a prepared segment gives
/// the bits of run().
struct PrepareOptions {
  enum class Winograd {
    never,
    if_faster,  // Timed against direct convolutions, layer by layer.
    always,     // Wherever there is a kernel for it.
  };

  int threads = 1;              // Threads of one run.
  bool fold_batch_norm = true;  // Into the weights of the layer before.
  bool fuse = true;             // Bias, residual and activation into Conv and Gemm.
  bool fast_kernels = true;     // Our own, and oneDNN's if offcut was built with it.
  /// Times the library's layouts of convolutions against blocks of channels.
  bool time_layouts = true;
  Winograd winograd = Winograd::if_faster;
  bool arena = true;  // Tensors that don't live at the same time share memory.

  /// Returns whether a prepared segment gives the bits of run().
  bool is_exact() const { return !fold_batch_norm && !fuse && !fast_kernels; }

  static PrepareOptions none() {
    return {.fold_batch_norm = false,
            .fuse = false,
            .fast_kernels = false,
            .time_layouts = false,
            .winograd = Winograd::never,
            .arena = false};
  }
};

/// The memory of a prepared segment, in addition to the graph's own weights.
struct PreparedMemory {
  std::size_t arena_bytes = 0;     // Scratch memory, as planned.
  std::size_t unshared_bytes = 0;  // Scratch memory if no two tensors shared memory.
  std::size_t weight_bytes = 0;    // Weights that were laid out anew.
};

/// A call of a kernel, and the layers that it computes.
struct KernelCall {
  std::vector<LayerId> layers;
  std::string kernel;
};

class Program;
enum class Layouts;
class Trials;

/// A segment of a graph, made ready to run many times. Weights are folded and laid out, kernels
/// chosen and memory placed once.
///
/// Results differ from run()'s by rounding: at most 1e-5 of the largest absolute value of an
/// output, and the sign of a zero. The same input gives the same bits in each run, but two prepared
/// segments may differ by rounding if their kernels were chosen by time (time_layouts,
/// Winograd::if_faster).
///
/// Floats of 16 bits are float32 within the segment, and rounded where they leave it; run() rounds
/// the result of each layer.
///
/// Kernels differ in what they make of a NaN or an infinity. A run that meets one, in its inputs or
/// in any intermediate result, is therefore repeated with the reference operators, and so has
/// run()'s own results. A segment with such constants is prepared with PrepareOptions::none().
///
/// Not safe for use by several threads at once. The graph must outlive it.
class Prepared {
 public:
  ~Prepared();
  Prepared(Prepared&&) noexcept;
  Prepared& operator=(Prepared&&) noexcept;

  /// Takes the tensors that enter and returns those that leave, like run(graph, segment, inputs).
  TensorMap run(TensorMap inputs);

  /// Does the same, and adds the time of each kernel call to `seconds`, which has an element for
  /// each of steps(). The time of repeating a run is not included. The default clock is the CPU
  /// time of the calling thread.
  TensorMap run(TensorMap inputs, std::vector<double>& seconds,
                ClockFunction clock = thread_seconds);

  PreparedMemory memory() const;

  /// Returns how many runs the reference operators repeated, because a value was not finite or
  /// might not have been.
  std::size_t repeated_runs() const;

  /// Returns one line per kernel call: the layers that it computes and the kernel, "conv1+relu1
  /// [jit:avx512_core]".
  std::vector<std::string> steps() const;

  /// Returns the same, structured. Every call belongs to at least one layer. A call that lays a
  /// tensor out anew belongs to the layers that read it so, or to those that made it if it leaves
  /// the segment.
  std::vector<KernelCall> calls() const;

 private:
  friend Prepared prepare(const Graph&, const Segment&, const PrepareOptions&);
  struct State;
  explicit Prepared(std::unique_ptr<State> state);
  static Prepared lower(const Program& program, const PrepareOptions& options, Layouts layouts,
                        Trials& trials);
  TensorMap run_timed(TensorMap inputs, std::vector<double>* seconds, ClockFunction clock);
  TensorMap run_as_prepared(TensorMap inputs, std::vector<double>* seconds, ClockFunction clock);
  TensorMap run_kernels(const TensorMap& inputs, std::vector<double>* seconds, ClockFunction clock);
  double least_seconds_on(const TensorMap& inputs, int threads);

  std::unique_ptr<State> state_;
};

/// The most threads of a prepared segment: more than the cores of any machine are a slip, and the
/// system may refuse to start them.
inline constexpr int kMostThreads = 1024;

/// Makes the segment ready. Needs the weights' values, so it makes the parameters. Throws
/// std::invalid_argument for layers without math, for layers that cannot use their constants (an
/// index out of range), and unless 1 <= options.threads <= kMostThreads.
Prepared prepare(const Graph& graph, const Segment& segment, const PrepareOptions& options = {});

}  // namespace offcut::exec
