// A build for AVX2 and FMA (OFFCUT_SIMD) says so on a processor without them, instead of ending
// with "illegal instruction" somewhere in the math. The check runs before the constructors of
// static objects, which may use these units already; this file is compiled for any processor.

#ifdef OFFCUT_NEEDS_AVX2

#include <unistd.h>

#include <string_view>

#include "sim/cli/exit_codes.h"

namespace offcut::cli {
namespace {

constexpr int kFirst = 101;  // Lower priorities belong to the compiler.
constexpr std::string_view kMessage =
    "offcut: error: this build needs a processor with AVX2 and FMA; build it with "
    "-DOFFCUT_SIMD=OFF\n";

[[gnu::constructor(kFirst)]] void require_processor() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kMessage.data(), kMessage.size());
    _exit(kFailure);
  }
}

}  // namespace
}  // namespace offcut::cli

#endif
