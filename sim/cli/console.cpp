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
bool document_only = false;

[[noreturn]] void refuse_output(int error) {
  throw OutputError({"standard output"},
                    "cannot be written: " + std::generic_category().message(error));
}

}  // namespace

void set_quiet(bool quiet) { quiet_mode = quiet; }

bool is_quiet() { return quiet_mode; }

void set_document_only() { document_only = true; }

void write_document(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) < text.size()) {
    refuse_output(errno);
  }
}

void write_output(std::string_view text) {
  if (!quiet_mode && !document_only) {
    write_document(printable(text));
  }
}

void flush_output() {
  if (std::fflush(stdout) != 0) {
    refuse_output(errno);
  }
}

}  // namespace offcut::cli
