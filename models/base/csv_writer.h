#pragma once

#include <array>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace offcut {

/// Which texts of the rows are quoted. Column names are quoted only where they must be.
enum class CsvQuotes { where_needed, every_text };

/// Writes one CSV file row by row (RFC 4180, lines end in LF): texts quoted where they must be,
/// numbers with all their digits, a missing value as an empty field. Keeps no rows.
class CsvWriter {
 public:
  /// Throws InputError if the file can't be opened.
  CsvWriter(const std::string& path, const std::vector<std::string>& header,
            CsvQuotes quotes = CsvQuotes::where_needed);

  CsvWriter& text(std::string_view value);
  CsvWriter& number(double value);
  CsvWriter& integer(std::int64_t value);
  CsvWriter& empty();

  /// Writes a value as its type asks for: a text, an integer (a bool is 1 or 0), a number, a
  /// quantity in SI, or an optional one of these, which is empty without a value.
  template <class T>
  CsvWriter& field(const T& value) {
    if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      return text(value);
    } else if constexpr (std::is_integral_v<T>) {
      return integer(static_cast<std::int64_t>(value));
    } else if constexpr (requires { value.si(); }) {
      return number(value.si());
    } else if constexpr (requires { value.has_value(); }) {
      return value ? field(*value) : empty();
    } else {
      return number(value);
    }
  }

  /// Ends the row. Throws std::logic_error unless it has as many fields as the header.
  void end_row();
  /// Writes what is buffered and closes. Throws InputError if the disk does not take it.
  void close();

 private:
  /// A column's last number that was no integer: many are the same row after row.
  struct NumberText {
    double value = std::numeric_limits<double>::quiet_NaN();
    std::size_t size = 0;
    std::array<char, 32> text;  // 17 digits, or 16 zeros and dots, and an exponent
  };

  /// Begins a field: where to write it, at most `room` characters.
  char* begin_field(std::size_t room);
  CsvWriter& end_field(const char* end);
  void flush();

  std::string path_;
  CsvQuotes quotes_ = CsvQuotes::where_needed;
  std::ofstream file_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;          // of the buffer
  std::vector<NumberText> last_;  // by column
  std::size_t fields_ = 0;
};

}  // namespace offcut
