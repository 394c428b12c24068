// The only file that turns errors into messages and exit codes: 0 done, 2 invalid input, 1 failure
// of offcut itself. A signal ends the program by itself: a shell sees 130 for Ctrl-C.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <ios>
#include <new>

#include "sim/cli/command_line.h"
#include "sim/cli/interruption.h"
#include "sim/cli/terminal.h"

namespace {

constexpr int kBadInput = 2;
constexpr int kFailure = 1;

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

void print_diagnostics(const std::vector<offcut::Diagnostic>& diagnostics) {
  constexpr std::size_t kMostShown = 100;  // If there are more, the file is something else.
  for (std::size_t i = 0; i < std::min(diagnostics.size(), kMostShown); ++i) {
    print_diagnostic(diagnostics[i]);
  }
  if (diagnostics.size() > kMostShown) {
    fmt::print(stderr, "... and {} more\n", diagnostics.size() - kMostShown);
  }
}

}  // namespace

int main(int argc, char** argv) {
  offcut::cli::announce_interruptions();
  offcut::cli::CommandLine line;
  try {
    try {
      line.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return line.explain(error);
    }
    return line.run(offcut::scenario::Registries());
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
    fmt::print(stderr, "offcut failed: {}\n", error.what());
    return kFailure;
  }
}
