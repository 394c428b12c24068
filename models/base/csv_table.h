#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/csv_rows.h"
#include "models/base/error.h"

namespace offcut {

/// The valid column names of a CSV file.
struct CsvColumns {
  std::vector<std::string> required;
  std::vector<std::string> optional = {};
  std::string suffix = {};  // longer names that end in it are valid too; empty: none are
};

/// A CSV file whose first row names the columns, in any order, with the errors found in it.
class CsvTable {
 public:
  /// `what` as for read_csv(). Throws InputError as it does, and if columns are unknown, duplicate
  /// or missing, with all of them.
  CsvTable(const std::string& path, std::string_view what, const CsvColumns& columns);

  bool has(std::string_view column) const { return column_.contains(column); }
  /// The names of the columns, in the file's order.
  const std::vector<std::string>& columns() const { return rows_.front().fields; }
  /// The rows below the header.
  std::span<const CsvRow> rows() const { return std::span(rows_).subspan(1); }

  /// Whether the row has a field for each column. Notes an error if not.
  bool is_whole(const CsvRow& row);
  /// The row's field; empty if the row is too short. REQUIRES: has(column).
  const std::string& field(const CsvRow& row, std::string_view column) const;
  /// A field that must be a number within these bounds. Notes an error and returns none if it is
  /// not.
  std::optional<double> number(const CsvRow& row, std::string_view column, double least,
                               double most);
  std::optional<std::int64_t> whole_number(const CsvRow& row, std::string_view column,
                                           std::int64_t least, std::int64_t most,
                                           std::string_view kind = "a whole number");

  /// Notes an error in the row.
  void error(const CsvRow& row, std::string message);
  /// Throws InputError with the errors noted so far, if there are any.
  void stop_on_diagnostics();

 private:
  void read_header(const CsvColumns& columns);

  std::string path_;
  std::vector<CsvRow> rows_;
  std::map<std::string, std::size_t, std::less<>> column_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace offcut
