#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::cli {

/// The command by which scripts ask what fits. It is not for people: --help does not show it.
inline constexpr const char* kCompleteCommand = "__complete";

/// The shells for which there is a script.
std::vector<std::string> shells();

/// Prints the script of a shell. Throws InputError if there is none.
int print_completion_script(const std::string& shell);

/// Prints what fits the last word, which may be empty, after the others. `words` are those of the
/// command line after the program's name, up to the cursor.
///
/// The first line says which files fit besides: "none", "folders", or "files" and the endings of
/// their names, separated by blanks (none: all files). Each further line is a word in place of the
/// last one, a tab, and what it means. A word that ends in "=", ":" or "," is not complete: no
/// blank follows it.
int print_completions(CLI::App& app, const std::vector<std::string>& words,
                      const scenario::Registries& registries);

}  // namespace offcut::cli
