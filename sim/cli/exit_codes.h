#pragma once

#include <array>
#include <string_view>

namespace offcut::cli {

/// The exit codes of all commands. A signal ends the program by itself, so that a shell sees 128
/// and its number.
enum ExitCode : int { kDone = 0, kFailure = 1, kBadInput = 2, kInterrupted = 130 };

struct ExitCodeText {
  ExitCode code;
  std::string_view meaning;
};

/// The table that `offcut --help` and docs/tour.md show.
inline constexpr std::array<ExitCodeText, 4> kExitCodes = {{
    {kDone, "done"},
    {kFailure,
     "output was lost (a full disk, a closed standard output), memory ran out, runs of a sweep "
     "failed, or offcut itself failed"},
    {kBadInput, "invalid input: a command line, a scenario or another file"},
    {kInterrupted, "interrupted by Ctrl-C; in general, 128 + N after signal N"},
}};

}  // namespace offcut::cli
