#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace offcut {

/// A row of a CSV file with its line number.
struct CsvRow {
  int line = 0;
  std::vector<std::string> fields;
};

/// Reads a CSV file (RFC 4180) that has at least one row. `content` names the expected content in
/// messages: "a layer table". Throws InputError if the file can't be read or is not CSV.
std::vector<CsvRow> read_csv(const std::string& path, std::string_view content);

}  // namespace offcut
