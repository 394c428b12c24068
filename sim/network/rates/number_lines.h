#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/error.h"

namespace offcut::network {

/// A text file with some numbers on each line, separated by blanks. Blank lines do not count.
/// Collects the errors found in it.
class NumberLines {
 public:
  struct Line {
    int number = 0;                        // Counted from 1.
    std::vector<std::string_view> fields;  // Without blanks.
    std::vector<int> columns;              // Of the fields, counted from 1.
  };

  /// `content` names the file's content in messages. Throws InputError if it can't be read.
  NumberLines(const std::string& path, std::string_view content);

  const std::vector<Line>& lines() const { return lines_; }
  /// Returns whether the line has so many fields. Adds an error if not; `fields` describes them.
  bool has(const Line& line, std::size_t count, std::string_view fields);
  /// Parses a field that must be a number within these bounds, a whole one if `is_whole`. Adds an
  /// error and returns nothing if it is not.
  std::optional<double> number(const Line& line, std::size_t field, std::string_view name,
                               double least, double most, bool is_whole = false);
  void error(const Line& line, std::size_t field, std::string message);
  /// Throws InputError with the errors found so far, if there are any.
  void stop_on_errors();

 private:
  std::string path_;
  std::string text_;
  std::vector<Line> lines_;
  std::vector<Diagnostic> errors_;
};

/// Returns whether a line has exactly so many numbers, separated by blanks.
bool is_of_numbers(std::string_view line, std::size_t count);

}  // namespace offcut::network
