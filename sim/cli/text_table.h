#pragma once

#include <string>
#include <vector>

namespace offcut::cli {

/// Columns of text for the terminal: as wide as their widest cell; texts to the left, the columns
/// of numbers to the right.
class TextTable {
 public:
  /// A header that starts with '>' marks a column of numbers.
  explicit TextTable(std::vector<std::string> header);
  /// REQUIRES: as many texts as the header has (std::logic_error otherwise).
  void add(std::vector<std::string> row);
  /// Takes out the columns in which no row has anything.
  void drop_empty_columns();
  std::string text() const;

 private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

/// "12.3 %" for 0.123.
std::string to_percent(double share);

}  // namespace offcut::cli
