#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace offcut::cli {

/// A kind of `offcut plot`: a file of analysis/plots/offcut_plots/kinds.
struct PlotKind {
  std::string name;  // That of the file, with hyphens.
  std::string doc;
};

/// Returns the program in Python that draws. Throws InputError if it is not installed.
std::filesystem::path plot_program();

/// Returns all kinds by name. Throws InputError if there are none.
std::vector<PlotKind> plot_kinds();

}  // namespace offcut::cli
