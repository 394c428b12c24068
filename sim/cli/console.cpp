#include "sim/cli/console.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "models/base/error.h"
#include "models/base/output_error.h"
#include "models/base/printable.h"

namespace offcut::cli {
namespace {

bool quiet_mode = false;

[[noreturn]] void refuse_output(int error) {
  throw OutputError({"standard output"},
                    "cannot be written: " + std::generic_category().message(error));
}

}  // namespace

void set_quiet(bool quiet) { quiet_mode = quiet; }

bool is_quiet() { return quiet_mode; }

void write_output(std::string_view text) {
  if (quiet_mode) {
    return;
  }
  const std::string safe = printable(text);
  if (std::fwrite(safe.data(), 1, safe.size(), stdout) < safe.size()) {
    refuse_output(errno);
  }
}

void flush_output() {
  if (std::fflush(stdout) != 0) {
    refuse_output(errno);
  }
}

}  // namespace offcut::cli
