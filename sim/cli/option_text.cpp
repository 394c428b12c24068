#include "sim/cli/option_text.h"

#include <fmt/format.h>

namespace offcut::cli {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

CLI::App* find_command(CLI::App& app, const std::string& name) {
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    if (command->get_name() == name) {
      return command;
    }
  }
  return nullptr;
}

bool is_repeatable(const CLI::Option* option) {
  return option->get_expected_max() >= CLI::detail::expected_max_vector_size;
}

std::vector<std::string> option_names(const CLI::Option* option) {
  std::vector<std::string> names;
  for (const std::string& name : option->get_snames()) {
    names.push_back("-" + name);
  }
  for (const std::string& name : option->get_lnames()) {
    names.push_back("--" + name);
  }
  return names;
}

std::string placeholder_of(const CLI::Option* option) {
  return option->get_type_size() == 0 ? "" : option->get_type_name();
}

std::string argument_name(const CLI::Option* argument) {
  return argument->get_name(true) + (is_repeatable(argument) ? "..." : "");
}

std::string meaning_of(const CLI::Option* option) {
  std::string meaning = option->get_description();
  if (!option->get_default_str().empty()) {
    meaning += fmt::format(" (default: {})", option->get_default_str());
  }
  if (option->get_required()) {
    meaning += " (required)";
  } else if (option->nonpositional() && option->get_type_size() != 0 && is_repeatable(option)) {
    meaning += " (may be repeated)";
  }
  return meaning;
}

}  // namespace offcut::cli
