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
  std::string suffix = {};   // Longer names that end in it are valid, too; empty: no such names.
  bool has_numbers = false;  // '@' and a number may follow the suffix: "edge_s@8".
  /// Columns of other names are ignored, unless only their case or a final s differs from a name.
  bool ignores_others = false;
  std::vector<std::string> any_of = {};  // One of them at least is required.
};

/// A CSV file whose first row names the columns, in any order. Collects the errors found in it.
class CsvTable {
 public:
  /// `content` is as for read_csv(). Throws InputError as read_csv() does, and for all columns that
  /// are unknown, duplicate or missing.
  CsvTable(const std::string& path, std::string_view content, const CsvColumns& columns);

  bool has(std::string_view column) const { return column_.contains(column); }
  /// Returns the names of the columns in the file's order.
  const std::vector<std::string>& columns() const { return file_.rows.front().fields; }
  /// Returns the row with the names of the columns, for errors in them.
  const CsvRow& header() const { return file_.rows.front(); }
  /// Returns the rows after the header.
  std::span<const CsvRow> rows() const { return std::span(file_.rows).subspan(1); }

  /// Returns whether the row has a field for each column. Adds an error if not.
  bool is_whole(const CsvRow& row);
  /// Returns the row's field, which is empty if the row is too short. REQUIRES: has(column).
  const std::string& field(const CsvRow& row, std::string_view column) const;
  /// Parses a field that must be a number within these bounds. Adds an error and returns nothing if
  /// it is not.
  std::optional<double> number(const CsvRow& row, std::string_view column, double least,
                               double most);
  std::optional<std::int64_t> whole_number(const CsvRow& row, std::string_view column,
                                           std::int64_t least, std::int64_t most,
                                           std::string_view kind = "a whole number");

  /// Returns the place of the row's field. REQUIRES: has(column), and the row is whole.
  Place place_of(const CsvRow& row, std::string_view column) const;
  /// Adds an error in the row's field. REQUIRES: as above.
  void error(const CsvRow& row, std::string_view column, std::string message);
  /// Throws InputError with the errors found so far, if there are any.
  void stop_on_diagnostics();

 private:
  void read_header(const CsvColumns& columns);
  void note_missing(const std::string& column);
  void error(const CsvRow& row, std::size_t field, std::string message);

  CsvFile file_;
  std::map<std::string, std::size_t, std::less<>> column_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace offcut
