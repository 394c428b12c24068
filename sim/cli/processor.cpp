// Asks the processor for AVX2 and FMA if the build compiled the layer math for them. Without this
// check, such a program would end with "illegal instruction" somewhere in the math. The file itself
// is compiled for any processor.

#include "sim/cli/processor.h"

namespace offcut::cli {

bool processor_suffices() {
#ifdef OFFCUT_NEEDS_AVX2
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

}  // namespace offcut::cli
