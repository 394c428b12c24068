#include "sim/cli/console.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "models/base/error.h"

namespace offcut::cli {
namespace {

bool quiet_mode = false;

[[noreturn]] void refuse_output(int error) {
  throw InputError({"standard output"},
                   "cannot be written: " + std::generic_category().message(error));
}

}  // namespace

void set_quiet(bool quiet) { quiet_mode = quiet; }

bool is_quiet() { return quiet_mode; }

void write_output(std::string_view text) {
  if (!quiet_mode && std::fwrite(text.data(), 1, text.size(), stdout) < text.size()) {
    refuse_output(errno);
  }
}

void flush_output() {
  if (std::fflush(stdout) != 0) {
    refuse_output(errno);
  }
}

}  // namespace offcut::cli
