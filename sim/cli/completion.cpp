// Completes the word at the cursor: a command, an option, or a value of one. All of it comes from
// the tables of the command line and from what its options offer (offers.h), so that a new command
// or option is completed without further ado.

#include "sim/cli/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "analysis/tables/summary_table.h"
#include "models/base/printable.h"
#include "sim/cli/column_list.h"
#include "sim/cli/console.h"
#include "sim/cli/list_entries.h"
#include "sim/cli/offers.h"
#include "sim/cli/option_text.h"
#include "sim/cli/pareto_axes.h"
#include "sim/scenario/key_texts.h"
#include "sim/scenario/read_scenario.h"

namespace offcut::cli {
namespace {

/// The words that fit, and files.
struct Completions {
  struct Candidate {
    std::string word;
    std::string meaning;
  };
  std::vector<Candidate> candidates;
  std::string files = "none";  // See print_completions().
};

/// The words of a command before the cursor, by what they stand for.
struct Given {
  CLI::Option* open = nullptr;           // The option whose value comes next; null: none.
  std::vector<const CLI::Option*> used;  // Options.
  std::vector<std::string> values;       // Arguments without an option.
  bool only_values = false;              // After "--".
};

/// Returns the option of a word such as "--out" or "-q"; null if there is none.
CLI::Option* option_named(CLI::App& command, const std::string& word) {
  for (CLI::Option* option : command.get_options()) {
    if (option->nonpositional() && option->check_name(word)) {
      return option;
    }
  }
  return nullptr;
}

bool takes_value(const CLI::Option* option) { return option->get_items_expected_max() > 0; }

Given read_words(CLI::App& command, const std::vector<std::string>& words) {
  Given given;
  for (const std::string& word : words) {
    if (given.open != nullptr) {
      given.open = nullptr;
    } else if (given.only_values || !word.starts_with('-') || word == "-") {
      given.values.push_back(word);
    } else if (word == "--") {
      given.only_values = true;
    } else if (CLI::Option* option = option_named(command, word.substr(0, word.find('=')))) {
      given.used.push_back(option);
      given.open = takes_value(option) && word.find('=') == std::string::npos ? option : nullptr;
    }
  }
  return given;
}

/// The scalars and lists below a node, as --set names them, with their values.
void add_settings(const scenario::YamlNode& node, const std::string& path,
                  std::vector<Completions::Candidate>& settings) {
  if (node.kind != scenario::YamlNode::Kind::map) {
    settings.push_back({path + "=", "now " + scenario::to_yaml_line(node)});
    return;
  }
  for (const auto& entry : node.entries) {
    add_settings(entry.value, path.empty() ? entry.key : path + "." + entry.key, settings);
  }
}

/// The keys of all scenarios, apart from those below a name that the user chooses.
std::vector<Completions::Candidate> fixed_keys(const scenario::Registries& registries) {
  const auto has_capitals = [](const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  };
  std::vector<Completions::Candidate> keys;
  for (const scenario::KeyBlock& block : scenario::key_blocks(registries)) {
    for (const std::string& path : block.paths) {
      for (const scenario::KeyText& key : block.keys) {
        const std::string name = path.empty() ? key.name : path + "." + key.name;
        if (block.owner.empty() && !has_capitals(name)) {
          keys.push_back({name + "=", key.doc});
        }
      }
    }
  }
  return keys;
}

/// The settings of the scenario on the command line, if it is valid, then other keys.
std::vector<Completions::Candidate> keys_for(const std::vector<std::string>& values,
                                             const scenario::Registries& registries) {
  std::vector<Completions::Candidate> keys;
  for (const std::string& value : values) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(value, ignored)) {
      try {
        add_settings(scenario::read_scenario(value, {}, registries).resolved, "", keys);
        break;
      } catch (const InputError&) {  // It is no scenario, or not yet a valid one.
      }
    }
  }
  for (Completions::Candidate& key : fixed_keys(registries)) {
    const auto is_same = [&](const auto& other) { return other.word == key.word; };
    if (std::none_of(keys.begin(), keys.end(), is_same)) {
      keys.push_back(std::move(key));
    }
  }
  return keys;
}

/// The names of a list; after a name and a colon, its parameters.
std::vector<Completions::Candidate> names_in_list(const Offer& offer, const std::string& word,
                                                  const scenario::Registries& registries) {
  std::vector<Completions::Candidate> names;
  for (const ListEntry& entry : list_entries(offer.words.front(), registries)) {
    const std::string name = offer.prefix + entry.name;
    names.push_back({name, entry.doc});
    if (!entry.parameters.empty() && word.starts_with(name + ":")) {
      const std::string before = word.substr(0, word.find_last_of(":,") + 1);
      for (const ParameterSpec& parameter : entry.parameters) {
        names.push_back({fmt::format("{}{}=", before, parameter.name), parameter.doc});
      }
    }
  }
  return names;
}

/// The second argument of `offcut list`.
std::vector<Completions::Candidate> list_names(const std::vector<std::string>& values,
                                               const scenario::Registries& registries) {
  std::vector<Completions::Candidate> names;
  const std::string kind = values.empty() ? "" : values.front();
  if (kind == "columns") {
    for (const TableText& table : all_tables()) {
      names.push_back({std::string(table.file), std::string(table.doc)});
    }
  } else if (kind == "keys") {
    for (const scenario::KeyBlock& block : scenario::key_blocks(registries)) {
      names.push_back({block.paths.front(), block.doc});
    }
  }
  return names;
}

