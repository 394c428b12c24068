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

/// Says which texts in rows are quoted. Column names are quoted only where they must be.
enum class CsvQuotes { where_needed, every_text };

/// Writes CSV row by row, into a file or a text (RFC 4180, lines end in LF): texts are quoted where they must be,
/// numbers have all their digits, and a missing value is an empty field. Keeps no rows.
class CsvWriter {
 public:
  /// Throws InputError if the file can't be opened.
  CsvWriter(const std::string& path, const std::vector<std::string>& header,
            CsvQuotes quotes = CsvQuotes::where_needed);
  /// Appends rows of so many fields, without a header, to a text, which must outlive the writer.
  CsvWriter(std::string& rows, std::size_t fields, CsvQuotes quotes = CsvQuotes::where_needed);

  CsvWriter& text(std::string_view value);
  CsvWriter& number(double value);
  CsvWriter& integer(std::int64_t value);
  CsvWriter& empty();

  /// Writes a value according to its type: a text, an integer (a bool is 1 or 0), a number, a
  /// quantity in SI, or an optional one of these, which gives an empty field without a value.
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
  /// Writes the buffer and closes the file. Throws InputError if that fails.
  void close();

 private:
  /// The last non-integer number of a column: many repeat row after row.
  struct NumberText {
    double value = std::numeric_limits<double>::quiet_NaN();
    std::size_t size = 0;
    std::array<char, 32> text;  // Room for 17 digits, or 16 zeros and dots, and an exponent.
  };

  /// Begins a field and returns the place to write it, with space for `room` characters.
  char* begin_field(std::size_t room);
  CsvWriter& end_field(const char* end);
  void flush();

  std::string path_;
  CsvQuotes quotes_ = CsvQuotes::where_needed;
  std::ofstream file_;
  std::string* rows_ = nullptr;  // In place of the file.
  std::vector<char> buffer_;
  std::size_t used_ = 0;          // Bytes in the buffer.
  std::vector<NumberText> last_;  // Indexed by column.
  std::size_t fields_ = 0;
};

/// Returns texts as the fields of one row, without a line feed.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace offcut
