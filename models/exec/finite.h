#pragma once

#include "models/exec/program.h"

namespace offcut::exec {

/// Returns whether no element is an infinity or a NaN. Tensors of integers and absent ones have
/// none.
bool all_finite(const Tensor& tensor);

/// Returns whether the program's constants and attributes are finite. An infinity that bounds
/// nothing (a limit of Clip) or hides a score (in the mask of an attention) counts as finite, since
/// it never reaches a result.
bool constants_are_finite(const Program& program);

/// Tells whether a computation made an infinity or a NaN out of finite numbers, at no cost for the
/// computation: by IEEE 754, section 7, such an operation raises one of the flags for invalid
/// operations, divisions by zero and overflow, which stay set. The reverse does not hold, because a
/// vector's unused elements and intermediate results that cancel out raise flags, too. A value that
/// is only copied or selected, such as an infinity in the code, raises none.
class FiniteWatch {
 public:
  /// Begins to watch the calling thread, and those on which `threads` > 1 has kernels run.
  explicit FiniteWatch(int threads);
  ~FiniteWatch();  // Restores the flags that were set before.
  FiniteWatch(const FiniteWatch&) = delete;
  FiniteWatch& operator=(const FiniteWatch&) = delete;

  /// Collects the flags of all threads. Costs one parallel region, if there are several.
  bool all_finite() const;

 private:
  int threads_;
  int before_;
};

/// The flags of the floating-point environment that FiniteWatch looks at.
int watched_flags();

/// Clears the watched flags of the library's threads, and of the calling one, and returns those
/// that were set, also in a thread that has ended since the last call. Does nothing unless
/// `threads` > 1.
int take_worker_flags(int threads);

}  // namespace offcut::exec