std::vector<Completions::Candidate> command_names(const CLI::App& app) {
  std::vector<Completions::Candidate> commands;
  for (const CLI::App* command : commands_of(app)) {
    commands.push_back({command->get_name(), command->get_description()});
  }
  return commands;
}

/// The names of --pareto that are not yet in the list.
std::vector<Completions::Candidate> axes_after(const std::string& word) {
  const std::string before = word.substr(0, word.rfind(',') + 1);
  std::vector<Completions::Candidate> axes;
  for (const ParetoAxis& axis : kParetoAxes) {
    if (("," + before).find(fmt::format(",{},", axis.name)) == std::string::npos) {
      axes.push_back({fmt::format("{}{}", before, axis.name), std::string(axis.column.doc)});
    }
  }
  return axes;
}

std::vector<Completions::Candidate> figures() {
  const std::vector<std::string> names = analysis::figures_of_summary();
  std::vector<Completions::Candidate> figures;
  for (const ColumnText& column : analysis::summary_table().columns) {
    if (std::find(names.begin(), names.end(), column.name) != names.end()) {
      figures.push_back({std::string(column.name), std::string(column.doc)});
    }
  }
  return figures;
}

/// Adds the values that fit the option, with `before` in front of each word.
void add_values(CLI::App& app, CLI::Option* option, const std::string& word,
                const std::string& before, const Given& given,
                const scenario::Registries& registries, Completions& found) {
  for (const Offer& offer : offers_of(option)) {
    std::vector<Completions::Candidate> values;
    switch (offer.source) {
      case Offer::Source::choices:
        for (const std::string& choice : offer.words) {
          values.push_back({choice, ""});
        }
        break;
      case Offer::Source::list:
        values = names_in_list(offer, word, registries);
        break;
      case Offer::Source::keys:
        values = keys_for(given.values, registries);
        break;
      case Offer::Source::figures:
        values = figures();
        break;
      case Offer::Source::axes:
        values = axes_after(word);
        break;
      case Offer::Source::list_name:
        values = list_names(given.values, registries);
        break;
      case Offer::Source::commands:
        values = command_names(app);
        values.push_back({"scenario", "The keys of scenario files"});
        break;
      case Offer::Source::files:
        found.files = "files";
        for (const std::string& ending : offer.words) {
          found.files += " " + ending;
        }
        break;
      case Offer::Source::folders:
        found.files = "folders";
        break;
    }
    for (Completions::Candidate& value : values) {
      found.candidates.push_back({before + value.word, std::move(value.meaning)});
    }
  }
}

void add_options(CLI::App& command, const Given& given, Completions& found) {
  for (const CLI::Option* option : command.get_options()) {
    const bool is_used =
        std::find(given.used.begin(), given.used.end(), option) != given.used.end();
    if (option->nonpositional() && (!is_used || is_repeatable(option))) {
      for (const std::string& name : option_names(option)) {
        found.candidates.push_back({name, option->get_description()});
      }
    }
  }
}

/// Returns the argument that the next word without an option is; null if there is none.
CLI::Option* next_argument(CLI::App& command, std::size_t count) {
  for (CLI::Option* option : command.get_options()) {
    if (option->get_positional()) {
      if (count == 0 || is_repeatable(option)) {
        return option;
      }
      --count;
    }
  }
  return nullptr;
}

Completions completions(CLI::App& app, const std::vector<std::string>& words,
                        const scenario::Registries& registries) {
  Completions found;
  const std::string word = words.empty() ? "" : words.back();
  if (words.size() <= 1) {
    if (word.starts_with('-')) {
      add_options(app, {}, found);
    } else {
      found.candidates = command_names(app);
    }
    return found;
  }
  CLI::App* command = find_command(app, words.front());
  if (command == nullptr) {
    return found;
  }
  const Given given = read_words(*command, {words.begin() + 1, words.end() - 1});
  if (given.open != nullptr) {
    add_values(app, given.open, word, "", given, registries, found);
    return found;
  }
  const std::size_t equals = word.find('=');
  if (!given.only_values && word.starts_with("--") && equals != std::string::npos) {
    CLI::Option* option = option_named(*command, word.substr(0, equals));
    if (option != nullptr && takes_value(option)) {
      add_values(app, option, word.substr(equals + 1), word.substr(0, equals + 1), given,
                 registries, found);
    }
    return found;
  }
  if (!given.only_values && word.starts_with('-')) {
    add_options(*command, given, found);
    return found;
  }
  if (CLI::Option* argument = next_argument(*command, given.values.size())) {
    add_values(app, argument, word, "", given, registries, found);
  }
  return found;
}

/// Returns the text on one line, up to the end of its first sentence.
std::string first_sentence(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return text.substr(0, text.find(". "));
}

}  // namespace

int print_completions(CLI::App& app, const std::vector<std::string>& words,
                      const scenario::Registries& registries) {
  const Completions found = completions(app, words, registries);
  const std::string word = words.empty() ? "" : words.back();
  std::string text = found.files + "\n";
  std::vector<std::string> seen;
  for (const auto& candidate : found.candidates) {
    const bool is_new = std::find(seen.begin(), seen.end(), candidate.word) == seen.end();
    if (is_new && candidate.word.starts_with(word)) {
      text += fmt::format("{}\t{}\n", printable_line(candidate.word),
                          printable_line(first_sentence(candidate.meaning)));
      seen.push_back(candidate.word);
    }
  }
  write_document(text);
  return 0;
}

}  // namespace offcut::cli
