#include "sim/cli/help_format.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>

#include "sim/cli/option_text.h"
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
  if (is_positional) {
    return entry(argument_name(option), meaning_of(option), width_);
  }
  const std::string placeholder = placeholder_of(option);
  return entry(fmt::format("{}{}{}", fmt::join(option_names(option), ", "),
                           placeholder.empty() ? "" : " ", placeholder),
               meaning_of(option), width_);
}

}  // namespace offcut::cli
