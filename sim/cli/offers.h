#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace offcut::cli {

/// The sources of values that a shell can offer for an option: `offcut completion` reads them.
struct Offer {
  enum class Source {
    choices,   // The words themselves.
    list,      // The names that `offcut list WORD` shows.
    keys,      // Keys of the scenario on the command line, each with "=".
    figures,   // Columns of summary.csv.
    axes,      // Names of --pareto, separated by commas.
    list_name, // The second argument of `offcut list`.
    commands,
    files,     // Those that end in one of the words; without words, all.
    folders,
  };
  Source source;
  std::vector<std::string> words = {};
  std::string prefix = {};  // Before each name of a list, as in "zoo:".
};

/// Adds what a shell offers as the option's value.
CLI::Option* offer(CLI::Option* option, Offer offer);

/// Adds words, or the names that `offcut list KIND` shows.
CLI::Option* offer_choices(CLI::Option* option, std::vector<std::string> words);
CLI::Option* offer_list(CLI::Option* option, const std::string& kind);

/// Adds files with one of these endings.
CLI::Option* offer_files(CLI::Option* option, std::vector<std::string> endings);

/// Adds the built-in networks, and files with one of these endings.
CLI::Option* offer_models(CLI::Option* option, std::vector<std::string> endings);

/// Returns what was added; or else what the placeholder says, as in FILE, MODEL and FIGURE.
std::vector<Offer> offers_of(CLI::Option* option);

}  // namespace offcut::cli
