// The manual pages, from the tables of the command line (CLI11), of exit codes, and of the keys of
// scenarios. Only FILES and ENVIRONMENT are written here.

#include "sim/cli/man_pages.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "models/base/output_error.h"
#include "sim/cli/console.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/option_text.h"
#include "sim/cli/roff.h"
#include "sim/scenario/key_texts.h"

namespace offcut::cli {
namespace {

constexpr int kCommands = 1;  // The sections of the manual.
constexpr int kFormats = 5;

struct Text {
  const char* name;
  const char* meaning;
};

constexpr std::array kFiles = {
    Text{"results/NAME", "The results of a scenario, where `--out` does not say otherwise."},
    Text{"PREFIX/share/offcut/scenarios",
         "Scenarios to start from, and the catalogue of devices and links. PREFIX/bin has the "
         "program."},
    Text{"PREFIX/share/offcut/models/data", "The data sets that offcut ships."}};

constexpr std::array kEnvironment = {
    Text{"COLUMNS", "The width of tables and help, in place of the terminal's."},
    Text{"NO_COLOR", "If set, nothing is coloured."},
    Text{"OFFCUT_PYTHON", "The Python that draws for `offcut plot`, in place of /usr/bin/python3."},
    Text{"SOURCE_DATE_EPOCH", "The date of manual pages, in seconds since 1970."}};

/// Returns YYYY-MM-DD.
std::string date_of_pages() {
  std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  if (const char* given = std::getenv("SOURCE_DATE_EPOCH")) {
    std::from_chars(given, given + std::strlen(given), seconds);
  }
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(seconds));
}

RoffPage begin_page(const std::string& name, int section, const std::string& about) {
  RoffPage page(name, section, date_of_pages(), "offcut " OFFCUT_VERSION);
  page.section("NAME");
  page.line(fmt::format("{} \\- {}", escaped(name), escaped(about)));
  return page;
}

std::string reference(const std::string& name, int section) {
  return fmt::format("{}({})", bold(name), section);
}

void add_synopsis(RoffPage& page, const CLI::App& command, const std::string& name) {
  std::string arguments;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) {
      const std::string argument = italic(argument_name(option));
      arguments += option->get_required() ? " " + argument : fmt::format(" [{}]", argument);
    }
  }
  page.section("SYNOPSIS");
  page.line(fmt::format("{} [{}]{}", bold(name), italic("OPTIONS"), arguments));
}

void add_options(RoffPage& page, const CLI::App& command) {
  page.section("OPTIONS");
  for (const bool arguments : {true, false}) {
    for (const CLI::Option* option : command.get_options()) {
      if (option->get_positional() != arguments) {
        continue;
      }
      std::string tag = arguments ? italic(argument_name(option)) : "";
      if (!arguments) {
        for (const std::string& name : option_names(option)) {
          tag += (tag.empty() ? "" : ", ") + bold(name);
        }
        const std::string placeholder = placeholder_of(option);
        tag += placeholder.empty() ? "" : " " + italic(placeholder);
      }
      page.entry(tag, meaning_of(option));
    }
  }
}

void add_exit_codes(RoffPage& page) {
  page.section("EXIT STATUS");
  for (const auto& [code, meaning] : kExitCodes) {
    page.entry(bold(fmt::format("{}", int{code})), meaning);
  }
}

template <std::size_t kCount>
void add_texts(RoffPage& page, const char* title, const std::array<Text, kCount>& texts) {
  page.section(title);
  for (const auto& [name, meaning] : texts) {
    page.entry(bold(name), meaning);
  }
}

/// Splits a footer: the text, and the examples.
std::pair<std::string, std::string> split_footer(const std::string& footer) {
  constexpr std::string_view kBegin = "Example: ";
  const std::size_t at = footer.find(kBegin);
  std::string examples;
  std::istringstream lines(at == std::string::npos ? "" : footer.substr(at));
  for (std::string line; std::getline(lines, line);) {
    examples += line.substr(std::min(kBegin.size(), line.size())) + '\n';
  }
  return {footer.substr(0, at), examples};
}

void add_see_also(RoffPage& page, const std::vector<std::string>& references) {
  page.section("SEE ALSO");
  page.line(fmt::format("{}", fmt::join(references, ", ")));
}

std::string command_page(const CLI::App& command) {
  const std::string name = "offcut-" + command.get_name();
  RoffPage page = begin_page(name, kCommands, command.get_description());
  add_synopsis(page, command, "offcut " + command.get_name());
  const auto [text, examples] = split_footer(command.get_footer());
  page.section("DESCRIPTION");
  page.text(command.get_description() + ".\n" + text);
  add_options(page, command);
  add_exit_codes(page);
  add_texts(page, "FILES", kFiles);
  page.section("EXAMPLES");
  page.example(examples);
  add_see_also(page, {reference("offcut", kCommands), reference("offcut-scenario", kFormats)});
  return page.roff();
}

