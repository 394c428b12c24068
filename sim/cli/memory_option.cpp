#include "sim/cli/memory_option.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/base/memory_limit.h"
#include "models/base/units.h"

namespace offcut::cli {

void set_max_memory(const std::string& text) {
  if (text.empty()) {
    return;
  }
  constexpr double kMost = 1e18;  // Bytes; fits into 64 bits.
  double bytes = 0;
  try {
    bytes = parse<Bytes>(text).si();
  } catch (const std::invalid_argument& error) {
    throw InputError({"--max-memory"}, error.what());
  }
  if (!(bytes >= 1 && bytes <= kMost)) {
    throw InputError({"--max-memory"},
                     fmt::format("expected from 1 B to 1e9 GB, got {}", in_quotes(text)));
  }
  set_memory_limit(static_cast<std::uint64_t>(bytes));
}

}  // namespace offcut::cli
