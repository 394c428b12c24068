#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace offcut::analysis {

/// The texts of a sweep that are in none of its files.
struct SweepPageTexts {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;  // Pairs of a name and a text.
  std::vector<std::string> parameters;                     // Their columns in points.csv.
  std::vector<std::string> figures;  // Those that the sweep prints; they come first.
  double confidence = 0.95;          // Of the intervals.
  std::string scenario = {};         // The text of the base scenario; empty: it is not shown.
};

/// Writes the page of a sweep from points.csv and differences.csv in its folder. Throws InputError
/// if one of them can't be read, and OutputError if the page can't be written.
void write_sweep_page(const std::filesystem::path& folder, const SweepPageTexts& texts,
                      const std::string& path);

}  // namespace offcut::analysis
