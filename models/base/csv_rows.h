#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace offcut {

/// A row of a CSV file, with its line in the file.
struct CsvRow {
  int line = 0;
  std::vector<std::string> fields;
};

/// Reads a CSV file (RFC 4180) that holds at least one row. `what` names the expected content in
/// messages: "a layer table". Throws InputError if the file cannot be read or is not CSV.
std::vector<CsvRow> read_csv(const std::string& path, std::string_view what);

}  // namespace offcut
