#pragma once

#include <cstdint>
#include <string>

#include "models/base/error.h"

namespace offcut {

/// Reports that a tensor, or all tensors of a layer or a network, would exceed the memory limit.
/// Nothing has been allocated.
class MemoryError : public InputError {
 public:
  /// `subject` needs `needed` bytes, together with all tensors that there are; `limit` are allowed.
  MemoryError(std::string subject, std::uint64_t needed, std::uint64_t limit);

  /// Returns the same error about a larger subject, such as "layer 'conv1' (Conv)".
  MemoryError within(const std::string& subject) const;

 private:
  std::string subject_;
  std::uint64_t needed_;
  std::uint64_t limit_;
};

/// Returns the bytes that the machine can spare: what the kernel calls available, or less if a
/// control group or a limit of the process leaves less. Without any of them, the largest number.
std::uint64_t available_memory();

/// The most bytes that the tensors of this process may take together. Until it is set, it is what
/// available_memory() returned when it was first asked for. Other memory, such as that of the
/// simulation, is not counted.
std::uint64_t memory_limit();
void set_memory_limit(std::uint64_t bytes);

/// Returns the bytes of all tensors that there are.
std::uint64_t memory_in_use();

/// Throws MemoryError about `subject` if that many more bytes would exceed the limit.
void check_memory(std::uint64_t more, const std::string& subject);

/// Counts the bytes of a tensor that is being made, or freed. Safe to call from several threads.
void count_memory(std::uint64_t bytes);
void release_memory(std::uint64_t bytes);

}  // namespace offcut
