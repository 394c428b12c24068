#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace offcut::cli {

/// A table for people. In a pipe its columns are as wide as their widest cell. On a terminal that
/// is narrower than that, one rule makes it fit:
///
/// 1. Headers and long texts are wrapped, a text to no less than 24 columns.
/// 2. If that does not suffice, columns are left out, the least important first, and a line below
///    the table names them. The first column always stays.
///
/// Texts are aligned to the left, numbers to the right. Each text is made a printable_line().
class TextTable {
 public:
  /// A header that starts with '>' marks a column of numbers.
  explicit TextTable(std::vector<std::string> header);

  /// REQUIRES: as many texts as the header has (std::logic_error otherwise).
  void add(std::vector<std::string> row);
  /// Removes the columns in which no row has anything.
  void drop_empty_columns();
  /// Says which columns a narrow terminal does without, the least important first. The others
  /// follow from the right. Names that the header does not have are ignored.
  void set_least_important(std::vector<std::string> names);
  /// Leaves columns out in a pipe, too, if the table is wider than 80 columns: the file has them
  /// all.
  void set_complete_in(std::string file) { complete_in_ = std::move(file); }

  std::string text() const;

 private:
  std::string name(std::size_t column) const;
  bool is_wrappable(std::size_t column) const { return column > 0 && !is_number_[column]; }
  std::size_t widest(std::size_t column) const;
  std::size_t least_width(std::size_t column) const;
  std::vector<std::size_t> widths_within(const std::vector<std::size_t>& columns,
                                         std::size_t limit) const;
  std::size_t least_important(const std::vector<std::size_t>& columns) const;
  std::string row_text(const std::vector<std::string>& row, const std::vector<std::size_t>& columns,
                       const std::vector<std::size_t>& widths) const;
  std::string rows_text(const std::vector<std::size_t>& columns,
                        const std::vector<std::size_t>& widths) const;

  std::vector<bool> is_number_;
  std::vector<std::vector<std::string>> rows_;  // The first is the header.
  std::vector<std::string> least_important_;
  std::string complete_in_;  // Empty: no file.
};

/// Returns "12.3 %" for 0.123.
std::string to_percent(double share);

}  // namespace offcut::cli
