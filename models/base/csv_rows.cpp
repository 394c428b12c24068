// Reads a CSV file into rows of fields. libcsv parses it; here, the rows get their lines,
// and a file that is a folder, binary, unreadable or empty becomes a clear error. The place of a
// field is found in the text when an error needs it, so that it costs valid files nothing.
#include "models/base/csv_rows.h"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "models/base/error.h"
#include "models/base/text_file.h"

namespace offcut {
namespace {

/// Returns the end of the line that begins there, after its line feed, carriage return, or both.
std::size_t end_of_line(std::string_view text, std::size_t begin) {
  const std::size_t end = text.find_first_of("\r\n", begin);
  if (end == std::string_view::npos) {
    return text.size();
  }
  return end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
}

/// Splits the file's text into rows with libcsv, which handles quotes and line ends.
void parse_rows(CsvFile& file) {
  struct State {
    std::vector<CsvRow>& rows;
    CsvRow row = {};
  } state{file.rows};
  csv_parser parser;
  csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
  const auto on_field = [](void* data, std::size_t size, void* into) {
    static_cast<State*>(into)->row.fields.emplace_back(static_cast<const char*>(data), size);
  };
  const auto on_row = [](int, void* into) {
    auto& s = *static_cast<State*>(into);
    s.rows.push_back(std::exchange(s.row, {}));
  };
  std::optional<Diagnostic> wrong;
  // The parser gets one line at a time, so that the position of each row is known. A row goes on
  // after the end of a line that is between quotes.
  bool in_quotes = false;
  int line = 1;
  for (std::size_t begin = 0; !wrong && begin < file.text.size(); ++line) {
    const std::size_t end = end_of_line(file.text, begin);
    const std::string_view text = std::string_view(file.text).substr(begin, end - begin);
    if (!in_quotes) {
      state.row.line = line;
      state.row.begin = begin;
    }
    const std::size_t read = csv_parse(&parser, text.data(), text.size(), on_field, on_row, &state);
    if (read != text.size()) {
      wrong = {
          {file.path, line, static_cast<int>(read) + 1},
          csv_error(&parser) == CSV_EPARSE
              ? "a quote within a field: expected the field between quotes, and its own doubled"
              : csv_strerror(csv_error(&parser))};
    }
    in_quotes ^= std::count(text.begin(), text.end(), '"') % 2 != 0;
    begin = end;
  }
  if (!wrong && csv_fini(&parser, on_field, on_row, &state) != 0) {
    wrong = {file.place_of(state.row, state.row.fields.size()), "a quote is not closed"};
  }
  csv_free(&parser);
  if (wrong) {
    throw InputError(wrong->place, "not a CSV file: " + wrong->message);
  }
}

std::string read_csv_text(const std::string& path, std::string_view content) {
  std::string text = read_text_file(path, fmt::format("{} (CSV)", content));
  const auto is_control = [](unsigned char c) {
    return c < 0x20 && c != '\n' && c != '\r' && c != '\t';
  };
  if (std::any_of(text.begin(), text.end(), is_control)) {
    throw InputError({path}, fmt::format("is a binary file, expected {} (CSV)", content));
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // Excel writes it.
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

}  // namespace

CsvFile read_csv(const std::string& path, std::string_view content) {
  CsvFile file{.path = path, .text = read_csv_text(path, content)};
  parse_rows(file);
  if (file.rows.empty()) {
    throw InputError({path}, fmt::format("is empty, expected {} (CSV)", content));
  }
  return file;
}

std::vector<std::string> csv_fields(std::string_view line) {
  struct State {
    std::vector<std::string> fields;
    int rows = 0;
  } state;
  csv_parser parser;
  csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
  const auto on_field = [](void* data, std::size_t size, void* into) {
    static_cast<State*>(into)->fields.emplace_back(static_cast<const char*>(data), size);
  };
  const auto on_row = [](int, void* into) { ++static_cast<State*>(into)->rows; };
  const bool is_whole =
      csv_parse(&parser, line.data(), line.size(), on_field, on_row, &state) == line.size() &&
      csv_fini(&parser, on_field, on_row, &state) == 0;
  csv_free(&parser);
  if (!is_whole || state.rows > 1) {
    throw std::invalid_argument("not one row of CSV");
  }
  return std::move(state.fields);
}

Place CsvFile::place_of(const CsvRow& row, std::size_t field) const {
  Place place{path, row.line, 1};
  std::size_t i = row.begin;
  for (bool in_quotes = false; field > 0 && i < text.size(); ++i) {
    in_quotes ^= text[i] == '"';
    if (text[i] == ',' && !in_quotes) {
      --field;
    }
    const bool ends_line = text[i] == '\n' || (text[i] == '\r' && text.substr(i + 1, 1) != "\n");
    place.line += ends_line ? 1 : 0;
    place.column = ends_line ? 1 : place.column + 1;
  }
  const std::size_t first = std::min(text.find_first_not_of(" \t", i), text.size());
  place.column += static_cast<int>(first - i);  // Blanks before a field are not part of it.
  return place;
}

}  // namespace offcut
