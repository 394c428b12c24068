#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace offcut::cli {

/// Returns all commands, in their order.
std::vector<const CLI::App*> commands_of(const CLI::App& app);

/// Returns the command of that name; null if there is none.
CLI::App* find_command(CLI::App& app, const std::string& name);

// The texts of an option that help, manual pages and completion share.

/// Returns whether the option may be given several times, or the argument has several values.
bool is_repeatable(const CLI::Option* option);

/// Returns "-q", "--quiet": the short names first. REQUIRES: the option is not an argument.
std::vector<std::string> option_names(const CLI::Option* option);

/// Returns the placeholder of the value; empty for a flag.
std::string placeholder_of(const CLI::Option* option);

/// Returns the name of an argument, with "..." if it may have several values.
std::string argument_name(const CLI::Option* argument);

/// Returns the description, with the default, and whether it is required or may be repeated.
std::string meaning_of(const CLI::Option* option);

}  // namespace offcut::cli
