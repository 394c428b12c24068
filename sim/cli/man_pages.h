#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "sim/scenario/scenario.h"

namespace offcut::cli {

struct ManOptions {
  std::string page;  // A command, or kScenarioPage; empty: the program.
  std::string out;   // Folder for all pages; empty: the page is printed.
};

/// The name of the page of scenario files.
inline constexpr const char* kScenarioPage = "scenario";

/// Prints a manual page, or writes all of them: man1/offcut.1, man1/offcut-COMMAND.1, and
/// man5/offcut-scenario.5. Their date is that of SOURCE_DATE_EPOCH in the environment, or today.
/// Throws InputError if there is no such page, or a file can't be written.
int man(const CLI::App& app, const ManOptions& options, const scenario::Registries& registries);

}  // namespace offcut::cli
