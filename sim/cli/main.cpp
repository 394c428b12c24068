// The only file that turns errors into messages and exit codes (see exit_codes.h). Standard streams
// that are closed get a place-holder first: otherwise, the next file that is opened would take
// their number, and receive what is printed.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <ios>
#include <new>

#include "models/base/output_error.h"
#include "models/base/printable.h"
#include "sim/cli/command_line.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/interruption.h"
#include "sim/cli/json_document.h"
#include "sim/cli/terminal.h"

namespace {

using offcut::cli::kBadInput;
using offcut::cli::kFailure;

/// Opens those of the standard streams that are closed, so that reading and writing them fails.
void open_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
      // open() returns the lowest number that is free.
      [[maybe_unused]] const int opened =
          open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

/// Prints "place: error: message". On a terminal, "error:" is red.
void print_diagnostic(const offcut::Diagnostic& diagnostic) {
  constexpr std::string_view kWord = "error:";
  std::string text = to_text(diagnostic);
  const std::size_t begin = text.find(fmt::format(": {} ", kWord));
  if (begin != std::string::npos && offcut::cli::shows_colour(STDERR_FILENO)) {
    text.replace(begin + 2, kWord.size(), fmt::format("\033[1;31m{}\033[0m", kWord));
  }
  fmt::print(stderr, "{}\n", text);
}

/// Prints them to standard error, and with --json to standard output as well.
void print_diagnostics(const std::vector<offcut::Diagnostic>& diagnostics) {
  constexpr std::size_t kMostShown = 100;  // If there are more, the file is something else.
  for (std::size_t i = 0; i < std::min(diagnostics.size(), kMostShown); ++i) {
    print_diagnostic(diagnostics[i]);
  }
  if (diagnostics.size() > kMostShown) {
    fmt::print(stderr, "... and {} more\n", diagnostics.size() - kMostShown);
  }
  offcut::cli::print_json_errors(diagnostics);
}

}  // namespace

int main(int argc, char** argv) {
  open_streams();
  offcut::cli::announce_interruptions();
  offcut::cli::CommandLine line;
  try {
    try {
      line.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return line.explain(error);
    }
    return line.run(offcut::scenario::Registries());
  } catch (const offcut::OutputError& error) {
    print_diagnostics(error.diagnostics());
    return kFailure;
  } catch (const offcut::InputError& error) {
    print_diagnostics(error.diagnostics());
    return kBadInput;
  } catch (const std::filesystem::filesystem_error& error) {
    print_diagnostic({{error.path1().string()}, error.code().message()});
    return kBadInput;
  } catch (const std::ios_base::failure& error) {
    print_diagnostic({{"offcut"}, "a file cannot be read: " + error.code().message()});
    return kBadInput;
  } catch (const offcut::cli::Interrupted& interrupted) {
    std::raise(interrupted.signal);
    return kFailure;  // Not reached.
  } catch (const std::bad_alloc&) {
    print_diagnostic({{"offcut"}, "there is not enough memory"});
    return kFailure;
  } catch (const std::exception& error) {
    fmt::print(stderr, "offcut failed: {}\n", offcut::printable(error.what()));
    offcut::cli::print_json_errors({{{"offcut"}, error.what()}});
    return kFailure;
  }
}
