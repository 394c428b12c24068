#pragma once

#include <string>

namespace offcut::cli {

/// Sets the memory limit of tensors to a size such as "4 GB"; an empty text leaves the machine's.
/// Throws InputError.
void set_max_memory(const std::string& text);

}  // namespace offcut::cli
