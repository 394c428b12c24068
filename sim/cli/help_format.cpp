#include "sim/cli/help_format.h"

#include <fmt/format.h>

#include <sstream>

#include "sim/cli/terminal.h"

namespace offcut::cli {
namespace {

constexpr std::size_t kHelpIndent = 2;
constexpr std::size_t kHelpColumn = 24;  // Where descriptions begin.
constexpr std::size_t kLeastHelp = 60;  // Narrower than that, help is left to the terminal to wrap.

/// Returns a name and its description, which begins on the next line if the name is long.
std::string entry(const std::string& name, const std::string& description, std::size_t width) {
  const std::string begin = std::string(kHelpIndent, ' ') + name;
  const std::string text = wrapped(description, width - kHelpColumn, kHelpColumn);
  if (begin.size() + 2 > kHelpColumn) {
    return fmt::format("{}\n{:{}}{}\n", begin, "", kHelpColumn, text);
  }
  return fmt::format("{:<{}}{}\n", begin, kHelpColumn, text);
}

bool is_repeatable(const CLI::Option* option) {
  return option->get_expected_max() >= CLI::detail::expected_max_vector_size;
}

}  // namespace

HelpFormat::HelpFormat(std::size_t width) : width_(std::max(width, kLeastHelp)) {
  label("Positionals", "Arguments");
  label("SUBCOMMAND", "COMMAND");
}

std::string HelpFormat::make_description(const CLI::App* app) const {
  return wrapped(app->get_description(), width_, 0) + "\n";
}

std::string HelpFormat::make_footer(const CLI::App* app) const {
  std::string text;
  bool is_example = false;
  std::istringstream lines(app->get_footer());
  for (std::string line; std::getline(lines, line);) {
    is_example = is_example || line.starts_with("Example:");
    text += (is_example ? line : wrapped(line, width_, 0)) + "\n";
  }
  return text;
}

std::string HelpFormat::make_subcommand(const CLI::App* command) const {
  return entry(command->get_name(), command->get_description(), width_);
}

std::string HelpFormat::make_expanded(const CLI::App* command) const {
  // CLI11 indents it afterwards.
  return HelpFormat(width_ - kHelpIndent).CLI::Formatter::make_expanded(command);
}

std::string HelpFormat::make_option(const CLI::Option* option, bool is_positional) const {
  std::string name;
  if (is_positional) {
    name = option->get_name(true) + (is_repeatable(option) ? "..." : "");
  } else {
    name = CLI::detail::find_and_replace(option->get_name(false, true), ",", ", ");
    name += option->get_type_size() == 0 ? "" : " " + option->get_type_name();
  }
  std::string description = option->get_description();
  if (!option->get_default_str().empty()) {
    description += fmt::format(" (default: {})", option->get_default_str());
  }
  if (option->get_required()) {
    description += " (required)";
  } else if (!is_positional && option->get_type_size() != 0 && is_repeatable(option)) {
    description += " (may be repeated)";
  }
  return entry(name, description, width_);
}

}  // namespace offcut::cli
