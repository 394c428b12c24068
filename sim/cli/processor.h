#pragma once

namespace offcut::cli {

/// Says whether this processor has the vector units for which offcut was compiled (OFFCUT_SIMD).
bool processor_suffices();

}  // namespace offcut::cli