std::string program_page(const CLI::App& app) {
  RoffPage page = begin_page("offcut", kCommands, "simulate split inference");
  page.section("SYNOPSIS");
  page.line(fmt::format("{} {} [{}] ...", bold("offcut"), italic("COMMAND"), italic("OPTIONS")));
  page.section("DESCRIPTION");
  page.text(app.get_description());
  page.section("COMMANDS");
  std::vector<std::string> references;
  for (const CLI::App* command : commands_of(app)) {
    const std::string name = "offcut-" + command->get_name();
    page.entry(reference(name, kCommands), command->get_description());
    references.push_back(reference(name, kCommands));
  }
  add_options(page, app);
  add_exit_codes(page);
  add_texts(page, "ENVIRONMENT", kEnvironment);
  add_texts(page, "FILES", kFiles);
  page.section("EXAMPLES");
  page.example(split_footer(app.get_footer()).second);
  references.push_back(reference("offcut-scenario", kFormats));
  add_see_also(page, references);
  return page.roff();
}

void add_key(RoffPage& page, const scenario::KeyText& key) {
  std::string facts = key.type;
  facts += key.bounds.empty() ? "" : ", " + key.bounds;
  facts += (key.fallback.starts_with("required") ? "; " : "; default: ") + key.fallback;
  const std::string owner = key.owner.empty() ? "" : fmt::format(" ({})", escaped(key.owner));
  page.entry(bold(key.name) + owner, fmt::format("{}. {}", facts, key.doc));
  if (!key.example.empty()) {
    page.line(".br");
    page.line("Example: " + bold(key.example));
  }
}

std::string scenario_page(const scenario::Registries& registries) {
  RoffPage page = begin_page("offcut-scenario", kFormats, "scenario files of offcut");
  page.section("DESCRIPTION");
  page.text(
      "A scenario is a YAML file: models, tiers, the network between them, plans and a workload. "
      "`offcut validate` checks it. Below, each heading is a map of the file, in which names in "
      "capitals stand for those that the user chooses.");
  page.section("KEYS");
  for (const scenario::KeyBlock& block : scenario::key_blocks(registries)) {
    const std::string path = block.paths.front().empty() ? "The document" : block.paths.front();
    page.subsection(block.title.empty() ? path : fmt::format("{}, {}", path, block.title));
    page.text(block.doc);
    for (const scenario::KeyText& key : block.keys) {
      add_key(page, key);
    }
  }
  page.section("EXAMPLES");
  page.example("offcut list keys tiers.TIER.cores\noffcut validate scenarios/quickstart.yaml\n");
  add_see_also(page, {reference("offcut", kCommands), reference("offcut-validate", kCommands),
                      reference("offcut-list", kCommands)});
  return page.roff();
}

std::string page_named(const CLI::App& app, const std::string& name,
                       const scenario::Registries& registries) {
  if (name.empty()) {
    return program_page(app);
  }
  if (name == kScenarioPage) {
    return scenario_page(registries);
  }
  std::vector<std::string> names = {kScenarioPage};
  for (const CLI::App* command : commands_of(app)) {
    if (command->get_name() == name) {
      return command_page(*command);
    }
    names.push_back(command->get_name());
  }
  throw InputError({"offcut man"},
                   fmt::format("no page of {}{}", in_quotes(name), suggestion(name, names)));
}

void write_page(const std::filesystem::path& folder, int section, const std::string& name,
                const std::string& roff) {
  const std::filesystem::path file =
      folder / fmt::format("man{}", section) / fmt::format("{}.{}", name, section);
  std::filesystem::create_directories(file.parent_path());
  std::ofstream stream(file, std::ios::binary);
  stream << roff;
  if (!stream.flush()) {
    throw OutputError({file.string()}, "cannot be written");
  }
}

}  // namespace

int man(const CLI::App& app, const ManOptions& options, const scenario::Registries& registries) {
  if (options.out.empty()) {
    write_output(page_named(app, options.page, registries));
    return 0;
  }
  if (!options.page.empty()) {
    throw InputError({"--out"}, "writes all pages; expected no COMMAND");
  }
  write_page(options.out, kCommands, "offcut", program_page(app));
  for (const CLI::App* command : commands_of(app)) {
    write_page(options.out, kCommands, "offcut-" + command->get_name(), command_page(*command));
  }
  write_page(options.out, kFormats, "offcut-scenario", scenario_page(registries));
  return 0;
}

}  // namespace offcut::cli
