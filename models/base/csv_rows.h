#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/base/error.h"

namespace offcut {

/// A row of a CSV file with the position at which it begins.
struct CsvRow {
  int line = 0;
  std::size_t begin = 0;  // In the text of the file.
  std::vector<std::string> fields;
};

/// The rows of a CSV file, and its text, in which errors have their places.
struct CsvFile {
  std::string path;
  std::string text;
  std::vector<CsvRow> rows;

  /// Returns the place of the row's field. REQUIRES: the row has as many fields, or one less.
  Place place_of(const CsvRow& row, std::size_t field) const;
};

/// Reads a CSV file (RFC 4180) that has at least one row. `content` names the expected content in
/// messages: "a layer table". Throws InputError if the file can't be read or is not CSV.
CsvFile read_csv(const std::string& path, std::string_view content);

/// Returns the fields of one row as CsvWriter writes it, with or without its line feed. Throws
/// std::invalid_argument if it is not one row.
std::vector<std::string> csv_fields(std::string_view line);

}  // namespace offcut
